# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Stands in for a Bluetooth driver that has no build for current Pythons.

nrfutil imports it at start for every command, but uses it only to talk to a
Bluetooth dongle, which none of the commands here does.
"""


class config:
    __conn_ic_id__ = "NRF52"

    @staticmethod
    def sd_api_ver_get():
        return 5
