/* SPDX-License-Identifier: MIT */
/*
 * What a mirror of a process's memory must get right, after the scenarios that
 * the kernel tests its own helpers with.
 */
#include "t_hmm/hmm.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

void hmm_open(struct hmm *h)
{
	kt_vm_open(&h->vm);
	kt_queue_open(&h->queue, &h->vm);
	h->p = kt_anon(BYTES);
}

static void move(struct hmm *h, char *p, size_t bytes, uint32_t location)
{
	KT_EQ(kt_migrate(&h->vm, p, bytes, location, NULL), 0);
}

void hmm_move_in(struct hmm *h, char *p, size_t bytes)
{
	if (kt_can_migrate(&h->vm))
		move(h, p, bytes, DRM_CAUSEWAY_LOCATION_DEVICE);
}

static bool comes_home(const struct hmm *h)
{
	return h->vm.info.memory == DRM_CAUSEWAY_MEMORY_PRIVATE;
}

/* ---- reading and writing -------------------------------------------- */

static void open_close(const void *param)
{
	(void)param;
	for (int i = 0; i < 20; i++) {
		struct hmm h;

		hmm_open(&h);
		kt_unmap(h.p, BYTES);
		kt_queue_close(&h.queue);
		kt_vm_close(&h.vm);
	}
}

/* Pages that are there, that aren't yet, and that were dropped. */
static void anon_read(const void *param)
{
	struct hmm h;

	(void)param;
	hmm_open(&h);
	kt_fill(h.p, PAGES / 2, KT_PAGE, 1);
	KT_EQ(kt_sum(&h.queue, h.p, PAGES / 2, KT_PAGE), (PAGES / 2) * (PAGES / 2 + 1) / 2);
	KT_EQ(kt_sum(&h.queue, h.p + BYTES / 2, PAGES / 2, KT_PAGE), 0);
	KT_SYS(madvise(h.p, BYTES, MADV_DONTNEED));
	KT_EQ(kt_sum(&h.queue, h.p, PAGES, KT_PAGE), 0);
	kt_vm_close(&h.vm);
}

static void anon_read_prot(const void *param)
{
	struct hmm h;

	(void)param;
	hmm_open(&h);
	kt_fill(h.p, PAGES, KT_PAGE, 1);
	KT_SYS(mprotect(h.p, BYTES, PROT_NONE));
	KT_EQ(kt_touch(&h.queue, h.p, KT_READ, NULL), DRM_CAUSEWAY_JOB_FAULT);
	KT_SYS(mprotect(h.p, BYTES, PROT_READ));
	KT_EQ(kt_sum(&h.queue, h.p, PAGES, KT_PAGE), PAGES * (PAGES + 1) / 2);
	KT_EQ(kt_wrong(h.p, PAGES, KT_PAGE, 1), 0);
	kt_vm_close(&h.vm);
}

static void anon_write(const void *param)
{
	struct hmm h;

	(void)param;
	hmm_open(&h);
	kt_fill(h.p, PAGES / 2, KT_PAGE, 1);
	kt_write(&h.queue, h.p, PAGES, KT_PAGE, 77);
	KT_EQ(kt_wrong(h.p, PAGES, KT_PAGE, 77), 0);
	kt_vm_close(&h.vm);
}

static void anon_write_prot(const void *param)
{
	struct hmm h;

	(void)param;
	hmm_open(&h);
	kt_fill(h.p, PAGES, KT_PAGE, 1);
	KT_SYS(mprotect(h.p, BYTES, PROT_READ));
	kt_sum(&h.queue, h.p, PAGES, KT_PAGE);
	KT_EQ(kt_touch(&h.queue, h.p + KT_PAGE, KT_WRITE, NULL), DRM_CAUSEWAY_JOB_FAULT);
	KT_EQ(kt_wrong(h.p, PAGES, KT_PAGE, 1), 0);
	KT_SYS(mprotect(h.p, BYTES, PROT_READ | PROT_WRITE));
	kt_write(&h.queue, h.p, PAGES, KT_PAGE, 5);
	KT_EQ(kt_wrong(h.p, PAGES, KT_PAGE, 5), 0);
	kt_vm_close(&h.vm);
}

