/* SPDX-License-Identifier: MIT */
/*
 * Any memory that a program has is the device's too: every kind of memory with
 * every shape of work and everything that can happen to it meanwhile.
 */
#include "t_sysalloc/sysalloc.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP 3

static const struct sa_shape shapes[] = {
	{.name = "once", .bytes = 64 << 10, .stride = 64, .rounds = 1},
	{.name = "twice", .bytes = 64 << 10, .stride = 64, .rounds = 2},
	{.name = "many", .bytes = 32 << 10, .stride = 128, .rounds = 12},
	{.name = "stride", .bytes = 256 << 10, .stride = KT_PAGE + 64, .rounds = 3},
	{.name = "pieces", .bytes = 256 << 10, .stride = 1024, .rounds = 2, .pieces = 8},
	{.name = "queues",
	 .bytes = 128 << 10,
	 .stride = 512,
	 .rounds = 3,
	 .pieces = 8,
	 .queues = 4},
	{.name = "wide", .bytes = 256 << 10, .stride = 256, .rounds = 2, .width = 4},
	{.name = "large", .bytes = 6 << 20, .stride = 2048, .rounds = 2, .width = 2},
	{.name = "threads", .bytes = 64 << 10, .stride = 512, .rounds = 3, .threads = 3},
	{.name = "threads-shared",
	 .bytes = 64 << 10,
	 .stride = 512,
	 .rounds = 3,
	 .threads = 3,
	 .shared = true},
	{.name = "processes", .bytes = 64 << 10, .stride = 512, .rounds = 2, .processes = 3},
};

char *sa_first_page(const struct sa_work *w)
{
	return (char *)((uintptr_t)w->region.p & ~(KT_PAGE - 1));
}

size_t sa_page_bytes(const struct sa_work *w)
{
	uintptr_t end = (uintptr_t)w->region.p + w->region.bytes;

	return ((end + KT_PAGE - 1) & ~(KT_PAGE - 1)) - (uintptr_t)sa_first_page(w);
}

void sa_fill(struct sa_work *w)
{
	kt_fill(w->region.p, w->count, w->shape->stride, w->value);
}

void sa_verify(const struct sa_work *w, const char *when)
{
	size_t wrong;

	/* Others are adding to the same words. */
	if (w->shape->shared)
		return;
	wrong = kt_wrong(w->region.p, w->count, w->shape->stride, w->value);
	if (wrong)
		kt_fail("%zu of %zu words are wrong %s", wrong, w->count, when);
}

/* ---- one piece of work ---------------------------------------------- */

static void round_of_jobs(struct sa_work *w)
{
	unsigned int pieces = w->shape->pieces ? w->shape->pieces : 1;
	unsigned int queues = w->shape->queues ? w->shape->queues : 1;
	size_t each = (w->count + pieces - 1) / pieces;
	struct kt_job jobs[16];
	unsigned int started = 0;

	for (size_t first = 0; first < w->count; first += each) {
		size_t items = w->count - first < each ? w->count - first : each;
		struct kt_op op = {
			.fn = w->shape->shared ? kt_dev_add : kt_dev_inc,
			.args = {.p = (uintptr_t)(w->region.p + first * w->shape->stride),
				 .stride = w->shape->stride,
				 .a = STEP,
				 .b = 1},
			.items = items,
			.part = w->shape->width ? (items + 15) / 16 : 0,
			.width = w->shape->width};

		jobs[started] = kt_start(&w->queues[started % queues], &op);
		started++;
	}
	for (unsigned int i = 0; i < started; i++)
		KT_EQ(kt_finish(&jobs[i]), DRM_CAUSEWAY_JOB_DONE);
	w->value += STEP;
}

static void first_touch(struct sa_work *w)
{
	struct kt_op op = {
		.fn = kt_dev_write,
		.args = {.p = (uintptr_t)w->region.p, .stride = w->shape->stride, .a = w->value},
		.items = w->count};

	KT_EQ(kt_run(&w->queues[0], &op, NULL), DRM_CAUSEWAY_JOB_DONE);
}

static void rounds(struct sa_work *w)
{
	unsigned long racer = 0;

	if (w->mod->before)
		w->mod->before(w);
	if (w->mod->flags & SA_UNFILLED)
		first_touch(w);
	if (w->mod->race)
		kt_thread(&racer, w->mod->race, w);
	for (unsigned int i = 0; i < w->shape->rounds; i++) {
		round_of_jobs(w);
		if (w->mod->between)
			w->mod->between(w);
	}
	if (w->mod->race) {
		w->stop = 1;
		kt_thread_join(racer);
	}
	if (w->mod->after)
		w->mod->after(w);
}

