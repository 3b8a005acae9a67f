/* SPDX-License-Identifier: MIT */
/* half in memory only; rounding on the way there. */
kernel void half_storage(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	float x = (float)in[g] + 0.4996f;
	global half *h = (global half *)(out + g * 4);

	vstore_half(x, 0, h);
	vstore_half_rtz(x, 1, h);
	if (in[g] & 1)
		vstore_half_rtp(-x, 2, h);
	else
		vstore_half_rtn((double)-x, 2, h);
	vstore_half2((float2)(1.5f, 65504.0f), 2, h);
	out[g * 4 + 3] = as_uint(vload_half(4, h) + vload_half2(2, h).s1 + vload_half(0, h) * 0.0f);
	vstore_half(vload_half(0, h), 3, h);
}