/* A child with a device of its own on what it got by fork(). */
static void child_writes(void *p)
{
	struct kt_queue queue;
	struct kt_vm vm;

	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	KT_EQ(kt_wrong(p, PAGES, KT_PAGE, 1), 0);
	kt_write(&queue, p, PAGES, KT_PAGE, 500);
	KT_EQ(kt_wrong(p, PAGES, KT_PAGE, 500), 0);
	kt_vm_close(&vm);
}

static void anon_write_child(const void *param)
{
	bool migrated = param != NULL;
	struct hmm h;

	hmm_open(&h);
	kt_fill(h.p, PAGES, KT_PAGE, 1);
	if (migrated)
		hmm_move_in(&h, h.p, BYTES);
	kt_sum(&h.queue, h.p, PAGES, KT_PAGE);
	kt_join(kt_fork(child_writes, h.p));
	KT_EQ(kt_wrong(h.p, PAGES, KT_PAGE, 1), 0);
	KT_EQ(kt_sum(&h.queue, h.p, PAGES, KT_PAGE), PAGES * (PAGES + 1) / 2);
	kt_vm_close(&h.vm);
}

static void anon_write_child_shared(const void *param)
{
	struct hmm h;

	(void)param;
	hmm_open(&h);
	h.p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	kt_fill(h.p, PAGES, KT_PAGE, 1);
	kt_sum(&h.queue, h.p, PAGES, KT_PAGE);
	kt_join(kt_fork(child_writes, h.p));
	KT_EQ(kt_wrong(h.p, PAGES, KT_PAGE, 500), 0);
	kt_inc(&h.queue, h.p, PAGES, KT_PAGE, 1);
	KT_EQ(kt_wrong(h.p, PAGES, KT_PAGE, 501), 0);
	kt_vm_close(&h.vm);
}

/* ---- large pages and files ------------------------------------------ */

static void anon_write_huge(const void *param)
{
	const size_t pages = 2 * KT_HUGE / KT_PAGE;
	struct hmm h;
	char *p;

	(void)param;
	hmm_open(&h);
	p = kt_anon_huge(2 * KT_HUGE);
	madvise(p, 2 * KT_HUGE, MADV_HUGEPAGE);
	kt_fill(p, pages, KT_PAGE, 1);
	kt_inc(&h.queue, p, pages, KT_PAGE, 1);
	KT_EQ(kt_wrong(p, pages, KT_PAGE, 2), 0);
	KT_SYS(mprotect(p + 5 * KT_PAGE, KT_PAGE, PROT_READ));
	KT_EQ(kt_touch(&h.queue, p + 5 * KT_PAGE, KT_WRITE, NULL), DRM_CAUSEWAY_JOB_FAULT);
	kt_inc(&h.queue, p, 5, KT_PAGE, 1);
	KT_EQ(kt_wrong(p, 5, KT_PAGE, 3), 0);
	kt_vm_close(&h.vm);
}

