/* SPDX-License-Identifier: MIT */
/* Neighbouring elements of a work-item: structures, vectors, bytes; stores that a load lies between. */
struct triple {
	uint a, b, c;
};

kernel void pieces(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	global const struct triple *t = (global const struct triple *)in + g;
	global const uchar *bytes = (global const uchar *)(in + g * 4);
	global uint *own = out + g * 4;

	own[0] = t->a * 3 + t->b * 5 + t->c;
	own[2] = bytes[0] + bytes[1] * 2u + bytes[4] * 3u + bytes[12] * 7u;
	own[3] = in[g * 4 + 3] - in[g * 4];
	own[1] = own[n - 1] + own[n + 1];
	own[2] = own[n] ^ in[g * 4 + 1];
	if (in[g] & 1) {
		own[0] = in[g * 2];
		own[1] = in[g * 2 + 1];
	}
	own[n + 2] += own[1];
	own[3] ^= own[0];
}
