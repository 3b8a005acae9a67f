/* SPDX-License-Identifier: MIT */
#include "core/process.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * The generation lies in a page that the kernel wipes in a forked child: 0
 * there means that a fork lies between.  The count itself survives outside.
 */
static _Atomic(atomic_uint *) wiped_page;
static atomic_uint last_generation;

static atomic_uint *make_page(void)
{
	size_t bytes = (size_t)sysconf(_SC_PAGESIZE);
	atomic_uint *none = NULL;
	void *page = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return NULL;
	if (madvise(page, bytes, MADV_WIPEONFORK)) {
		munmap(page, bytes);
		return NULL;
	}
	if (atomic_compare_exchange_strong(&wiped_page, &none, (atomic_uint *)page))
		return page;
	munmap(page, bytes);
	return none;
}

unsigned cw_process_generation(void)
{
	atomic_uint *page = atomic_load_explicit(&wiped_page, memory_order_acquire);
	unsigned expected = 0;
	unsigned generation;

	if (!page)
		page = make_page();
	if (!page)
		return (unsigned)getpid();
	generation = atomic_load_explicit(page, memory_order_relaxed);
	if (__builtin_expect(generation != 0, 1))
		return generation;
	generation = atomic_fetch_add(&last_generation, 1) + 1;
	return atomic_compare_exchange_strong(page, &expected, generation) ? generation : expected;
}
