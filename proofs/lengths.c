/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Gives the headers that are proved a translation unit of their own. */
#include "base/bytes.h"
#include "base/slice.h"
#include "verifier/image_len.h"
