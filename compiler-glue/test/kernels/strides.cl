/* SPDX-License-Identifier: MIT */
/* Addresses that go up by a fixed step from lane to lane, until their index wraps. */
kernel void strides(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0), size = get_global_size(0);
	uint low = g;
	uint big = low + 0xfffffff9u;
	int down = (int)size - 1 - (int)g;
	uint sum = 0;

	out[g * 4] = in[down] * 3 + in[g ^ 1];
	if (low >= 7)
		sum += in[big];
	sum += in[(uchar)(low * 3)] + in[(ushort)(low + 65530) & 63];
	sum += in[32 + ((char)(low * 7) >> 2)];
	out[g * 4 + 1] = sum;
	/* A multiple that overflows 32 bits, and one that must not. */
	out[g * 4 + 2] = in[(low * 0x40000001u) % 50] + in[((ulong)low * 0x40000001ul) % 50];
	global const uint *p = in + g;
	for (uint i = 0; i < 3; i++, p += 2)
		sum += p[i] + (p - 1 >= in ? p[-1] : 0);
	out[g * 4 + 3] = sum + (uint)(p - in);
}
