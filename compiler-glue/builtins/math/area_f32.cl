/* SPDX-License-Identifier: MIT */
/* float asinh, acosh, atanh. */
#include "../cl/lib.h"
#include "area.h"
#include "float.h"

CW_DEFINE_AREA(float, 0x1.62e43p-1f, 0x1p30f)
