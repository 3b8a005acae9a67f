/* SPDX-License-Identifier: MIT */
/* The kinds of memory that a program has. */
#include "sysalloc.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char global_memory[64][256 << 10];
static uint32_t globals_used;

/* ---- from the C library --------------------------------------------- */

static void make_malloc(struct sa_region *r)
{
	r->raw = malloc(r->bytes);
	KT_CHECK(r->raw);
	r->p = r->raw;
}

static void drop_malloc(struct sa_region *r)
{
	free(r->raw);
}

static void make_memalign(struct sa_region *r)
{
	r->raw = aligned_alloc(KT_PAGE, r->bytes);
	KT_CHECK(r->raw);
	r->p = r->raw;
}

/* The odd byte before it: no page, no cache line begins where the memory does. */
static void make_unaligned(struct sa_region *r)
{
	r->raw = malloc(r->bytes + 128);
	KT_CHECK(r->raw);
	r->p = (char *)r->raw + 36;
}

static void make_global(struct sa_region *r)
{
	uint32_t i = __atomic_fetch_add(&globals_used, 1, __ATOMIC_RELAXED);

	KT_CHECK(i < KT_COUNT(global_memory) && r->bytes <= sizeof(global_memory[0]));
	r->p = global_memory[i];
}

static void drop_nothing(struct sa_region *r)
{
	(void)r;
}

static void make_brk(struct sa_region *r)
{
	char *old = sbrk((intptr_t)(r->bytes + 64));

	KT_CHECK(old != (char *)-1);
	r->p = (char *)(((uintptr_t)old + 63) & ~63ul);
}

/* ---- mappings ------------------------------------------------------- */

static void make_mapping(struct sa_region *r, int protection, int flags)
{
	r->raw_bytes = r->bytes;
	/* Memory that is also code is one of the kinds. NOLINTNEXTLINE(*MmapWriteExec) */
	r->raw = mmap(NULL, r->bytes, protection, flags, r->fd, 0);
	if (r->raw == MAP_FAILED)
		kt_fail("mmap with flags 0x%x: %m", flags);
	r->p = r->raw;
}

static void drop_mapping(struct sa_region *r)
{
	kt_unmap(r->raw, r->raw_bytes);
	if (r->fd >= 0)
		close(r->fd);
}

static void make_mmap(struct sa_region *r)
{
	make_mapping(r, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
}

static void make_populate(struct sa_region *r)
{
	make_mapping(r, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE);
}

static void make_exec(struct sa_region *r)
{
	make_mapping(r, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS);
}

static void make_grown(struct sa_region *r)
{
	char *p = kt_anon(KT_PAGE);

	r->raw_bytes = r->bytes;
	r->raw = mremap(p, KT_PAGE, r->bytes, MREMAP_MAYMOVE);
	KT_CHECK(r->raw != MAP_FAILED);
	r->p = r->raw;
}

static void make_dontfork(struct sa_region *r)
{
	make_mmap(r);
	KT_SYS(madvise(r->raw, r->bytes, MADV_DONTFORK));
}

static void make_mergeable(struct sa_region *r)
{
	make_mmap(r);
	if (madvise(r->raw, r->bytes, MADV_MERGEABLE) != 0)
		kt_skip("the kernel has no KSM");
}

static void make_locked(struct sa_region *r)
{
	make_mmap(r);
	if (mlock(r->raw, r->bytes) != 0)
		kt_skip("mlock: %m");
}

static void make_thp(struct sa_region *r)
{
	r->raw_bytes = (r->bytes + KT_HUGE - 1) & ~(KT_HUGE - 1);
	r->raw = kt_anon_huge(r->raw_bytes);
	r->p = r->raw;
	if (madvise(r->raw, r->raw_bytes, MADV_HUGEPAGE) != 0)
		kt_skip("the kernel has no transparent huge pages");
}

static void make_hugetlb(struct sa_region *r)
{
	const char *pool = "/proc/sys/vm/nr_hugepages";

	r->raw_bytes = (r->bytes + KT_HUGE - 1) & ~(KT_HUGE - 1);
	if (kt_read_number(pool) < 16)
		kt_write_file(pool, "32");
	r->raw = mmap(NULL, r->raw_bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (r->raw == MAP_FAILED)
		kt_skip("no huge pages: %m");
	r->p = r->raw;
}

/* ---- files ---------------------------------------------------------- */

static void open_file(struct sa_region *r)
{
	char path[] = "/tmp/causeway-sysalloc-XXXXXX";

	r->fd = mkstemp(path);
	if (r->fd < 0)
		kt_skip("no file in /tmp: %m");
	unlink(path);
	KT_SYS(fcntl(r->fd, F_SETFD, FD_CLOEXEC));
	KT_SYS(ftruncate(r->fd, (off_t)r->bytes));
}

static void make_file_private(struct sa_region *r)
{
	open_file(r);
	make_mapping(r, PROT_READ | PROT_WRITE, MAP_PRIVATE);
}

static void make_file_shared(struct sa_region *r)
{
	open_file(r);
	make_mapping(r, PROT_READ | PROT_WRITE, MAP_SHARED);
}

static void make_memfd(struct sa_region *r)
{
	r->fd = KT_SYS(memfd_create("sysalloc", MFD_CLOEXEC));
	KT_SYS(ftruncate(r->fd, (off_t)r->bytes));
	make_mapping(r, PROT_READ | PROT_WRITE, MAP_SHARED);
}

static void make_shm(struct sa_region *r)
{
	make_mapping(r, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS);
}

static void make_dev_zero(struct sa_region *r)
{
	r->fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
	if (r->fd < 0)
		kt_skip("no /dev/zero");
	make_mapping(r, PROT_READ | PROT_WRITE, MAP_PRIVATE);
}

#define PLAIN (SA_ZERO | SA_MAPPED | SA_ANON)

const struct sa_kind sa_kinds[] = {
	{"malloc", 0, make_malloc, drop_malloc},
	{"memalign", 0, make_memalign, drop_malloc},
	{"unaligned", 0, make_unaligned, drop_malloc},
	{"global", SA_SMALL, make_global, drop_nothing},
	/* Thread stacks and the main stack: made by the caller, for they end with it. */
	{"stack", SA_SMALL, NULL, drop_nothing},
	{"brk", SA_SMALL | SA_ONE_THREAD, make_brk, drop_nothing},
	{"mmap", PLAIN, make_mmap, drop_mapping},
	{"populate", PLAIN, make_populate, drop_mapping},
	{"exec", PLAIN, make_exec, drop_mapping},
	{"grown", PLAIN, make_grown, drop_mapping},
	{"dontfork", PLAIN | SA_NO_FORK, make_dontfork, drop_mapping},
	{"mergeable", PLAIN, make_mergeable, drop_mapping},
	{"locked", SA_ZERO | SA_MAPPED | SA_SMALL, make_locked, drop_mapping},
	{"thp", PLAIN, make_thp, drop_mapping},
	{"hugetlb", SA_ZERO | SA_SPECIAL, make_hugetlb, drop_mapping},
	{"file-private", SA_ZERO | SA_MAPPED, make_file_private, drop_mapping},
	{"file-shared", SA_ZERO | SA_MAPPED | SA_SHARED, make_file_shared, drop_mapping},
	{"memfd", SA_ZERO | SA_MAPPED | SA_SHARED, make_memfd, drop_mapping},
	{"shm", SA_ZERO | SA_MAPPED | SA_SHARED, make_shm, drop_mapping},
	{"dev-zero", PLAIN, make_dev_zero, drop_mapping},
};

const size_t sa_kind_count = KT_COUNT(sa_kinds);
