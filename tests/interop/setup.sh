#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Make a virtual environment with the real nrfutil 6.1.7. Its metadata excludes
# current Pythons and one of its dependencies has no build for them, so both
# are installed by hand. usage: setup.sh PYTHON VENV
set -eu

python=$1
venv=$2
here=$(dirname "$0")

[ ! -e "$venv/ready" ] || exit 0
rm -rf "$venv"
"$python" -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check \
    --ignore-requires-python --no-deps nrfutil==6.1.7
"$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps \
    -r "$here/requirements.txt"
site=$("$venv/bin/python" -c \
    'import sysconfig; print(sysconfig.get_paths()["purelib"])')
cp -R "$here/stub/pc_ble_driver_py" "$site/"
"$venv/bin/nrfutil" version
touch "$venv/ready"
