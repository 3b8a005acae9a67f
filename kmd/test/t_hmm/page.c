/* SPDX-License-Identifier: MIT */
/* Large pages that move to the device and change there; exclusive access. */
#include "hmm.h"
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- moving large pages --------------------------------------------- */

enum huge_step { HUGE_EMPTY, HUGE_ZERO, HUGE_FREE, HUGE_FAULT, HUGE_UNMAP, HUGE_REMAP };

static void huge_steps(struct hmm *h, enum huge_step step, char *p)
{
	const size_t pages = KT_HUGE / KT_PAGE;
	char *half = p + KT_HUGE / 2, *to;

	switch (step) {
	case HUGE_EMPTY:
	case HUGE_ZERO:
		KT_EQ(kt_sum(&h->queue, p, pages, KT_PAGE), 0);
		kt_write(&h->queue, p, pages, KT_PAGE, 1);
		break;
	case HUGE_FREE:
		KT_SYS(madvise(p, KT_HUGE, MADV_FREE));
		kt_write(&h->queue, p, pages, KT_PAGE, 1);
		break;
	case HUGE_FAULT:
		KT_EQ(kt_wrong(p, pages, KT_PAGE, 1), 0);
		break;
	case HUGE_UNMAP:
		kt_unmap(half, KT_HUGE / 2);
		KT_EQ(kt_wrong(p, pages / 2, KT_PAGE, 1), 0);
		KT_EQ(kt_touch(&h->queue, half, KT_READ, NULL), DRM_CAUSEWAY_JOB_FAULT);
		return;
	case HUGE_REMAP:
		to = kt_anon_huge(KT_HUGE);
		KT_CHECK(mremap(p, KT_HUGE, KT_HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
		KT_EQ(kt_wrong(to, pages, KT_PAGE, 1), 0);
		kt_inc(&h->queue, to, pages, KT_PAGE, 1);
		KT_EQ(kt_wrong(to, pages, KT_PAGE, 2), 0);
		return;
	}
	kt_inc(&h->queue, p, pages, KT_PAGE, 1);
	KT_EQ(kt_wrong(p, pages, KT_PAGE, 2), 0);
}

static void migrate_huge(const void *param)
{
	enum huge_step step = *(const enum huge_step *)param;
	struct hmm h;
	char *p;

	hmm_open(&h);
	p = kt_anon_huge(KT_HUGE);
	madvise(p, KT_HUGE, MADV_HUGEPAGE);
	if (step == HUGE_ZERO) {
		for (size_t i = 0; i < KT_HUGE; i += KT_PAGE)
			KT_EQ(*(volatile uint32_t *)(p + i), 0);
	} else if (step != HUGE_EMPTY) {
		kt_fill(p, KT_HUGE / KT_PAGE, KT_PAGE, 1);
	}
	hmm_move_in(&h, p, KT_HUGE);
	huge_steps(&h, step, p);
	kt_vm_close(&h.vm);
}

/* ---- exclusive access ----------------------------------------------- */

static void exclusive_open(struct hmm *h)
{
	hmm_open(h);
	if (!(h->vm.info.caps & DRM_CAUSEWAY_CAP_EXCLUSIVE))
		kt_skip("the kernel has no exclusive access");
	kt_fill(h->p, PAGES, KT_PAGE, 1);
	KT_EQ(kt_advise(&h->vm, h->p, BYTES, DRM_CAUSEWAY_ATTR_ATOMICS,
			DRM_CAUSEWAY_ATOMICS_EXCLUSIVE),
	      0);
}

static void exclusive(const void *param)
{
	struct hmm h;

	(void)param;
	exclusive_open(&h);
	kt_inc(&h.queue, h.p, PAGES, KT_PAGE, 1);
	KT_CHECK(kt_counter(&h.vm, DRM_CAUSEWAY_COUNTER_EXCLUSIVE) >= PAGES);
	KT_EQ(kt_wrong(h.p, PAGES, KT_PAGE, 2), 0);
	kt_fill(h.p, PAGES, KT_PAGE, 7);
	kt_inc(&h.queue, h.p, PAGES, KT_PAGE, 1);
	KT_EQ(kt_wrong(h.p, PAGES, KT_PAGE, 8), 0);
	kt_vm_close(&h.vm);
}

static void exclusive_mprotect(const void *param)
{
	struct hmm h;

	(void)param;
	exclusive_open(&h);
	kt_inc(&h.queue, h.p, PAGES, KT_PAGE, 1);
	KT_SYS(mprotect(h.p, BYTES, PROT_READ));
	KT_EQ(kt_touch(&h.queue, h.p, KT_WRITE, NULL), DRM_CAUSEWAY_JOB_FAULT);
	KT_EQ(kt_wrong(h.p, PAGES, KT_PAGE, 2), 0);
	kt_vm_close(&h.vm);
}

static void child_sees(void *p)
{
	KT_EQ(kt_wrong(p, PAGES, KT_PAGE, 2), 0);
	kt_fill(p, PAGES, KT_PAGE, 900);
}

static void exclusive_cow(const void *param)
{
	struct hmm h;
	pid_t child;

	(void)param;
	exclusive_open(&h);
	kt_inc(&h.queue, h.p, PAGES, KT_PAGE, 1);
	for (int i = 0; (child = fork()) < 0 && i < 100; i++)
		KT_EQ(errno, ENOMEM); /* what a page that is held exclusively does to fork() */
	KT_CHECK(child >= 0);
	if (child == 0) {
		child_sees(h.p);
		_exit(0);
	}
	kt_inc(&h.queue, h.p, PAGES, KT_PAGE, 1);
	kt_join(child);
	KT_EQ(kt_wrong(h.p, PAGES, KT_PAGE, 3), 0);
	kt_vm_close(&h.vm);
}

void hmm_page_cases(void)
{
	static const enum huge_step steps[] = {HUGE_EMPTY, HUGE_ZERO,  HUGE_FREE,
					       HUGE_FAULT, HUGE_UNMAP, HUGE_REMAP};
	static const struct kt_case cases[] = {
		{.name = "exclusive", .run = exclusive},
		{.name = "exclusive-mprotect", .run = exclusive_mprotect},
		{.name = "exclusive-cow", .run = exclusive_cow},
		{.name = "migrate-huge-empty", .run = migrate_huge, .param = &steps[0]},
		{.name = "migrate-huge-zero", .run = migrate_huge, .param = &steps[1]},
		{.name = "migrate-huge-free", .run = migrate_huge, .param = &steps[2]},
		{.name = "migrate-huge-fault", .run = migrate_huge, .param = &steps[3]},
		{.name = "migrate-partial-unmap", .run = migrate_huge, .param = &steps[4]},
		{.name = "migrate-remap", .run = migrate_huge, .param = &steps[5]},
	};

	kt_add_all(cases, KT_COUNT(cases));
}