static void anon_write_hugetlb(const void *param)
{
	const size_t pages = 2 * KT_HUGE / KT_PAGE;
	struct hmm h;
	char *p;

	(void)param;
	kt_write_file("/proc/sys/vm/nr_hugepages", "8");
	hmm_open(&h);
	p = mmap(NULL, 2 * KT_HUGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (p == MAP_FAILED)
		kt_skip("no huge pages: %m");
	kt_write(&h.queue, p, pages, KT_PAGE, 9);
	KT_EQ(kt_wrong(p, pages, KT_PAGE, 9), 0);
	kt_unmap(p, 2 * KT_HUGE);
	kt_vm_close(&h.vm);
}

/* The device sees 2 MiB where the process has them. */
static void compound(const void *param)
{
	const size_t pages = KT_HUGE / KT_PAGE;
	struct hmm h;
	char *p;

	(void)param;
	hmm_open(&h);
	if (!(h.vm.info.caps & DRM_CAUSEWAY_CAP_HUGE))
		kt_skip("the device has no large entries");
	p = kt_anon_huge(KT_HUGE);
	KT_EQ(kt_advise(&h.vm, p, KT_HUGE, DRM_CAUSEWAY_ATTR_LOCATION,
			DRM_CAUSEWAY_LOCATION_SYSTEM),
	      0);
	if (madvise(p, KT_HUGE, MADV_HUGEPAGE) != 0)
		kt_skip("no transparent huge pages");
	kt_fill(p, pages, KT_PAGE, 1);
	if (kt_read_key("/proc/self/smaps_rollup", "AnonHugePages") <= 0)
		kt_skip("there is no huge page to be had");
	kt_inc(&h.queue, p, pages, KT_PAGE, 1);
	KT_CHECK(kt_counter(&h.vm, DRM_CAUSEWAY_COUNTER_MAPPED_HUGE) >= 1);
	KT_EQ(kt_wrong(p, pages, KT_PAGE, 2), 0);
	KT_SYS(madvise(p + KT_PAGE, KT_PAGE, MADV_DONTNEED));
	KT_EQ(kt_sum(&h.queue, p + KT_PAGE, 1, KT_PAGE), 0);
	KT_EQ(kt_sum(&h.queue, p + 2 * KT_PAGE, 1, KT_PAGE), 4);
	kt_vm_close(&h.vm);
}

static int temporary(void)
{
	char path[] = "/tmp/causeway-hmm-XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0)
		kt_skip("no file in /tmp: %m");
	unlink(path);
	KT_SYS(ftruncate(fd, (off_t)BYTES));
	return fd;
}

static void file_read(const void *param)
{
	struct hmm h;
	int fd = temporary();
	char *p;

	(void)param;
	hmm_open(&h);
	for (uint32_t i = 0; i < PAGES; i++)
		KT_EQ(pwrite(fd, &i, 4, (off_t)(i * KT_PAGE)), 4);
	p = mmap(NULL, BYTES, PROT_READ, MAP_SHARED, fd, 0);
	KT_EQ(kt_sum(&h.queue, p, PAGES, KT_PAGE), PAGES * (PAGES - 1) / 2);
	KT_EQ(kt_touch(&h.queue, p, KT_WRITE, NULL), DRM_CAUSEWAY_JOB_FAULT);
	kt_vm_close(&h.vm);
}

static void file_write(const void *param)
{
	bool private = param != NULL;
	struct hmm h;
	int fd = temporary();
	char *p;

	hmm_open(&h);
	p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, private ? MAP_PRIVATE : MAP_SHARED, fd, 0);
	kt_write(&h.queue, p, PAGES, KT_PAGE, 3);
	for (uint32_t i = 0; i < PAGES; i++) {
		uint32_t word = 1;

		KT_EQ(pread(fd, &word, 4, (off_t)(i * KT_PAGE)), 4);
		KT_EQ(word, private ? 0 : 3 + i);
	}
	KT_EQ(kt_wrong(p, PAGES, KT_PAGE, 3), 0);
	kt_vm_close(&h.vm);
}

/* Pages that the device made dirty are written to the file, or to swap, when memory is short. */
static void dirty_is_kept(const void *param)
{
	struct hmm h;
	char *p;

	(void)param;
	hmm_open(&h);
	p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (size_t i = 0; i < PAGES; i++)
		(void)*(volatile uint32_t *)(p + i * KT_PAGE);
	kt_write(&h.queue, p, PAGES, KT_PAGE, 31);
	madvise(p, BYTES, 21 /* MADV_PAGEOUT */);
	KT_EQ(kt_wrong(p, PAGES, KT_PAGE, 31), 0);
	kt_vm_close(&h.vm);
}

/* A mapping that isn't memory: the device may be refused, and nothing else happens. */
static void mixedmap(const void *param)
{
	struct hmm h;
	uint32_t status;

	(void)param;
	hmm_open(&h);
	status = kt_touch(&h.queue, (const void *)h.queue.fence, KT_READ, NULL);
	KT_CHECK(status == DRM_CAUSEWAY_JOB_DONE || status == DRM_CAUSEWAY_JOB_FAULT);
	KT_EQ(kt_touch(&h.queue, (const void *)h.queue.fence, KT_WRITE, NULL),
	      DRM_CAUSEWAY_JOB_FAULT);
	kt_vm_close(&h.vm);
}

