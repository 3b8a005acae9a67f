/* SPDX-License-Identifier: MIT */
/* Types, memory and arguments. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "expect.h"

static uint32_t bits_of(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

/* half of a positive normal float below 65504; @mode: -1 truncates, 0 nearest even, 1 away from
 * zero. */
static uint16_t half_of(float value, int mode)
{
	uint32_t bits = bits_of(value), rest = bits & 0x1fff;
	uint16_t half = (uint16_t)((bits >> 13) - (112u << 10));

	if (mode > 0)
		return (uint16_t)(half + (rest != 0));
	if (mode < 0)
		return half;
	return (uint16_t)(half + (rest > 0x1000 || (rest == 0x1000 && half & 1)));
}

static void half_storage(const struct item *item, uint32_t *out)
{
	uint32_t x = item->in[item->g];
	float value = (float)x + 0.4996f;
	uint16_t nearest = half_of(value, 0);
	/* Towards plus infinity a negative number loses digits, towards minus infinity it gains. */
	uint16_t directed = (uint16_t)(half_of(value, x & 1 ? -1 : 1) | 0x8000);

	out[0] = nearest | (uint32_t)half_of(value, -1) << 16;
	out[1] = directed | (uint32_t)nearest << 16;
	out[2] = 0x3e00 | 0x7bffu << 16;
	out[3] = bits_of(1.5f + 65504.0f);
}

static void vec3(const struct item *item, uint32_t *out)
{
	const uint32_t *in = item->in + item->g / 3 * 3;
	uint32_t i = item->in[item->g] % 5;
	const uint32_t v[3] = {in[0] + i, in[1] + i * 10, in[2] + i * 100};

	/* zxy of p[0].at; the structure has 32 bytes. */
	out[0] = v[2];
	out[1] = v[0];
	out[2] = v[1] ^ ARGUMENT_N;
	out[3] = 32 + (250 * 3 & 255) + (v[2] << 8);
}

struct inner {
	uint8_t tag;
	uint16_t pair[2] __attribute__((aligned(4)));
};

struct options {
	uint8_t a;
	uint64_t b;
	struct inner list[3];
	uint32_t v[4] __attribute__((aligned(16)));
	float f;
	int8_t last;
};

static const struct {
	struct options o;
	uint64_t after;
} byval_arguments = {
	{200, 0x100000005, {{1, {2, 3}}, {4, {5, 6}}, {7, {8, 9}}}, {10, 11, 12, 0}, -2.5f, -3},
	77,
};

static void byval(const struct item *item, uint32_t *out)
{
	const struct options *o = &byval_arguments.o;
	uint32_t i = item->in[item->g] % 3;
	uint16_t changed = (uint16_t)(o->list[i].pair[0] + item->g);

	out[0] = (uint32_t)(o->b + o->list[i].pair[1]) + o->list[i].tag + 1;
	out[1] = changed + (i ? o->list[0].pair[0] : changed) + o->v[2];
	out[2] = (uint32_t)(o->a + o->last + (int32_t)o->f);
	out[3] = 77 + (uint32_t)o->b + (uint32_t)sizeof(*o);
}

static void globals(const struct item *item, uint32_t *out)
{
	uint32_t x = item->in[item->g];

	out[0] = x % 6 * (x % 6) + (x & 1 ? 25 - 2 : 4 + 1);
	out[1] = (x & 1 ? 6 : 5) + 7;
	out[2] = (uint32_t)(0x123456789abcdef >> (x & 31));
}

static const char *globals_all(const struct item *last, const uint32_t *out,
			       const struct cwc_printf_buffer *printed)
{
	uint64_t sum = 0, n = last->items;

	(void)printed;
	for (uint64_t i = 0; i < n; i++)
		sum += out[i * SLOTS + 3];
	return sum == 8 * n + n * (n - 1) / 2 ? NULL : "atomics on a program-scope variable";
}

