/* SPDX-License-Identifier: MIT */
/* Half precision, for printing. */
#ifndef CW_HALF_H
#define CW_HALF_H

#include <stdint.h>
#include <string.h>

/* IEEE binary16 to binary32, exactly; no instruction beyond the baseline. */
static inline float cw_half_to_float(uint16_t half)
{
	uint32_t sign = (uint32_t)(half & 0x8000) << 16;
	uint32_t rest = half & 0x7fff;
	uint32_t bits;
	float value;

	if (rest < 0x400) { /* zero and denormals: rest * 2^-24 */
		value = (float)rest * 0x1p-24f;
		memcpy(&bits, &value, sizeof(bits));
	} else if (rest >= 0x7c00) {
		bits = 0x7f800000 | (rest & 0x3ff) << 13;
	} else {
		bits = (rest << 13) + (112u << 23);
	}
	bits |= sign;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

#endif