/* ---- moving --------------------------------------------------------- */

static void migrate(const void *param)
{
	struct hmm h;

	(void)param;
	hmm_open(&h);
	kt_fill(h.p, PAGES, KT_PAGE, 1);
	hmm_move_in(&h, h.p, BYTES);
	KT_EQ(kt_device_pages(&h.vm, h.p, BYTES), PAGES);
	kt_inc(&h.queue, h.p, PAGES, KT_PAGE, 1);
	KT_EQ(kt_device_pages(&h.vm, h.p, BYTES), PAGES);
	KT_EQ(kt_wrong(h.p, PAGES, KT_PAGE, 2), 0);
	KT_EQ(kt_device_pages(&h.vm, h.p, BYTES), comes_home(&h) ? 0 : PAGES);
	kt_vm_close(&h.vm);
}

static void migrate_fault(const void *param)
{
	struct hmm h;

	(void)param;
	hmm_open(&h);
	kt_fill(h.p, PAGES, KT_PAGE, 1);
	for (uint32_t i = 0; i < 4; i++) {
		hmm_move_in(&h, h.p, BYTES);
		KT_EQ(kt_device_pages(&h.vm, h.p, BYTES), PAGES);
		/* Half of it by the processor, then again everything. */
		KT_EQ(kt_wrong(h.p, PAGES / 2, KT_PAGE, 1 + i), 0);
		kt_inc(&h.queue, h.p, PAGES, KT_PAGE, 1);
	}
	KT_EQ(kt_wrong(h.p, PAGES, KT_PAGE, 5), 0);
	kt_vm_close(&h.vm);
}

static void migrate_release(const void *param)
{
	struct hmm h;

	(void)param;
	hmm_open(&h);
	kt_fill(h.p, PAGES, KT_PAGE, 1);
	hmm_move_in(&h, h.p, BYTES);
	KT_EQ(kt_counter(&h.vm, DRM_CAUSEWAY_COUNTER_RESIDENT), PAGES);
	kt_unmap(h.p, BYTES);
	KT_EQ(kt_counter(&h.vm, DRM_CAUSEWAY_COUNTER_RESIDENT), 0);
	KT_EQ(kt_touch(&h.queue, h.p, KT_READ, NULL), DRM_CAUSEWAY_JOB_FAULT);
	kt_vm_close(&h.vm);
}

static void migrate_shared(const void *param)
{
	struct drm_causeway_migrate result;
	struct hmm h;
	char *p;

	(void)param;
	hmm_open(&h);
	p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	kt_fill(p, PAGES, KT_PAGE, 1);
	KT_EQ(kt_migrate(&h.vm, p, BYTES, DRM_CAUSEWAY_LOCATION_DEVICE, &result), 0);
	KT_EQ(result.moved, 0);
	KT_EQ(result.skipped[DRM_CAUSEWAY_REASON_FILE], PAGES);
	kt_inc(&h.queue, p, PAGES, KT_PAGE, 1);
	KT_EQ(kt_wrong(p, PAGES, KT_PAGE, 2), 0);
	kt_vm_close(&h.vm);
}

static void migrate_multiple(const void *param)
{
	struct hmm h;

	(void)param;
	hmm_open(&h);
	for (uint32_t i = 0; i < 64; i++) {
		char *p = kt_anon(BYTES);

		kt_fill(p, PAGES, KT_PAGE, i);
		hmm_move_in(&h, p, BYTES);
		KT_EQ(kt_wrong(p, PAGES, KT_PAGE, i), 0);
		kt_unmap(p, BYTES);
	}
	KT_EQ(kt_counter(&h.vm, DRM_CAUSEWAY_COUNTER_RESIDENT), 0);
	kt_vm_close(&h.vm);
}