static void copies(const struct item *item, uint32_t *out)
{
	uint32_t x = item->in[item->g], which = x % 3, at = x % 20;
	uint32_t a[3][20], b[20], *p = x & 1 ? b : a[1];
	uint8_t bytes[3] = {6, 7, 8}, copy = bytes[which], *pb = x & 1 ? &copy : &bytes[1];

	for (uint32_t i = 0; i < 3; i++)
		for (uint32_t k = 0; k < 20; k++)
			a[i][k] = i * 100 + k + x;
	memcpy(b, a[which], sizeof(b));
	p[at] = 5;
	memcpy(a[0], p, sizeof(b));
	bytes[0] = *pb;
	*pb = 200;
	b[3] += bytes[0];
	out[0] = a[0][at];
	out[1] = b[3];
	out[2] = a[0][19] + a[2][7];
	out[3] = copy + 1000u * bytes[1];
}

static void vectors(const struct item *item, uint32_t *out)
{
	uint32_t x = item->in[item->g], v[16], chosen[16], q[4];
	bool any = false, all = true, three = false;

	for (uint32_t i = 0; i < 16; i++) {
		v[i] = x + i;
		chosen[i] = v[i] > 100 ? v[i] : v[i] * 2;
		any |= v[i] > 100;
		all &= v[i] > 100;
		three |= i < 8 && v[i] == 3;
	}
	for (size_t i = 0; i < 4; i++) {
		uint32_t byte = chosen[8 + 2 * i + 1] * 2;

		q[i] = chosen[4 * i] + (byte > 255 ? 255 : byte);
	}
	out[0] = q[0] + q[3] * 3 + q[2] * 5 + q[1] * 7;
	out[1] = (uint32_t)any + 2u * all + 4u * three;
	out[2] = v[9] > 100 ? chosen[9] : v[9];
	out[3] = (__builtin_bswap32(x) >> 8) + v[0] + 2 * v[1] + 3 * v[2] + 4 * v[3];
}

static uint32_t sum_of(const uint32_t *p, uint32_t count)
{
	uint32_t total = 0;

	while (count--)
		total = total * 3 + *p++;
	return total;
}

static void private_pointers(const struct item *item, uint32_t *out)
{
	uint32_t x = item->in[item->g], a[12], b[12], *table[3] = {a, b, a + 4};
	uint64_t wide[2] = {(uint64_t)x << 33, ~(uint64_t)0};
	uint16_t narrow = 12;
	unsigned char *bytes = (unsigned char *)a;
	size_t half = (size_t)2 * (x % 24);

	for (uint32_t i = 0; i < 12; i++) {
		a[i] = i * 1000 + x;
		b[i] = i + ARGUMENT_N;
	}
	bytes[x % 48] = 7;
	bytes[x * 5 % 48]++;
	bytes[half] ^= 9;
	table[x % 3][x % 8] ^= 0x55555;
	if (x & 1)
		table[1] = table[(x >> 1) % 3] + 1;
	for (uint32_t i = 0; i < 3; i++)
		b[1 + x % 9 + i] = a[x % 9 + 2 - i];
	memcpy((uint16_t *)wide + x % 8, &narrow, 2);
	out[0] = sum_of(a, 12);
	out[1] = sum_of(x & 2 ? b : a + 1, 11);
	out[2] = *table[1] + 400 + 8;
	out[3] = (uint32_t)(wide[0] >> 32) + (uint32_t)(wide[1] >> 16) + (x % 3 < 2);
}

static void strides(const struct item *item, uint32_t *out)
{
	const uint32_t *in = item->in;
	uint32_t low = (uint32_t)item->g, sum = 0;

	out[0] = in[item->items - 1 - low] * 3 + in[low ^ 1];
	if (low >= 7)
		sum += in[low - 7];
	sum += in[(uint8_t)(low * 3)] + in[(uint16_t)(low + 65530) & 63];
	sum += in[32 + ((int8_t)(low * 7) >> 2)];
	out[1] = sum;
	out[2] = in[low * 0x40000001u % 50] + in[(uint64_t)low * 0x40000001 % 50];
	for (uint32_t i = 0; i < 3; i++) {
		uint32_t at = low + 2 * i;

		sum += in[at + i] + (at ? in[at - 1] : 0);
	}
	out[3] = sum + low + 6;
}

