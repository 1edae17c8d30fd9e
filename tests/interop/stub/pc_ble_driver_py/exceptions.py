# SPDX-License-Identifier: Apache-2.0 OR MIT


class NordicSemiException(Exception):
    pass


class IllegalStateException(NordicSemiException):
    pass
