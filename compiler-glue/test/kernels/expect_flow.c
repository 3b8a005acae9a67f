/* SPDX-License-Identifier: MIT */
/* Control flow. */
#include "expect.h"

static void masked_load(const struct item *item, uint32_t *out)
{
	uint32_t x = item->in[item->g];

	out[0] = x;
	out[1] = x < 100 ? item->in[x] : 7;
	out[2] = 0;
	for (uint32_t i = 0; i < x % 3; i++)
		out[2] += item->in[i];
	out[3] = item->g % 2 && x && 1000 / x > 20 ? 1000 / x : 0;
}

/* The whole group, round by round. */
static void loop_exits(const struct item *item, uint32_t *out)
{
	uint32_t x[1024], before[1024], lsz = (uint32_t)item->lsz, i;

	/* no group is empty */
	if (!lsz)
		return;
	for (i = 0; i < lsz; i++)
		x[i] = item->in[item->first + i];
	for (i = 0; i < 40; i++) {
		for (uint32_t k = 0; k < lsz; k++)
			before[k] = x[k];
		if (before[0] > 5000) {
			out[1] = 1 + 4;
			break;
		}
		for (uint32_t k = 0; k < lsz; k++)
			x[k] += before[(k + 1) % lsz] % 97;
		if (before[lsz - 1] > 2500) {
			out[1] = 2;
			break;
		}
		out[1] = 4;
		if (x[lsz / 2] % 61 == ARGUMENT_N) {
			out[0] = out[1] = out[2] = 0;
			return;
		}
	}
	out[0] = x[item->lid];
	out[2] = i;
}

static void loop_values(const struct item *item, uint32_t *out)
{
	uint32_t x = item->in[item->g], product = 1, i;

	for (i = 0;; i++) {
		out[0] = x * i + ARGUMENT_N;
		if (i == x % 7)
			break;
		product *= out[0] | 1;
		if (product % 11 == 3) {
			out[0] ^= 0x100;
			break;
		}
	}
	out[1] = i;
	out[2] = product;
	out[3] = 0;
	for (uint64_t v = x + 1; v != 1; v = v & 1 ? 3 * v + 1 : v >> 1)
		out[3]++;
}

static void division(const struct item *item, uint32_t *out)
{
	uint32_t x = item->in[item->g];
	int32_t s = (int32_t)(x - 120);
	int64_t wide = (int64_t)s * ((int64_t)1 << 33);

	out[0] = x % 4 ? 100000 / (x % 4) : 1;
	out[1] = s % 8 ? (uint32_t)(1000000 / (s % 8) + -1000000 % (s % 8)) : 2;
	out[2] = s ? (uint32_t)(0x7fffffffff / wide + wide % 1000003) : 3;
	if (out[3] == 0)
		out[3] = 6;
}

static uint32_t first_switch(uint32_t x)
{
	uint32_t r = 5;

	if (x % 7 == 1)
		return 13;
	if (x % 7 == 2)
		return 8;
	for (uint32_t i = 0; x % 7 == 5 && i < x && i < 6; i++)
		r += i;
	return r;
}

static void switches(const struct item *item, uint32_t *out)
{
	static const uint32_t table[] = {17, 3, 99, 1, 250, 42, 1000, 1000};
	uint32_t x = item->in[item->g];
	int8_t c = (int8_t)x;

	out[0] = first_switch(x);
	out[1] = table[x % 8];
	out[2] = x == 0x4d ? 1 : x == 0x64 ? out[0] + 4 : 6;
	out[3] = out[2];
	if (c >= -3 && c <= 4)
		out[3] = 30;
	else if (c >= 100)
		out[3] = 40;
}

static void irreducible(const struct item *item, uint32_t *out)
{
	uint32_t x = item->in[item->g], a = 0, b = 0, steps = 0;
	bool first = !(x & 1);

	for (;;) {
		if (first) {
			a += x;
			steps++;
			if (a > 500)
				break;
		}
		do {
			b += a + 1;
		} while (b % 3 == 0 && steps++ < 9);
		if (steps >= 12)
			break;
		first = true;
	}
	out[0] = a;
	out[1] = b;
	out[2] = steps;
	for (uint32_t i = 0; i < 8; i++) {
		for (uint32_t j = 0; j < i; j++) {
			out[3] = i * 8 + j;
			if (i * j > x % 40)
				return;
		}
	}
	out[3] += 100;
}

