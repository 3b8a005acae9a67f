/* SPDX-License-Identifier: MIT */
/* Mappings of which a part goes away while the device has all of it. */
#include "sysalloc.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define BYTES KT_HUGE
#define PAGES (BYTES / KT_PAGE)

enum part { PART_HEAD, PART_MIDDLE, PART_TAIL };

/*
 * struct partial - a case
 * @remap: the part moves elsewhere instead of being unmapped
 * @huge: of transparent huge pages
 * @touch: the processor touches what is left at once
 * @atomic: with atomic additions
 */
struct partial {
	enum part part;
	bool remap;
	bool huge;
	bool touch;
	bool atomic;
};

static void add_to(struct kt_queue *queue, char *p, size_t pages, bool atomic)
{
	struct kt_op op = {.fn = atomic ? kt_dev_add : kt_dev_inc,
			   .args = {.p = (uintptr_t)p, .stride = KT_PAGE, .a = 1, .b = 1},
			   .items = pages};

	if (pages)
		KT_EQ(kt_run(queue, &op, NULL), DRM_CAUSEWAY_JOB_DONE);
}

static void partial(const void *param)
{
	static const size_t firsts[] = {
		[PART_HEAD] = 0, [PART_MIDDLE] = PAGES / 3, [PART_TAIL] = PAGES - PAGES / 3};
	const struct partial *c = param;
	size_t first = firsts[c->part], count = PAGES / 3, after = first + count;
	char *p = kt_anon_huge(BYTES), *part = p + first * KT_PAGE, *moved = NULL;
	struct kt_queue queue;
	struct kt_vm vm;

	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	if (c->huge)
		madvise(p, BYTES, MADV_HUGEPAGE);
	kt_fill(p, PAGES, KT_PAGE, 0);
	if (kt_can_migrate(&vm))
		KT_EQ(kt_migrate(&vm, p, BYTES, DRM_CAUSEWAY_LOCATION_DEVICE, NULL), 0);
	add_to(&queue, p, PAGES, c->atomic);
	if (c->remap) {
		moved = mremap(part, count * KT_PAGE, count * KT_PAGE,
			       MREMAP_MAYMOVE | MREMAP_FIXED, kt_anon(count * KT_PAGE));
		KT_CHECK(moved != MAP_FAILED);
	} else {
		kt_unmap(part, count * KT_PAGE);
	}
	if (c->touch) {
		KT_EQ(kt_wrong(p, first, KT_PAGE, 1), 0);
		KT_EQ(kt_wrong(p + after * KT_PAGE, PAGES - after, KT_PAGE, 1 + (uint32_t)after),
		      0);
	}
	KT_EQ(kt_touch(&queue, part, KT_READ, NULL), DRM_CAUSEWAY_JOB_FAULT);
	KT_EQ(kt_touch(&queue, part + (count - 1) * KT_PAGE, KT_WRITE, NULL),
	      DRM_CAUSEWAY_JOB_FAULT);
	add_to(&queue, p, first, c->atomic);
	add_to(&queue, p + after * KT_PAGE, PAGES - after, c->atomic);
	KT_EQ(kt_wrong(p, first, KT_PAGE, 2), 0);
	KT_EQ(kt_wrong(p + after * KT_PAGE, PAGES - after, KT_PAGE, 2 + (uint32_t)after), 0);
	if (moved) {
		add_to(&queue, moved, count, c->atomic);
		KT_EQ(kt_wrong(moved, count, KT_PAGE, 2 + (uint32_t)first), 0);
	}
	kt_vm_close(&vm);
}

void sa_partial_cases(void)
{
	static const char *const parts[] = {
		[PART_HEAD] = "head", [PART_MIDDLE] = "middle", [PART_TAIL] = "tail"};
	static struct partial all[48];
	char name[80];

	for (unsigned int i = 0; i < KT_COUNT(all); i++) {
		struct partial *c = &all[i];

		*c = (struct partial){.part = i / 16,
				      .remap = i & 1,
				      .huge = i & 2,
				      .touch = i & 4,
				      .atomic = i & 8};
		snprintf(name, sizeof(name), "partial-%s-%s%s%s%s", parts[c->part],
			 c->remap ? "remap" : "unmap", c->huge ? "-huge" : "",
			 c->touch ? "-cpu" : "", c->atomic ? "-atomic" : "");
		kt_add(&(struct kt_case){.name = name,
					 .run = partial,
					 .param = c,
					 .flags = c->atomic ? KT_FULL : 0});
	}
}
