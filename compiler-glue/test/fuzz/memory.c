/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <err.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define REGION_BYTES (1ul << 20)
#define FRAMES_BYTES (256ul << 20)
#define PAGE	     4096ul
#define MARGIN	     256ul
#define JUNK	     0xa5

static const struct {
	const char *name;
	unsigned item_bytes, element_bytes;
} regions[REGIONS] = {
	[IN] = {"in", 0, 4},	    [OUT_ITEMS] = {"out", 64, 4}, [OUT_LINE] = {"o1", 4, 4},
	[OUT_LONG] = {"ol", 16, 8}, [OUT_BYTE] = {"ob", 3, 1},	  [OUT_SHORT] = {"os", 2, 2},
	[OUT_FLOAT] = {"of", 4, 4}, [OUT_DOUBLE] = {"od", 8, 8},  [OUT_STRUCT] = {"gs", 32, 4},
	[ATOMICS] = {"acc", 0, 4},
};

unsigned char *memory_map(size_t bytes)
{
	unsigned char *base = mmap(NULL, bytes + 2 * PAGE, PROT_NONE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED || mprotect(base + PAGE, bytes, PROT_READ | PROT_WRITE))
		err(1, "mmap");
	return base + PAGE + bytes;
}

void memory_init(struct memory *memory)
{
	*memory = (struct memory){0};
	for (unsigned i = 0; i < REGIONS; i++)
		memory->ends[i] = memory_map(REGION_BYTES);
	memory->arena_end = memory_map(REGION_BYTES);
	memory->frames_end = memory_map(FRAMES_BYTES);
}

static uint32_t next(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 32);
}

/* Small and large numbers, zeros, and edges. */
static uint32_t datum(uint64_t *state)
{
	uint32_t word = next(state);

	switch (word % 8) {
	case 0:
		return 0;
	case 1:
		return next(state);
	case 2:
		return 0x80000000u >> next(state) % 32;
	default:
		return next(state) % 200;
	}
}

static void *region(const struct memory *memory, enum region which)
{
	return memory->ends[which] - memory->bytes[which];
}

void memory_fill(struct memory *memory, struct kernel_args *args, const struct shape *shape,
		 uint64_t seed)
{
	uint64_t state = seed;
	uint32_t *in;

	for (unsigned i = 0; i < REGIONS; i++) {
		memory->bytes[i] =
			regions[i].item_bytes ? regions[i].item_bytes * shape_span(shape) : 256;
		if (memory->bytes[i] + MARGIN > REGION_BYTES)
			errx(1, "ND-range too large");
		memset((unsigned char *)region(memory, i) - MARGIN, JUNK, MARGIN);
		memset(region(memory, i), i == ATOMICS ? 0 : (int)(0x10 + i), memory->bytes[i]);
	}
	/* ob is made of 3-byte places at odd addresses, od and others of aligned ones. */
	in = region(memory, IN);
	for (unsigned i = 0; i < 64; i++)
		in[i] = datum(&state);
	*args = (struct kernel_args){
		.in = in,
		.out = region(memory, OUT_ITEMS),
		.oa = region(memory, OUT_ITEMS),
		.o1 = region(memory, OUT_LINE),
		.ol = region(memory, OUT_LONG),
		.ob = region(memory, OUT_BYTE),
		.os = region(memory, OUT_SHORT),
		.of = region(memory, OUT_FLOAT),
		.od = region(memory, OUT_DOUBLE),
		.gs = region(memory, OUT_STRUCT),
		.acc = region(memory, ATOMICS),
		.u = datum(&state) % 1000,
		.w = (uint64_t)datum(&state) << 32 | datum(&state),
		.cb = (uint8_t)datum(&state),
		.uv = {datum(&state), datum(&state), 3, datum(&state)},
		.bs = {datum(&state),
		       {1, 2, 200, 255},
		       {40000, 7},
		       datum(&state),
		       datum(&state),
		       3.0f,
		       datum(&state)},
	};
}

void memory_scratch(struct memory *memory, struct kernel_args *args, const struct shape *shape,
		    const struct cwc_kernel_note *note)
{
	uint64_t own = (note->local_bytes + CWC_ARENA_ALIGN - 1) & -(uint64_t)CWC_ARENA_ALIGN;
	uint64_t all = own + shape_local_items(shape) * 4;

	memory->arena_bytes = all;
	memory->arena =
		memory->arena_end - ((all + CWC_ARENA_ALIGN - 1) & -(uint64_t)CWC_ARENA_ALIGN);
	memory->frame_bytes = cwc_frames_bytes(note, shape->local);
	memory->frames = memory->frames_end - memory->frame_bytes;
	if (all + MARGIN > REGION_BYTES || memory->frame_bytes + MARGIN > FRAMES_BYTES)
		errx(1, "scratch memory too large: %" PRIu64 " local, %zu frames", all,
		     memory->frame_bytes);
	memset(memory->arena - MARGIN, JUNK, (size_t)(memory->arena_end - memory->arena) + MARGIN);
	memset(memory->frames - MARGIN, JUNK, memory->frame_bytes + MARGIN);
	args->lp = own;
}

static bool is_junk(const unsigned char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (bytes[i] != JUNK)
			return false;
	return true;
}

const char *memory_check(const struct memory *memory)
{
	static char text[64];

	for (unsigned i = 0; i < REGIONS; i++) {
		if (is_junk((unsigned char *)region(memory, i) - MARGIN, MARGIN))
			continue;
		snprintf(text, sizeof(text), "wrote before %s", regions[i].name);
		return text;
	}
	if (!is_junk(memory->arena - MARGIN, MARGIN) ||
	    !is_junk(memory->arena + memory->arena_bytes,
		     (size_t)(memory->arena_end - memory->arena) - memory->arena_bytes))
		return "wrote outside of local memory";
	if (!is_junk(memory->frames - MARGIN, MARGIN))
		return "wrote before the frames";
	return NULL;
}

static uint64_t element(const unsigned char *at, unsigned bytes)
{
	uint64_t value = 0;

	memcpy(&value, at, bytes);
	return value;
}

const char *memory_compare(const struct memory *got, const struct memory *expected)
{
	static char text[160];

	for (unsigned i = 0; i < REGIONS; i++) {
		const unsigned char *a = region(got, i), *b = region(expected, i);
		unsigned bytes = regions[i].element_bytes, item = regions[i].item_bytes;
		size_t at = 0;

		if (!memcmp(a, b, got->bytes[i]))
			continue;
		while (a[at] == b[at])
			at++;
		at -= at % bytes;
		snprintf(text, sizeof(text), "%s[%zu] (g %zu) is 0x%" PRIx64 ", not 0x%" PRIx64,
			 regions[i].name, at / bytes, item ? at / item : 0, element(a + at, bytes),
			 element(b + at, bytes));
		return text;
	}
	return NULL;
}
