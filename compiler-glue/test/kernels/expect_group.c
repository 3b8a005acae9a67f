/* SPDX-License-Identifier: MIT */
/* What work-items do together. */
#include "expect.h"

static const uint32_t *members(const struct item *item)
{
	return item->in + item->first;
}

static void private_4k(const struct item *item, uint32_t *out)
{
	const uint32_t *in = members(item);
	uint64_t lsz = item->lsz, lid = item->lid, next = (lid + 1) % lsz;
	uint32_t next_other = in[lsz - 1 - next];
	uint32_t at = (next_other + ARGUMENT_N) & 1023;

	out[0] = 3 * (1023 * 1024 / 2) + 1024 * (uint32_t)item->g + 1000;
	out[1] = at * 3 + (uint32_t)(item->first + next) + (at == (next_other & 1023) ? 1000 : 0);
}

static void group_functions(const struct item *item, uint32_t *out)
{
	const uint32_t *in = members(item);
	uint32_t sum = 0, most = 0, least = ~0u, before = 0, upto_least = ~0u;
	int32_t before_most = INT32_MIN;
	bool any = false, all = true;

	for (uint64_t i = 0; i < item->lsz; i++) {
		sum += in[i];
		most = in[i] > most ? in[i] : most;
		least = in[i] < least ? in[i] : least;
		any |= in[i] == 77;
		all &= in[i] < 250;
		if (i < item->lid) {
			before += in[i];
			if ((int32_t)in[i] - 100 > before_most)
				before_most = (int32_t)in[i] - 100;
		}
		if (i <= item->lid && in[i] < upto_least)
			upto_least = in[i];
	}
	out[0] = (before + in[item->lid]) ^ before * 3;
	out[1] = most * 1000 + in[item->lsz / 2];
	out[2] = (uint32_t)before_most + upto_least + any * 4u + all * 8u;
	out[3] = (uint32_t)((uint64_t)sum << 30) + sum + least;
}

static void sub_groups(const struct item *item, uint32_t *out)
{
	uint32_t width = item->width, lane = (uint32_t)(item->lid % width);
	uint32_t chunk = (uint32_t)(item->lid / width), lsz = (uint32_t)item->lsz;
	uint32_t size = lsz - chunk * width < width ? lsz - chunk * width : width;
	const uint32_t *in = members(item) + (item->lid - lane);
	uint32_t sum = 0, before = 0, most = 0, before_most = 0, any = 0, all = 1;

	for (uint32_t i = 0; i < size; i++) {
		sum += in[i];
		most = in[i] > most ? in[i] : most;
		any |= in[i] > 240;
		all &= in[i] < 200;
		if (i < lane) {
			before += in[i];
			before_most = in[i] > before_most ? in[i] : before_most;
		}
	}
	out[0] = lane + 100 * chunk + 10000 * size + 1000000 * ((lsz + width - 1) / width);
	out[1] = before + in[lane] + 1000 * before;
	out[2] = most + 1000 * in[0];
	out[3] = chunk & 1 ? sum + 1000000 * any : before_most + 7 * all;
	out[3] += 10000000 * width;
}

static void matrix(const struct item *item, uint32_t *out)
{
	const uint32_t *in = item->in;
	uint64_t g = item->g, width = item->launch->global_size[0], col = item->id[0],
		 row = item->id[1], w = item->local_size[0], h = item->local_size[1];
	uint64_t first = g - item->local_id[0] - item->local_id[1] * width;

	out[0] = out[2] = out[3] = 0;
	for (uint64_t k = 0; k < 5; k++)
		out[0] += in[row * 5 + k] * in[k * width + col];
	out[1] = in[g + 1] + (row ? in[g - width] : 0) * 3 + (col ? in[g - 1] : 7) * 5;
	for (uint64_t k = 0; k < 3; k++) {
		for (uint64_t i = 0; i < w; i++)
			out[2] += in[first + item->local_id[1] * width + i + k] * (uint32_t)(i + 1);
		for (uint64_t i = 0; i < h; i++)
			out[2] ^= in[first + i * width + item->local_id[0] + k] << i;
	}
	for (uint64_t k = 0; k < 9 && in[row + k] < 150; k++)
		out[3] += in[col + k * 2] + (uint32_t)k;
}

static void async_copy(const struct item *item, uint32_t *out)
{
	const uint32_t *in = members(item);

	out[0] = in[item->lsz - 1 - item->lid];
	out[1] = item->in[item->lid % 13 * 3];
	out[2] = in[item->lid] + 5;
	out[3] = item->in[36];
}

static void called_kernel(const struct item *item, uint32_t *out)
{
	uint32_t next = members(item)[(item->lid + 1) % item->lsz];

	out[0] = next * ARGUMENT_N;
	out[1] = next * (ARGUMENT_N + 2);
	out[2] = next * (ARGUMENT_N + 4);
}

static void generic_pointers(const struct item *item, uint32_t *out)
{
	const uint32_t own[4] = {1, 2, 3, (uint32_t)item->g};
	uint32_t x = item->in[item->g], next = members(item)[(item->lid + 1) % item->lsz];

	out[0] = x % 3 == 0 ? own[x % 4] + 4000 : x % 3 == 1 ? x + 1 + 1000 : 9 + 2000;
	out[1] = x % 3 == 0 ? 51 : 1;
	out[2] = next + 1 + (next % 3 == 1 ? 50 : 0);
	out[3] = x % 3 == 2 ? 59 : 9;
}

static void subword(const struct item *item, uint32_t *out)
{
	const uint32_t *in = members(item);
	uint32_t x = in[item->lid], lsz = (uint32_t)item->lsz;
	uint32_t from = in[(item->lid + lsz - 1) % lsz];

	out[0] = (from & 255) << 8 | (from & 1 ? ((from + 1) & 255) << 16 : 0);
	out[1] = (x * 300 & 0xffff) << 16;
	out[2] = ((in[(item->lid + 3) % lsz] + 7) & 255) + 1000 * (x & 1);
	out[3] = ((int8_t)x < 0) + (uint32_t)(int8_t)x;
}

static void group_order(const struct item *item, uint32_t *out)
{
	const uint32_t *in = members(item);
	uint32_t total = in[0], most = in[0];

	for (uint64_t i = 1; i < item->lsz; i++) {
		total += in[i];
		most = in[i] > most ? in[i] : most;
	}
	out[0] = in[item->lid];
	out[1] = total % 2 ? 0 : in[(item->lid + ARGUMENT_N) % item->lsz] + most;
	out[2] = total;
	out[3] = most;
}

const struct kernel_test group_tests[] = {
	{.name = "private_4k", .dims = 1, .expect = private_4k, .local = 1024},
	{.name = "group_functions", .dims = 1, .expect = group_functions, .local = 257},
	{.name = "sub_groups", .dims = 1, .expect = sub_groups, .local = 257},
	{.name = "matrix", .dims = 2, .expect = matrix},
	{.name = "async_copy", .dims = 1, .expect = async_copy, .local = 65},
	{.name = "called_kernel", .dims = 1, .expect = called_kernel, .local = 256},
	{.name = "generic_pointers", .dims = 1, .expect = generic_pointers},
	{.name = "subword", .dims = 1, .expect = subword, .local = 256},
	{.name = "group_order", .dims = 1, .expect = group_order, .local = 63},
	{0},
};
