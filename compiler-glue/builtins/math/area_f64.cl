/* SPDX-License-Identifier: MIT */
/* double asinh, acosh, atanh. */
#include "../cl/lib.h"
#include "area.h"
#include "double.h"

CW_DEFINE_AREA(double, 0x1.62e42fefa39efp-1, 0x1p60)
