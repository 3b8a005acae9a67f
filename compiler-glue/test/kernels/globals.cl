/* SPDX-License-Identifier: MIT */
/* Program-scope variables: initialised, shared by kernels, some pointing at others. */
constant uint squares[6] = {0, 1, 4, 9, 16, 25};
global uint counters[4] = {5, 6, 7, 8};
global uint zeros[300];
global uint *global where = &counters[2];
static global ulong wide = 0x123456789abcdeful;
static constant struct {
	char c;
	constant uint *p;
} nested[2] = {{1, squares + 2}, {-2, squares + 5}};

kernel void globals(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint x = in[g];

	out[g * 4] = squares[x % 6] + *nested[x & 1].p + (uint)nested[x & 1].c;
	out[g * 4 + 1] = counters[x & 1] + *where + zeros[x % 300];
	out[g * 4 + 2] = (uint)(wide >> (x & 31));
	out[g * 4 + 3] = atomic_add(&counters[3], 1);
}
