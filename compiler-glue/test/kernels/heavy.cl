/* SPDX-License-Identifier: MIT */
/* Library functions that are called, not inlined: in divergent flow, loops and after barriers. */
static float pick(float x, uint which)
{
	switch (which % 5) {
	case 0:
		return sin(x);
	case 1:
		return exp2(x);
	case 2:
		return pow(x + 1.0f, 2.0f);
	case 3:
		return atan2(x, 2.0f);
	}
	return log(x + 1.0f);
}

kernel void heavy(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint lid = get_local_id(0), lsz = get_local_size(0), x = in[g];
	float f = (float)(x % 30) * 0.25f;

	out[g * 4] = as_uint(pick(f, x));
	float total = 0;
	for (uint i = 0; i < x % 4; i++)
		total += cos((float)i + f);
	lp[lid] = as_uint(total);
	barrier(CLK_LOCAL_MEM_FENCE);
	out[g * 4 + 1] = lp[(lid + 1) % lsz];
	double d = x & 1 ? cbrt((double)x) : exp((double)f);
	out[g * 4 + 2] = as_uint((float)d);
	/* The same in all work-items. */
	out[g * 4 + 3] = as_uint(x > 128 ? sin((float)n) : tan((float)n));
}
