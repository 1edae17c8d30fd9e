# SPDX-License-Identifier: Apache-2.0 OR MIT


class BLEAdapter:
    pass


class BLEAdapterObserver:
    pass


class EvtSync:
    pass
