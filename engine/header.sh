#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The machine code as a C header, for the host tool to carry.
#
# usage: header.sh CODE >HEADER
set -eu

len=$(($(wc -c <"$1")))
echo '#include <stdint.h>'
echo "#define ASSAY_M4_CODE_LEN ${len}u"
if [ "$len" -eq 0 ]; then
    echo '#define ASSAY_M4_CODE_DIGEST ""'
    echo 'static const uint8_t ASSAY_M4_CODE[1] = {0};'
    exit 0
fi
echo "#define ASSAY_M4_CODE_DIGEST \"$(sha256sum <"$1" | cut -c 1-64)\""
echo 'static const uint8_t ASSAY_M4_CODE[ASSAY_M4_CODE_LEN] = {'
od -An -v -tx1 "$1" | sed 's/ \(..\)/0x\1,/g'
echo '};'
