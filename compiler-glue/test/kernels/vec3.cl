/* SPDX-License-Identifier: MIT */
/* Vectors of three: sixteen bytes in memory, twelve in vload3 and vstore3. */
struct point {
	uint3 at;
	uchar3 color;
	uint mass;
};

static uint3 turn(uint3 v)
{
	return v.zxy;
}

kernel void vec3(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint3 v = vload3(g / 3, in), table[5];
	struct point p[2];

	for (uint i = 0; i < 5; i++)
		table[i] = v + i * (uint3)(1, 10, 100);
	p[g & 1].at = table[in[g] % 5];
	p[g & 1].mass = sizeof(struct point);
	p[g & 1].color = (uchar3)(1, 2, 250) * (uchar)3;
	p[~g & 1] = p[g & 1];
	p[0].at.y ^= n;
	vstore3(turn(p[0].at), 0, out + g * 4);
	out[g * 4 + 3] = p[1].mass + p[1].color.z + (p[1].at.s2 << 8);
}
