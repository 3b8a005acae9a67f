/* SPDX-License-Identifier: MIT */
/* Jumps to a place that sets a value by a conversion, and jumps over it. */
kernel void jumps(global const uint *in, global uint *out, uint n)
{
	size_t g = get_global_id(0);
	ulong size = get_global_size(0), value = (ulong)(g * 5 - in[g]);
	uint x = in[g], y = (uint)g * 7u, z = (uint)g ^ 3u;

	out[g * 4 + 1] = 0;
	if (size == x && (x = (uint)size) > 18u)
		goto set;
	switch ((y / (z | 1)) & 7u) {
	case 0:
		y ^= atomic_cmpxchg(&out[g * 4 + 1], z, x);
		break;
	}
	if ((y & 1) * (x & n) != 0)
		goto keep;
set:
	value = size;
keep:
	out[g * 4] = (uint)value;
}
