/* SPDX-License-Identifier: MIT */
/* mmap and what can be done to a mapping between launches. */
#include "svm.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORDS	  ((size_t)20000)
#define BYTES	  (WORDS * sizeof(uint32_t))
#define HUGE_PAGE ((size_t)2 << 20)

static int run_anonymous(struct svm *s)
{
	uint32_t *private_words =
		must_map(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	uint32_t *shared_words =
		must_map(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);

	if (svm_add_works(s, "private", private_words, WORDS, 1) ||
	    svm_add_works(s, "shared", shared_words, WORDS, 2))
		return FAIL;
	return PASS;
}

/* Word @i of the file behind @fd, read with a system call. */
static uint32_t file_word(int fd, size_t i)
{
	uint32_t word;

	if (pread(fd, &word, sizeof(word), (off_t)(i * sizeof(word))) != (ssize_t)sizeof(word))
		die("pread: %m");
	return word;
}

/* What a kernel writes to a shared mapping of a file is in the file. */
static int run_file_shared(struct svm *s)
{
	int fd = make_file(BYTES);
	uint32_t *words = must_map(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd);

	if (svm_add_works(s, "file", words, WORDS, 7))
		return FAIL;
	for (size_t i = 0; i < WORDS; i++)
		if (file_word(fd, i) != i + 7)
			return failed("word %zu of the file is %u", i, file_word(fd, i));
	/* And the other way round: what write() puts there, the kernel sees. */
	for (uint32_t i = 0; i < WORDS; i++)
		if (pwrite(fd, &i, sizeof(i), (off_t)(i * sizeof(i))) != (ssize_t)sizeof(i))
			die("pwrite: %m");
	return svm_add_works(s, "file written again", words, WORDS, 8);
}

/* What a kernel writes to a private mapping of a file is not. */
static int run_file_private(struct svm *s)
{
	int fd = make_file(BYTES);
	uint32_t *words = must_map(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);

	if (svm_add_works(s, "file", words, WORDS, 7))
		return FAIL;
	for (size_t i = 0; i < WORDS; i++)
		if (file_word(fd, i) != 0)
			return failed("word %zu of the file is %u", i, file_word(fd, i));
	return PASS;
}

/* A read-only mapping of the program itself, summed by the kernel. */
static int run_file_read_only(struct svm *s)
{
	static const char source[] =
		"kernel void sum(global const uchar *p, ulong bytes, global atomic_uint *sum)\n"
		"{\n"
		"	uint mine = 0;\n"
		"	for (ulong i = get_global_id(0); i < bytes; i += get_global_size(0))\n"
		"		mine += p[i];\n"
		"	atomic_fetch_add(sum, mine);\n"
		"}\n";
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	cl_kernel sum = svm_kernel(s, source, "sum");
	uint32_t got = 0, expected = 0;
	const uint8_t *bytes;
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		die("/proc/self/exe: %m");
	bytes = must_map(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd);
	arg_pointer(sum, 0, bytes);
	arg_ulong(sum, 1, (cl_ulong)st.st_size);
	arg_pointer(sum, 2, &got);
	if (svm_run(s, sum, 300) != CL_COMPLETE)
		return failed("the kernel failed");
	for (off_t i = 0; i < st.st_size; i++)
		expected += bytes[i];
	clReleaseKernel(sum);
	return got == expected ? PASS : failed("the sum is %u, not %u", got, expected);
}

/* The mapping moves between two launches; its contents and the kernel go along. */
static int run_mremap(struct svm *s)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	uint32_t *old = must_map(NULL, BYTES, PROT_READ | PROT_WRITE, flags, -1), *words;
	cl_kernel add = svm_kernel(s, ADD_SOURCE, "add");
	void *target = must_map(NULL, 4 * BYTES, PROT_NONE, flags, -1);

	arg_uint(add, 1, 1);
	arg_pointer(add, 0, old);
	if (svm_run(s, add, WORDS) != CL_COMPLETE)
		return failed("before: the kernel failed");
	words = mremap(old, BYTES, 4 * BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, target);
	if (words == MAP_FAILED)
		die("mremap: %m");
	arg_pointer(add, 0, words);
	if (svm_run(s, add, 4 * WORDS) != CL_COMPLETE)
		return failed("after: the kernel failed");
	for (size_t i = 0; i < 4 * WORDS; i++)
		if (words[i] != (i < WORDS ? 2 : 1))
			return failed("word %zu is %u", i, words[i]);
	/* The old address is empty now. */
	arg_pointer(add, 0, old);
	if (svm_run(s, add, WORDS) >= 0 && is_unmapped(old, BYTES))
		return failed("a kernel that writes to the old address succeeded");
	clReleaseKernel(add);
	return svm_still_works(s);
}