static void floats(const struct item *item, uint32_t *out)
{
	uint32_t x = item->in[item->g];
	float f = (float)x - 100.0f, quotient = f / (float)(x % 4 ? x % 4 : 1);
	double d = (double)x * 1e10 + 0.5;
	bool nan = x % 4 == 0;
	uint8_t byte = f <= 0 ? 0 : (uint8_t)f;
	int32_t eighths = (int32_t)x - 100, nearest = eighths / 8, rest = eighths % 8;

	out[0] = nan ? 1 + 4 : (quotient > 3 ? 2u + 4u : 0) + (quotient < 3 ? 8u : 0);
	out[1] = (x & 1 ? 0x80000000u : 0) ^ bits_of(f * f - 1.0f);
	if (rest > 4 || (rest == 4 && nearest & 1))
		nearest++;
	if (rest < -4 || (rest == -4 && nearest & 1))
		nearest--;
	out[2] = (d > 4294967295.0 ? 0xffffffffu : (uint32_t)d) + byte;
	out[3] = (uint32_t)nearest + bits_of((float)x);
}

static void pieces(const struct item *item, uint32_t *out)
{
	const uint32_t *in = item->in, *own = in + item->g * 4, *t = in + item->g * 3;

	out[0] = t[0] * 3 + t[1] * 5 + t[2];
	/* All input is below 256. */
	out[2] = own[0] + own[1] * 3 + own[3] * 7;
	out[3] = own[3] - own[0];
	out[1] = out[0] + out[2];
	out[2] = out[1] ^ own[1];
	if (in[item->g] & 1) {
		out[0] = in[item->g * 2];
		out[1] = in[item->g * 2 + 1];
	}
	out[3] += out[1];
	out[3] ^= out[0];
}

/* Takes what the kernel gave where it is as exact as the specification asks for. */
static void near(uint32_t *slot, double exact)
{
	float got;

	memcpy(&got, slot, sizeof(got));
	if (!(fabs(got - exact) <= 16 * 6e-8 * (fabs(exact) + 0.25)))
		*slot = bits_of((float)exact);
}

static double heavy_pick(uint32_t x)
{
	double f = x % 30 * 0.25;

	switch (x % 5) {
	case 0:
		return sin(f);
	case 1:
		return exp2(f);
	case 2:
		return pow(f + 1, 2);
	case 3:
		return atan2(f, 2);
	default:
		return log(f + 1);
	}
}

static void heavy(const struct item *item, uint32_t *out)
{
	uint32_t x = item->in[item->g], next = item->in[item->first + (item->lid + 1) % item->lsz];
	double f = x % 30 * 0.25, total = 0;

	for (uint32_t i = 0; i < next % 4; i++)
		total += cos(i + next % 30 * 0.25);
	near(&out[0], heavy_pick(x));
	near(&out[1], total);
	near(&out[2], x & 1 ? cbrt(x) : exp(f));
	near(&out[3], x > 128 ? sin(ARGUMENT_N) : tan(ARGUMENT_N));
}

static const char *atomics_64(const struct item *last, const uint32_t *out,
			      const struct cwc_printf_buffer *printed)
{
	uint64_t want[7] = {0}, got[7];

	(void)printed;
	memcpy(got, out, sizeof(got));
	for (uint64_t i = 0; i < last->items; i++) {
		uint64_t x = last->in[i];

		want[0] += (x << 32) + 1;
		if (x & 1 && x << 20 > want[1])
			want[1] = x << 20;
		if (x & 2)
			want[2] ^= x * 0x100000001;
		want[3] += x % 4;
		want[4] += 0x100000000 * (x & 3);
		want[5]++;
		want[6] += i;
	}
	for (unsigned i = 0; i < 7; i++) {
		static char text[] = "cell 0";

		text[5] = (char)('0' + i);
		if (got[i] != want[i])
			return text;
	}
	return NULL;
}

static const char *atomics_flow(const struct item *last, const uint32_t *out,
				const struct cwc_printf_buffer *printed)
{
	uint32_t want[7] = {0};
	int32_t most = 0;

	(void)printed;
	for (uint64_t i = 0; i < last->items; i++) {
		uint32_t x = last->in[i];

		want[x & 1 ? 0 : 1] += x & 1 ? x : -x;
		for (uint32_t k = x % 3; k; k--)
			most = (int32_t)(x * k) - 100 > most ? (int32_t)(x * k) - 100 : most;
		want[3] += x % 5;
		want[4] += (uint32_t)(i % last->launch->local_size[0]);
		want[5] = x % 2 == 0 ? 9 : want[5];
	}
	want[2] = (uint32_t)most;
	for (unsigned i = 0; i < 7; i++) {
		static char text[] = "cell 0";

		text[5] = (char)('0' + i);
		if (out[i] != want[i])
			return text;
	}
	return NULL;
}