/* What the racing thread added to the neighbours, if it did, is there too. */
static void verify_neighbours(const struct sa_work *w)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < w->count; i++)
		sum += *(volatile uint32_t *)(w->region.p + i * w->shape->stride + 4);
	KT_EQ(sum, w->extra);
}

static void open_queues(struct sa_work *w)
{
	for (unsigned int i = 0; i < (w->shape->queues ? w->shape->queues : 1); i++)
		kt_queue_open(&w->queues[i], w->vm);
}

static void close_queues(struct sa_work *w)
{
	for (unsigned int i = 0; i < (w->shape->queues ? w->shape->queues : 1); i++)
		kt_queue_close(&w->queues[i]);
}

/* The whole work on memory of its own; @stack: for the kind that lies there. */
static void work_on(struct sa_work *w, char *stack)
{
	w->region.bytes = w->shape->bytes;
	w->region.fd = -1;
	w->count = (w->shape->bytes - 8) / w->shape->stride;
	w->value = 100;
	if (w->kind->make)
		w->kind->make(&w->region);
	else
		w->region.p = stack;
	open_queues(w);
	if (!(w->mod->flags & SA_UNFILLED)) {
		memset(w->region.p, 0, w->region.bytes);
		sa_fill(w);
	}
	rounds(w);
	sa_verify(w, "at the end");
	if (w->extra)
		verify_neighbours(w);
	close_queues(w);
	w->kind->drop(&w->region);
}

static __attribute__((noinline)) void work(struct sa_work *w)
{
	if (w->kind->make) {
		work_on(w, NULL);
	} else {
		char *p = __builtin_alloca(w->shape->bytes + 64);

		work_on(w, p);
	}
}

/* ---- threads and processes ------------------------------------------ */

static void *work_thread(void *arg)
{
	work(arg);
	return NULL;
}

static void threads_apart(const struct sa_work *like)
{
	unsigned int count = like->shape->threads;
	struct sa_work *works = calloc(count, sizeof(*works));
	unsigned long threads[8];

	KT_CHECK(works);
	for (unsigned int i = 0; i < count; i++) {
		works[i] = *like;
		kt_thread(&threads[i], work_thread, &works[i]);
	}
	for (unsigned int i = 0; i < count; i++)
		kt_thread_join(threads[i]);
	free(works);
}

static void *share_thread(void *arg)
{
	struct sa_work *w = arg;

	open_queues(w);
	rounds(w);
	close_queues(w);
	return NULL;
}

static void threads_shared(struct sa_work *w, char *stack)
{
	unsigned int count = w->shape->threads;
	struct sa_work *works = calloc(count, sizeof(*works));
	unsigned long threads[8];
	size_t wrong;

	KT_CHECK(works);
	w->region.bytes = w->shape->bytes;
	w->region.fd = -1;
	w->count = (w->shape->bytes - 8) / w->shape->stride;
	w->value = 100;
	if (w->kind->make)
		w->kind->make(&w->region);
	else
		w->region.p = stack;
	memset(w->region.p, 0, w->region.bytes);
	sa_fill(w);
	for (unsigned int i = 0; i < count; i++) {
		works[i] = *w;
		kt_thread(&threads[i], share_thread, &works[i]);
	}
	for (unsigned int i = 0; i < count; i++) {
		kt_thread_join(threads[i]);
		w->extra += works[i].extra;
	}
	w->value += count * w->shape->rounds * STEP;
	wrong = kt_wrong(w->region.p, w->count, w->shape->stride, w->value);
	if (wrong)
		kt_fail("%zu of %zu words are wrong at the end", wrong, w->count);
	if (w->extra)
		verify_neighbours(w);
	w->kind->drop(&w->region);
	free(works);
}

/*
 * struct sa_case - the parameters of a case
 */
struct sa_case {
	const struct sa_kind *kind;
	const struct sa_shape *shape;
	const struct sa_mod *mod;
};

/* What a case has done that took long. */
static void tell_slow(struct kt_vm *vm, double seconds)
{
	uint64_t counters[DRM_CAUSEWAY_COUNTER_COUNT];

	if (seconds < 10 * kt_options.factor)
		return;
	kt_counters(vm, counters);
	kt_note("%.0f s: %lu device faults, %lu retries, %lu pages in, %lu out, %lu processor's "
		"faults, %lu of their pages, %lu kept for thrashing",
		seconds, counters[DRM_CAUSEWAY_COUNTER_FAULTS],
		counters[DRM_CAUSEWAY_COUNTER_RETRIES], counters[DRM_CAUSEWAY_COUNTER_MIGRATED_IN],
		counters[DRM_CAUSEWAY_COUNTER_MIGRATED_OUT],
		counters[DRM_CAUSEWAY_COUNTER_CPU_FAULTS],
		counters[DRM_CAUSEWAY_COUNTER_CPU_FAULT_PAGES],
		counters[DRM_CAUSEWAY_COUNTER_THRASH_PINNED]);
}

