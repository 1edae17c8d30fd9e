# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Every name that nrfutil imports exists; none of them can be used."""
import threading


class _Absent:
    api_lock = threading.RLock()

    def __init__(self, *args, **kwargs):
        raise RuntimeError("there is no Bluetooth driver")


class BLEUUID:
    class Standard:
        cccd = 0x2902

    def __init__(self, value, base=None):
        self.value = value
        self.base = base


class BLEUUIDBase:
    def __init__(self, vs_uuid_base=None, uuid_type=None):
        self.base = vs_uuid_base


class NordicSemiErrorCheck:
    def __init__(self, wrapped=None, expected=0):
        pass

    def __call__(self, function):
        return function


class BLEDriverObserver:
    pass


ATT_MTU_DEFAULT = 23
NRF_ERRORS = {}
NRF_SUCCESS = 0
SUPPORTED_FAMILIES = ("NRF51", "NRF52")


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return _Absent
