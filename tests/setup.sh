#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Install the Debian packages named in the arguments that are missing.
set -eu

installed=" $(dpkg-query -W -f '${Package} ${db:Status-Status}\n' 2>/dev/null |
    sed -n 's/ installed$//p' | tr '\n' ' ') "
missing=
for package in "$@"; do
    case "$installed" in
    *" $package "*) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "setup: missing packages:$missing" >&2
        echo "setup: install them as root, or install sudo" >&2
        exit 1
    }
    sudo=sudo
fi
echo "setup: installing$missing"
$sudo env DEBIAN_FRONTEND=noninteractive apt-get update -qq
# shellcheck disable=SC2086 # the list is meant to be split
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends $missing >/dev/null
