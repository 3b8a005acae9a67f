/* SPDX-License-Identifier: MIT */
/* Private arrays seen through other pointers: in memory, as bytes, as vectors, as numbers. */
static uint sum(uint *p, uint count)
{
	uint total = 0;

	while (count--)
		total = total * 3 + *p++;
	return total;
}

kernel void private_pointers(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint a[12], b[12], x = in[g];
	private uint *table[3] = {a, b, a + 4};
	union {
		ulong wide[2];
		ushort narrow[8];
	} both;

	for (uint i = 0; i < 12; i++) {
		a[i] = i * 1000 + x;
		b[i] = i + n;
	}
	private uchar *bytes = (private uchar *)a;
	bytes[x % 48] = 7;
	bytes[(x * 5) % 48]++;
	bytes[x % 24 * 2] ^= 9;
	table[x % 3][x % 8] ^= 0x55555;
	if (x & 1)
		table[1] = table[(x >> 1) % 3] + 1;
	uint4 v = vload4(0, a + x % 9);
	vstore3(v.zyx, 0, b + 1 + x % 9);
	both.wide[0] = (ulong)x << 33;
	both.wide[1] = ~0ul;
	both.narrow[x % 8] = 12;
	ptrdiff_t apart = table[2] - a;
	out[g * 4] = sum(a, 12);
	out[g * 4 + 1] = sum(x & 2 ? b : a + 1, 11);
	out[g * 4 + 2] = *table[1] + (uint)apart * 100 + (uint)((ulong)&a[7] - (ulong)&a[5]);
	out[g * 4 + 3] = (uint)(both.wide[0] >> 32) + (uint)(both.wide[1] >> 16) + (&a[x % 3] < &a[2]);
}
