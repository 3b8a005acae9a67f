/* SPDX-License-Identifier: MIT */
/* The processor and the device change the same words: every change counts, in every mode. */
#include "kt.h"
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define WORDS 4 /* each in a page of its own, but the last two share one */

enum kind { KIND_ADD, KIND_ADD64, KIND_CAS, KIND_XCHG };
enum mode { MODE_SYSTEM, MODE_DEVICE, MODE_EXCLUSIVE };
enum place { PLACE_ANYWHERE, PLACE_SYSTEM, PLACE_DEVICE, PLACE_SHARED };

static const char *const kind_names[] = {
	[KIND_ADD] = "add", [KIND_ADD64] = "add64", [KIND_CAS] = "cas", [KIND_XCHG] = "xchg"};
static const char *const mode_names[] = {
	[MODE_SYSTEM] = "system", [MODE_DEVICE] = "device", [MODE_EXCLUSIVE] = "exclusive"};
static const char *const place_names[] = {
	[PLACE_ANYWHERE] = "anywhere",
	[PLACE_SYSTEM] = "home",
	[PLACE_DEVICE] = "there",
	[PLACE_SHARED] = "shared",
};

/*
 * struct variant - a case
 * @hosts, @devices: threads of both sides
 */
struct variant {
	enum kind kind;
	enum mode mode;
	enum place place;
	unsigned int hosts;
	unsigned int devices;
	unsigned long times;
};

/*
 * struct host - a thread of the processor
 */
struct host {
	const struct variant *variant;
	char *p;
	unsigned long times;
};

static void host_change(const struct variant *v, char *p, unsigned int word)
{
	uint32_t *narrow = (uint32_t *)(p + word * KT_PAGE), old;

	switch (v->kind) {
	case KIND_ADD:
		__atomic_fetch_add(narrow, 1, __ATOMIC_SEQ_CST);
		break;
	case KIND_ADD64:
		__atomic_fetch_add((uint64_t *)narrow, 1, __ATOMIC_SEQ_CST);
		break;
	case KIND_CAS:
		old = __atomic_load_n(narrow, __ATOMIC_SEQ_CST);
		while (!__atomic_compare_exchange_n(narrow, &old, old + 1, false, __ATOMIC_SEQ_CST,
						    __ATOMIC_SEQ_CST))
			;
		break;
	case KIND_XCHG:
		/* One lock and one word for all. */
		while (__atomic_exchange_n((uint32_t *)p, 1, __ATOMIC_ACQUIRE))
			__builtin_ia32_pause();
		*(volatile uint32_t *)(p + KT_PAGE) += 1;
		__atomic_store_n((uint32_t *)p, 0, __ATOMIC_RELEASE);
	}
}

static void *host_thread(void *arg)
{
	struct host *h = arg;

	for (unsigned long i = 0; i < h->times; i++) {
		for (unsigned int word = 0; word < (h->variant->kind == KIND_XCHG ? 1 : WORDS);
		     word++)
			host_change(h->variant, h->p, word);
	}
	return NULL;
}

static void advise(const struct variant *v, struct kt_vm *vm, char *p)
{
	static const uint32_t modes[] = {[MODE_SYSTEM] = DRM_CAUSEWAY_ATOMICS_SYSTEM,
					 [MODE_DEVICE] = DRM_CAUSEWAY_ATOMICS_DEVICE,
					 [MODE_EXCLUSIVE] = DRM_CAUSEWAY_ATOMICS_EXCLUSIVE};

	if (v->mode == MODE_EXCLUSIVE && !(vm->info.caps & DRM_CAUSEWAY_CAP_EXCLUSIVE))
		kt_skip("the kernel has no exclusive access");
	if (v->place == PLACE_DEVICE && !kt_can_migrate(vm))
		kt_skip("the device has no memory of its own");
	KT_EQ(kt_advise(vm, p, WORDS * KT_PAGE, DRM_CAUSEWAY_ATTR_ATOMICS, modes[v->mode]), 0);
	if (v->place == PLACE_SYSTEM || v->place == PLACE_DEVICE)
		KT_EQ(kt_advise(vm, p, WORDS * KT_PAGE, DRM_CAUSEWAY_ATTR_LOCATION,
				v->place == PLACE_DEVICE ? DRM_CAUSEWAY_LOCATION_DEVICE
							 : DRM_CAUSEWAY_LOCATION_SYSTEM),
		      0);
}