/* The same address, mapped anew: the kernel must not keep the old pages. */
static int run_remap(struct svm *s)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	uint32_t *words = must_map(NULL, BYTES, PROT_READ | PROT_WRITE, flags, -1);
	cl_kernel add = svm_kernel(s, ADD_SOURCE, "add");

	arg_pointer(add, 0, words);
	arg_uint(add, 1, 5);
	for (int round = 0; round < 50; round++) {
		if (svm_run(s, add, WORDS) != CL_COMPLETE)
			return failed("round %d: the kernel failed", round);
		for (size_t i = 0; i < WORDS; i++)
			if (words[i] != 5)
				return failed("round %d: word %zu is %u", round, i, words[i]);
		if (round % 2)
			must_map(words, BYTES, PROT_READ | PROT_WRITE, flags | MAP_FIXED, -1);
		else if (madvise(words, BYTES, MADV_DONTNEED))
			die("madvise: %m");
	}
	clReleaseKernel(add);
	return PASS;
}

/* Bytes of transparent huge pages in the mapping at @at, from /proc. */
static size_t huge_bytes(const void *at)
{
	FILE *maps = fopen("/proc/self/smaps", "r");
	bool inside = false;
	size_t bytes = 0;
	char line[512], *end;

	while (maps && fgets(line, sizeof(line), maps)) {
		uintptr_t low = strtoul(line, &end, 16);

		if (*end == '-')
			inside = (uintptr_t)at >= low && (uintptr_t)at < strtoul(end + 1, NULL, 16);
		else if (inside && strncmp(line, "AnonHugePages:", 14) == 0)
			bytes = 1024 * strtoul(line + 14, NULL, 10);
	}
	if (maps)
		fclose(maps);
	return bytes;
}

/* Transparent huge pages, made and broken up under the kernel. */
static int run_thp(struct svm *s)
{
	const size_t bytes = 4 * HUGE_PAGE;
	uint8_t *raw = must_map(NULL, bytes + HUGE_PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1);
	uint32_t *words = (uint32_t *)(((uintptr_t)raw + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1));
	size_t huge;

	if (madvise(words, bytes, MADV_HUGEPAGE))
		return skipped("this kernel has no transparent huge pages: %m");
	if (svm_add_works(s, "huge pages", words, bytes / 4, 1))
		return FAIL;
	huge = huge_bytes(words);
	if (!huge)
		return skipped("the memory works, but the system gave it no huge page");
	/* Break one up in the middle. */
	if (mprotect((char *)words + HUGE_PAGE / 2, PAGE, PROT_READ) ||
	    mprotect((char *)words + HUGE_PAGE / 2, PAGE, PROT_READ | PROT_WRITE))
		die("mprotect: %m");
	return svm_add_works(s, "broken up", words, bytes / 4, 2);
}

static int run_hugetlb(struct svm *s)
{
	uint32_t *words = mmap(NULL, HUGE_PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (words == MAP_FAILED)
		return skipped("no huge pages are reserved (vm.nr_hugepages): %m");
	return svm_add_works(s, "hugetlb", words, HUGE_PAGE / 4, 3);
}

/* Locked pages, and a mapping that the child processes would not get. */
static int run_locked(struct svm *s)
{
	uint32_t *words =
		must_map(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	if (mlock(words, 8 * PAGE))
		return skipped("mlock: %m");
	if (madvise(words, BYTES / PAGE * PAGE, MADV_DONTFORK))
		die("madvise: %m");
	return svm_add_works(s, "locked", words, WORDS, 4);
}

const struct svm_case mapping_cases[] = {
	{"mmap-anonymous", "anonymous mappings, private and shared", run_anonymous},
	{"mmap-file-shared", "a shared mapping of a file, both ways", run_file_shared},
	{"mmap-file-private", "a private mapping of a file leaves it alone", run_file_private},
	{"mmap-file-read-only", "a read-only mapping of the program's file", run_file_read_only},
	{"mremap", "a mapping that moves and grows between launches", run_mremap},
	{"remap", "munmap, MADV_DONTNEED and mmap at the same address", run_remap},
	{"thp", "transparent huge pages, whole and broken up", run_thp},
	{"hugetlb", "huge pages of the hugetlb pool", run_hugetlb},
	{"locked", "mlock and MADV_DONTFORK", run_locked},
	{NULL, NULL, NULL},
};