static void anon_read_multiple(const void *param)
{
	struct hmm h;

	(void)param;
	hmm_open(&h);
	for (uint32_t i = 0; i < 128; i++) {
		char *p = kt_anon(BYTES / 4);

		kt_fill(p, PAGES / 4, KT_PAGE, i);
		KT_EQ(kt_sum(&h.queue, p, PAGES / 4, KT_PAGE),
		      (uint64_t)i * (PAGES / 4) + (PAGES / 4) * (PAGES / 4 - 1) / 2);
		kt_unmap(p, BYTES / 4);
	}
	kt_vm_close(&h.vm);
}

static void *unmap_soon(void *p)
{
	kt_sleep_ms(5);
	kt_unmap(p, BYTES);
	return NULL;
}

/* Everything goes away while the device reads it. */
static void anon_teardown(const void *param)
{
	struct hmm h;

	(void)param;
	hmm_open(&h);
	for (int i = 0; i < 20; i++) {
		struct kt_op op = {.fn = kt_dev_sum, .args = {.stride = KT_PAGE}, .items = PAGES};
		unsigned long thread;
		uint32_t status;
		char *p = kt_anon(BYTES);

		kt_fill(p, PAGES, KT_PAGE, 1);
		op.args.p = (uintptr_t)p;
		kt_thread(&thread, unmap_soon, p);
		do {
			status = kt_run(&h.queue, &op, NULL);
		} while (status == DRM_CAUSEWAY_JOB_DONE);
		KT_EQ(status, DRM_CAUSEWAY_JOB_FAULT);
		kt_thread_join(thread);
	}
	kt_vm_close(&h.vm);
}

/* ---- others who want the page --------------------------------------- */

/* The kernel takes pages on somebody's behalf: all of these must bring them home first. */
static void gup(const void *param)
{
	static char back[8 * KT_PAGE];
	struct iovec local = {back, sizeof(back)}, remote;
	struct hmm h;
	int ends[2];

	(void)param;
	hmm_open(&h);
	kt_fill(h.p, PAGES, KT_PAGE, 1);
	hmm_move_in(&h, h.p, BYTES);
	remote = (struct iovec){h.p, sizeof(back)};
	KT_EQ(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), sizeof(back));
	KT_EQ(kt_wrong(back, 8, KT_PAGE, 1), 0);
	hmm_move_in(&h, h.p, BYTES);
	kt_fill(back, 8, KT_PAGE, 100);
	KT_EQ(process_vm_writev(getpid(), &local, 1, &remote, 1, 0), sizeof(back));
	KT_EQ(kt_sum(&h.queue, h.p, 8, KT_PAGE), 828);
	hmm_move_in(&h, h.p, BYTES);
	KT_SYS(pipe(ends));
	KT_EQ(vmsplice(ends[1], &remote, 1, 0), sizeof(back));
	kt_inc(&h.queue, h.p + 16 * KT_PAGE, PAGES - 16, KT_PAGE, 1);
	KT_EQ(read(ends[0], back, sizeof(back)), sizeof(back));
	KT_EQ(kt_wrong(back, 8, KT_PAGE, 100), 0);
	KT_EQ(kt_wrong(h.p, 8, KT_PAGE, 100), 0);
	kt_vm_close(&h.vm);
}

/* After fork() both sides write to what lies on the device. */
static void cow_in_device(const void *param)
{
	struct hmm h;
	int ends[2];
	pid_t child;
	char go;

	(void)param;
	hmm_open(&h);
	kt_fill(h.p, PAGES, KT_PAGE, 0);
	hmm_move_in(&h, h.p, BYTES);
	kt_write(&h.queue, h.p, PAGES, KT_PAGE, 1);
	KT_SYS(pipe(ends));
	child = fork();
	KT_CHECK(child >= 0);
	if (child == 0) {
		close(ends[1]);
		KT_EQ(read(ends[0], &go, 1), 1);
		KT_EQ(kt_wrong(h.p, PAGES, KT_PAGE, 1), 0);
		kt_fill(h.p, PAGES, KT_PAGE, 40);
		KT_EQ(kt_wrong(h.p, PAGES, KT_PAGE, 40), 0);
		_exit(0);
	}
	kt_write(&h.queue, h.p, PAGES, KT_PAGE, 300);
	KT_EQ(write(ends[1], "x", 1), 1);
	kt_inc(&h.queue, h.p, PAGES, KT_PAGE, 1);
	kt_join(child);
	KT_EQ(kt_wrong(h.p, PAGES, KT_PAGE, 301), 0);
	kt_vm_close(&h.vm);
}