static void long_loops(const struct item *item, uint32_t *out)
{
	uint32_t x = item->in[item->g], sum = 0, count = 0, all = 0;
	uint8_t small = (uint8_t)x;

	for (uint32_t i = 0; i < x % 9; i++) {
		bool next = false;

		if ((i & 3) == (x & 3))
			continue;
		for (int32_t j = (int32_t)(i & 7); j >= -2 && !next; j -= 2) {
			next = j == 1;
			if (next)
				break;
			sum += (uint32_t)(j * 3) + 1;
			if (sum % 13 == 0)
				break;
		}
		count += !next;
		sum ^= 0x80;
	}
	out[0] = sum;
	out[1] = count;
	for (uint32_t i = (uint32_t)item->group[0]; i < 2; i++)
		all += item->in[i] + x;
	out[2] = all;
	do {
		small = (uint8_t)(small + 37);
		all++;
	} while (small > 10);
	out[3] = all + small;
}

static void disjoint(const struct item *item, uint32_t *out)
{
	uint32_t y = (uint32_t)item->g * 7;

	out[0] = y & 3 ? 0 : item->in[item->g] % (y | 1);
	out[1] = y & 3 ? 5 : (y | 2) * 3;
	out[2] = y & 1 ? 7 : item->in[item->g | 1];
	out[3] = y;
}

static void idle_loops(const struct item *item, uint32_t *out)
{
	uint32_t x = item->in[item->g];

	out[0] = out[1] = out[2] = 0;
	for (uint64_t i = 0; i < item->lsz; i++)
		out[0] += item->in[item->first + i];
	for (uint32_t value = x; x > 200 && (!out[2] || value % 7 != ARGUMENT_N); out[2]++)
		value = value * 5 + 3;
}

static void jumps(const struct item *item, uint32_t *out)
{
	uint32_t g = (uint32_t)item->g, x = item->in[g], size = (uint32_t)item->items;
	uint32_t y = g * 7, z = g ^ 3;
	bool jumps = size == x && size > 18;

	out[0] = !jumps && (y & 1) && (x & ARGUMENT_N) ? g * 5 - x : size;
	out[1] = !jumps && (y / (z | 1) & 7) == 0 && z == 0 ? x : 0;
}

static void wide_ids(const struct item *item, uint32_t *out)
{
	out[0] = (uint32_t)item->id[0];
	out[1] = (uint32_t)(item->id[0] >> 32);
	out[2] = item->in[item->g];
	out[3] = item->id[0] >> 31 & 1;
}

static void dimensions(const struct item *item, uint32_t *out)
{
	const struct cwc_launch *launch = item->launch;
	uint32_t dim = item->in[item->g] % 5;

	out[0] = dim > 2 ? 0
			 : (uint32_t)(item->id[dim] + 100 * item->local_id[dim] +
				      10000 * item->group[dim]);
	out[1] = dim > 2 ? 101 : (uint32_t)(item->local_size[dim] + 100 * launch->global_size[dim]);
	out[2] = (uint32_t)(launch->num_groups[ARGUMENT_N] +
			    100 * launch->local_size[ARGUMENT_N + 1] +
			    UINT64_C(10000) * launch->work_dim);
	out[3] = (uint32_t)(item->g + 10000 * item->lid);
}

const struct kernel_test flow_tests[] = {
	{.name = "masked_load", .dims = 1, .expect = masked_load, .local = 256},
	{.name = "loop_exits", .dims = 1, .expect = loop_exits, .local = 200},
	{.name = "loop_values", .dims = 1, .expect = loop_values},
	{.name = "division", .dims = 1, .expect = division},
	{.name = "switches", .dims = 1, .expect = switches, .local = 256},
	{.name = "irreducible", .dims = 1, .expect = irreducible, .local = 256},
	{.name = "long_loops", .dims = 1, .expect = long_loops},
	{.name = "disjoint", .dims = 1, .expect = disjoint, .local = 200},
	{.name = "idle_loops", .dims = 1, .expect = idle_loops, .local = 200},
	{.name = "jumps", .dims = 1, .expect = jumps, .local = 200},
	{.name = "wide_ids", .dims = 1, .expect = wide_ids, .offset = 0xfffffff9},
	{.name = "wide_ids", .dims = 1, .expect = wide_ids, .offset = 0x7ffffff0},
	{.name = "dimensions", .dims = 3, .expect = dimensions},
	{0},
};
