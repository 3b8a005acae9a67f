/* SPDX-License-Identifier: MIT */
/* A structure by value, with members of every alignment. */
struct inner {
	uchar tag;
	ushort2 pair;
};
struct options {
	uchar a;
	ulong b;
	struct inner list[3];
	uint3 v;
	float f;
	char last;
};

static uint use(struct options o, uint i)
{
	o.list[i].tag += 1;
	o.b += o.list[i].pair.y;
	return (uint)o.b + o.list[i].tag;
}

kernel void byval(global const uint *in, global uint *out, uint n, local uint *lp, struct options o,
		  uchar after)
{
	size_t g = get_global_id(0);
	uint i = in[g] % 3;

	out[g * 4] = use(o, i);
	o.list[i].pair.x += (ushort)g;
	out[g * 4 + 1] = o.list[i].pair.x + o.list[0].pair.x + o.v.z;
	out[g * 4 + 2] = o.a + (uint)(int)o.last + (uint)(int)o.f;
	out[g * 4 + 3] = after + (uint)o.b + sizeof(o);
}
