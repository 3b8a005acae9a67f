/* SPDX-License-Identifier: MIT */
/* Conditions and conversions of vectors. */
kernel void vectors(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint x = in[g];
	uint16 v = x + (uint16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
	int16 big = v > 100u;
	uint16 chosen = big ? v : v * 2u;
	uchar16 bytes = convert_uchar16_sat(chosen * 2u);
	uint4 q = chosen.s048c + convert_uint4(bytes.hi.odd);

	q.yw = q.wy;
	out[g * 4] = q.x + q.y * 3 + q.z * 5 + q.w * 7;
	out[g * 4 + 1] = (uint)any(big) + 2u * (uint)all(big) + 4u * (uint)any(v.lo == 3u);
	out[g * 4 + 2] = select(v, chosen, as_uint16(big << 31)).s9;
	out[g * 4 + 3] = (as_uint(as_uchar4(x).wzyx) >> 8) + (uint)dot(convert_float4(v.lo.lo), (float4)(1, 2, 3, 4));
}