/* Looking changes nothing. */
static void snapshot(const void *param)
{
	uint8_t pages[8];
	struct hmm h;
	uint64_t faults;

	(void)param;
	hmm_open(&h);
	KT_SYS(mprotect(h.p + 4 * KT_PAGE, KT_PAGE, PROT_NONE));
	*(volatile char *)(h.p + KT_PAGE) = 1;
	(void)*(volatile char *)(h.p + 2 * KT_PAGE);
	kt_unmap(h.p + 7 * KT_PAGE, KT_PAGE);
	faults = kt_counter(&h.vm, DRM_CAUSEWAY_COUNTER_FAULTS);
	kt_residency(&h.vm, h.p, sizeof(pages) * KT_PAGE, pages);
	KT_EQ(pages[0], 0);
	KT_EQ(pages[1] & (DRM_CAUSEWAY_PAGE_PRESENT | DRM_CAUSEWAY_PAGE_WRITE),
	      DRM_CAUSEWAY_PAGE_PRESENT | DRM_CAUSEWAY_PAGE_WRITE);
	KT_EQ(pages[2] & (DRM_CAUSEWAY_PAGE_PRESENT | DRM_CAUSEWAY_PAGE_WRITE),
	      DRM_CAUSEWAY_PAGE_PRESENT);
	KT_EQ(pages[3], 0);
	KT_EQ(pages[4], 0);
	KT_EQ(pages[7], 0);
	KT_EQ(kt_counter(&h.vm, DRM_CAUSEWAY_COUNTER_FAULTS), faults);
	KT_EQ(kt_device_pages(&h.vm, h.p, 7 * KT_PAGE), 0);
	kt_vm_close(&h.vm);
}

static void list(void)
{
	static const struct kt_case cases[] = {
		{.name = "open-close", .run = open_close},
		{.name = "anon-read", .run = anon_read},
		{.name = "anon-read-prot", .run = anon_read_prot},
		{.name = "anon-write", .run = anon_write},
		{.name = "anon-write-prot", .run = anon_write_prot},
		{.name = "anon-write-child", .run = anon_write_child},
		{.name = "anon-write-child-migrated",
		 .run = anon_write_child,
		 .param = "",
		 .flags = KT_MIGRATE},
		{.name = "anon-write-child-shared", .run = anon_write_child_shared},
		{.name = "anon-write-huge", .run = anon_write_huge},
		{.name = "anon-write-hugetlb", .run = anon_write_hugetlb, .flags = KT_ROOT},
		{.name = "file-read", .run = file_read},
		{.name = "file-write", .run = file_write},
		{.name = "file-write-private", .run = file_write, .param = ""},
		{.name = "dirty-is-kept", .run = dirty_is_kept},
		{.name = "migrate", .run = migrate, .flags = KT_MIGRATE},
		{.name = "migrate-fault", .run = migrate_fault, .flags = KT_MIGRATE},
		{.name = "migrate-release", .run = migrate_release, .flags = KT_MIGRATE},
		{.name = "migrate-shared", .run = migrate_shared, .flags = KT_MIGRATE},
		{.name = "migrate-multiple", .run = migrate_multiple, .flags = KT_MIGRATE},
		{.name = "anon-read-multiple", .run = anon_read_multiple},
		{.name = "anon-teardown", .run = anon_teardown},
		{.name = "mixedmap", .run = mixedmap},
		{.name = "compound", .run = compound},
		{.name = "gup", .run = gup},
		{.name = "cow-in-device", .run = cow_in_device},
		{.name = "snapshot", .run = snapshot},
	};

	kt_add_all(cases, KT_COUNT(cases));
	hmm_page_cases();
}

int main(int argc, char **argv)
{
	return kt_main(argc, argv, list);
}