static struct kt_job start_device(const struct variant *v, struct kt_queue *queue, char *p,
				  unsigned long times)
{
	static kt_fn *const functions[] = {[KIND_ADD] = kt_dev_add,
					   [KIND_ADD64] = kt_dev_add64,
					   [KIND_CAS] = kt_dev_cas,
					   [KIND_XCHG] = kt_dev_xchg};
	struct kt_op op = {.fn = functions[v->kind],
			   .args = {.p = (uintptr_t)p,
				    .stride = KT_PAGE,
				    .a = 1,
				    .b = times,
				    .q = (uintptr_t)p + KT_PAGE},
			   .items = v->kind == KIND_XCHG ? 1 : WORDS};

	return kt_start(queue, &op);
}

static void both_sides(const void *param)
{
	const struct variant *v = param;
	unsigned long times = kt_options.count ? kt_options.count : v->times;
	uint64_t expected = (uint64_t)times * (v->hosts + v->devices);
	struct kt_queue queues[KT_THREADS];
	struct kt_job jobs[KT_THREADS];
	struct host host = {.variant = v, .times = times};
	unsigned long threads[KT_THREADS];
	struct kt_vm vm;
	double start;
	char *p;

	kt_vm_open(&vm);
	p = mmap(NULL, WORDS * KT_PAGE, PROT_READ | PROT_WRITE,
		 (v->place == PLACE_SHARED ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS, -1, 0);
	KT_CHECK(p != MAP_FAILED);
	memset(p, 0, WORDS * KT_PAGE);
	advise(v, &vm, p);
	host.p = p;
	start = kt_now();
	for (unsigned int i = 0; i < v->devices; i++) {
		kt_queue_open(&queues[i], &vm);
		jobs[i] = start_device(v, &queues[i], p, times);
	}
	for (unsigned int i = 0; i < v->hosts; i++)
		kt_thread(&threads[i], host_thread, &host);
	for (unsigned int i = 0; i < v->hosts; i++)
		kt_thread_join(threads[i]);
	for (unsigned int i = 0; i < v->devices; i++)
		KT_EQ(kt_finish(&jobs[i]), DRM_CAUSEWAY_JOB_DONE);
	if (expected >= 1000000)
		kt_note("%lu changes a word in %.1f s, %lu faults, %lu to the device", expected,
			kt_now() - start, kt_counter(&vm, DRM_CAUSEWAY_COUNTER_FAULTS),
			kt_counter(&vm, DRM_CAUSEWAY_COUNTER_MIGRATED_IN));
	for (unsigned int word = 0; word < (v->kind == KIND_XCHG ? 1 : WORDS); word++) {
		char *at = p + (v->kind == KIND_XCHG ? 1 : word) * KT_PAGE;

		KT_EQ(v->kind == KIND_ADD64 ? *(uint64_t *)at : *(uint32_t *)at, expected);
	}
	kt_vm_close(&vm);
}

/* @v: stays, for the case refers to it */
static void add_variant(const struct variant *v)
{
	bool many = v->devices > 1;
	char name[100];

	snprintf(name, sizeof(name), "%s-%s-%s%s", kind_names[v->kind], mode_names[v->mode],
		 place_names[v->place], many ? "-many" : "");
	kt_add(&(struct kt_case){.name = name,
				 .run = both_sides,
				 .param = v,
				 .flags = many && (v->kind + v->place) % 2 ? KT_FULL : 0});
}

static void add_variants(void)
{
	static struct variant
		all[KT_COUNT(kind_names) * KT_COUNT(mode_names) * KT_COUNT(place_names) * 2];
	struct variant *v = all;

	for (unsigned int kind = 0; kind < KT_COUNT(kind_names); kind++) {
		for (unsigned int mode = 0; mode < KT_COUNT(mode_names); mode++) {
			for (unsigned int place = 0; place < KT_COUNT(place_names); place++) {
				/* Each change of a page's place costs faults. */
				*v = (struct variant){kind, mode, place, 1, 1, 20000};
				add_variant(v++);
				*v = (struct variant){kind, mode, place, 2, 3, 20000};
				add_variant(v++);
			}
		}
	}
}

static void list(void)
{
	/* Ten million from both sides, in every mode. */
	static const struct variant long_runs[] = {
		{KIND_ADD, MODE_SYSTEM, PLACE_ANYWHERE, 1, 1, 10000000},
		{KIND_ADD, MODE_DEVICE, PLACE_ANYWHERE, 1, 1, 10000000},
		{KIND_ADD, MODE_EXCLUSIVE, PLACE_ANYWHERE, 1, 1, 10000000},
	};
	char name[60];

	add_variants();
	for (size_t i = 0; i < KT_COUNT(long_runs); i++) {
		snprintf(name, sizeof(name), "ten-million-%s", mode_names[long_runs[i].mode]);
		kt_add(&(struct kt_case){.name = name,
					 .run = both_sides,
					 .param = &long_runs[i],
					 .flags = KT_FULL,
					 .seconds = 600});
	}
}

int main(int argc, char **argv)
{
	return kt_main(argc, argv, list);
}