static void printing(const struct item *item, uint32_t *out)
{
	out[0] = item->in[item->g];
	out[1] = 0;
}

/* One argument of a record: moves on; its bytes, or NULL. */
static const unsigned char *argument(const unsigned char **at, const unsigned char *end,
				     unsigned element_bytes, unsigned elements)
{
	const struct cwc_printf_arg *arg = (const void *)*at;
	const unsigned char *bytes = *at + sizeof(*arg);

	if (bytes > end || arg->element_bytes != element_bytes || arg->elements != elements ||
	    arg->bytes != element_bytes * elements)
		return NULL;
	*at = bytes + (((size_t)arg->bytes + 7) & ~(size_t)7);
	return bytes;
}

static const char *check_record(const struct cwc_printf_record *record, const struct item *last,
				unsigned char *seen)
{
	const unsigned char *at = (const void *)(record + 1),
			    *end = (const unsigned char *)record + record->bytes;
	static const struct {
		unsigned element_bytes, elements;
	} layout[] = {{4, 1}, {8, 1}, {1, 4}, {8, 1}, {8, 1}};
	const unsigned char *args[5];
	const char *word;
	double value;
	int64_t number;
	uint32_t id;

	if (record->args != 5 || strcmp((const char *)record->format, "%u %s %v4hhd %f|%ld\n") != 0)
		return "format";
	for (unsigned i = 0; i < 5; i++) {
		args[i] = argument(&at, end, layout[i].element_bytes, layout[i].elements);
		if (!args[i])
			return "layout of a record";
	}
	if (at != end)
		return "length of a record";
	memcpy(&id, args[0], 4);
	memcpy(&value, args[3], 8);
	memcpy(&number, args[4], 8);
	if (id >= last->items || seen[id]++)
		return "work-item of a record";
	memcpy(&word, args[1], 8);
	if (strcmp(word, "word") != 0 || value != 1.5 || number != (int64_t)id << 33)
		return "argument of a record";
	if (args[2][0] != 1 || args[2][1] != 254 || args[2][2] != 3 ||
	    args[2][3] != (unsigned char)last->in[id])
		return "vector of a record";
	return NULL;
}

static const char *printing_all(const struct item *last, const uint32_t *out,
				const struct cwc_printf_buffer *printed)
{
	unsigned char seen[4096] = {0};
	const char *wrong = NULL;

	(void)out;
	for (uint64_t at = 0; !wrong && at < printed->used;) {
		const struct cwc_printf_record *record = (const void *)(printed->data + at);

		if (record->bytes < sizeof(*record) || record->bytes % 8)
			return "size of a record";
		wrong = check_record(record, last, seen);
		at += record->bytes;
	}
	for (uint64_t i = 0; !wrong && i < last->items; i++)
		if (seen[i] != (last->in[i] % 3 == 1))
			wrong = "a record is missing or too many";
	return wrong;
}

const struct kernel_test data_tests[] = {
	{.name = "half_storage", .dims = 1, .expect = half_storage},
	{.name = "vec3", .dims = 1, .expect = vec3},
	{.name = "byval",
	 .dims = 1,
	 .expect = byval,
	 .extra = &byval_arguments,
	 .extra_bytes = sizeof(byval_arguments)},
	{.name = "globals", .dims = 1, .expect = globals, .expect_all = globals_all},
	{.name = "copies", .dims = 1, .expect = copies},
	{.name = "vectors", .dims = 1, .expect = vectors},
	{.name = "private_pointers", .dims = 1, .expect = private_pointers},
	{.name = "strides", .dims = 1, .expect = strides},
	{.name = "floats", .dims = 1, .expect = floats},
	{.name = "pieces", .dims = 1, .expect = pieces, .local = 256},
	{.name = "heavy", .dims = 1, .expect = heavy},
	{.name = "atomics_64", .dims = 1, .expect_all = atomics_64, .local = 256},
	{.name = "atomics_flow", .dims = 1, .expect_all = atomics_flow, .local = 256},
	{.name = "printing", .dims = 1, .expect = printing, .expect_all = printing_all},
	{0},
};
