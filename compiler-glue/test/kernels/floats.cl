/* SPDX-License-Identifier: MIT */
/* Floating point where a lane's exactness shows: NaN, signed zeros, conversions, fma. */
kernel void floats(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint x = in[g];
	float f = (float)x - 100.0f, zero = f - f;
	float quotient = x % 4 == 0 ? zero / zero : f / (float)(x % 4);
	double d = (double)x * 1e10 + 0.5;

	out[g * 4] = (quotient != quotient) + 2u * (quotient > 3.0f) + 4u * !(quotient <= 3.0f) +
		     8u * (uint)isless(quotient, 3.0f);
	out[g * 4 + 1] = as_uint(x & 1 ? -zero : zero) ^ as_uint(fma(f, f, -1.0f));
	out[g * 4 + 2] = convert_uint_sat(d) + (uint)convert_uchar_sat(f);
	out[g * 4 + 3] = (uint)convert_int_rte(f / 8.0f) + as_uint(sqrt((float)(x * x)));
	out[g * 4 + 3] ^= fmax(quotient, -50.0f) < -50.0f;
}