static void run_one(const struct sa_case *c)
{
	double start = kt_now();
	struct kt_vm vm;
	struct sa_work w = {.kind = c->kind, .shape = c->shape, .mod = c->mod, .vm = &vm};

	kt_vm_open(&vm);
	if ((c->mod->flags & SA_NEEDS_MIGRATE) && !kt_can_migrate(&vm))
		kt_skip("the device has no memory of its own");
	if ((c->mod->flags & SA_NEEDS_EXCLUSIVE) && !(vm.info.caps & DRM_CAUSEWAY_CAP_EXCLUSIVE))
		kt_skip("the kernel has no exclusive access");
	if (c->shape->shared) {
		char here[64 << 10];

		KT_CHECK(sizeof(here) >= c->shape->bytes);
		threads_shared(&w, here);
	} else if (c->shape->threads) {
		threads_apart(&w);
	} else {
		work(&w);
	}
	tell_slow(&vm, kt_now() - start);
	kt_vm_close(&vm);
}

static void run_child(void *arg)
{
	run_one(arg);
}

static void run_case(const void *param)
{
	const struct sa_case *c = param;
	pid_t children[8];

	if (!c->shape->processes) {
		run_one(c);
		return;
	}
	for (unsigned int i = 0; i < c->shape->processes; i++)
		children[i] = kt_fork(run_child, (void *)c);
	for (unsigned int i = 0; i < c->shape->processes; i++)
		kt_join(children[i]);
}

/* ---- the matrix ----------------------------------------------------- */

static bool makes_sense(const struct sa_case *c)
{
	unsigned int kind = c->kind->flags, mod = c->mod->flags;

	if ((kind & SA_SMALL) && c->shape->bytes > 256 << 10)
		return false;
	/* A thread's stack ends where the thread does. */
	if (c->kind->make == NULL && c->shape->bytes > 128 << 10)
		return false;
	if ((kind & SA_ONE_THREAD) && c->shape->threads)
		return false;
	if (c->shape->shared && (mod & (SA_ALONE | SA_UNFILLED)))
		return false;
	if ((mod & SA_NEEDS_ZERO) && !(kind & SA_ZERO))
		return false;
	if ((mod & SA_NEEDS_MAPPED) && !(kind & SA_MAPPED))
		return false;
	if ((mod & SA_NEEDS_ANON) && !(kind & SA_ANON))
		return false;
	if ((mod & SA_NEEDS_ADVISABLE) && (kind & SA_SPECIAL))
		return false;
	if ((mod & SA_NEEDS_FORKED) && (kind & SA_NO_FORK))
		return false;
	return true;
}

/* Before each commit: every kind with every modifier in one shape, and every shape with mmap. */
static bool in_commit_tier(size_t kind, size_t shape, size_t mod)
{
	if (shape == (kind * 5 + mod * 3) % KT_COUNT(shapes))
		return true;
	if (strcmp(sa_kinds[kind].name, "mmap") == 0)
		return (shape + mod) % 3 == 0;
	return mod == 0 && (kind + shape) % 4 == 0;
}

static void add_matrix(void)
{
	static struct sa_case all[8192];
	size_t used = 0;
	char name[120];

	for (size_t kind = 0; kind < sa_kind_count; kind++) {
		for (size_t shape = 0; shape < KT_COUNT(shapes); shape++) {
			for (size_t mod = 0; mod < sa_mod_count; mod++) {
				struct sa_case *c = &all[used];

				*c = (struct sa_case){&sa_kinds[kind], &shapes[shape],
						      &sa_mods[mod]};
				if (!makes_sense(c))
					continue;
				snprintf(name, sizeof(name), "%s-%s-%s", c->shape->name,
					 c->kind->name, c->mod->name);
				kt_add(&(struct kt_case){
					.name = name,
					.run = run_case,
					.param = c,
					.flags = in_commit_tier(kind, shape, mod) ? 0 : KT_FULL});
				used++;
			}
		}
	}
}

static void list(void)
{
	add_matrix();
	sa_partial_cases();
	sa_other_cases();
}

int main(int argc, char **argv)
{
	return kt_main(argc, argv, list);
}
