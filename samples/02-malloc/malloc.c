/* SPDX-License-Identifier: MIT */
/*
 * Any pointer: one kernel works on memory from five places at once.  Their
 * addresses travel in an ordinary struct, so OpenCL has never seen four of the
 * five pointers; the kernel finds them by following the first.
 */
#include "../sample.h"
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define WORDS 1000

/* The same declaration on both sides: see "struct places" in the kernel. */
struct places {
	int *heap;
	int *stack;
	int *global;
	int *anonymous; /* mmap without a file */
	int *file;	/* mmap of a file, shared: what the kernel writes is in the file */
};

static const char source[] = "struct places {\n"
			     "	global int *heap, *stack, *global_data, *anonymous, *file;\n"
			     "};\n"
			     "\n"
			     "kernel void visit(global struct places *at)\n"
			     "{\n"
			     "	size_t i = get_global_id(0);\n"
			     "\n"
			     "	at->heap[i] += 1;\n"
			     "	at->stack[i] += 2;\n"
			     "	at->global_data[i] += 3;\n"
			     "	at->anonymous[i] += 4;\n"
			     "	at->file[i] = at->heap[i] + at->stack[i] +\n"
			     "		      at->global_data[i] + at->anonymous[i];\n"
			     "}\n";

static int global_data[WORDS];

static void fill(int *words, int start)
{
	for (int i = 0; i < WORDS; i++)
		words[i] = start + i;
}

/* How many words are not what the kernel should have made of fill(words, start). */
static int wrong(const char *name, const int *words, int start, int step)
{
	int bad = 0;

	for (int i = 0; i < WORDS; i++)
		bad += words[i] != start + step * i;
	printf("%-10s %14p  %s\n", name, (const void *)words, bad ? "WRONG" : "ok");
	return bad;
}

/* The file is read back with read(2): the kernel wrote to the file itself. */
static int wrong_in_file(int fd)
{
	int words[WORDS];

	if (pread(fd, words, sizeof(words), 0) != (ssize_t)sizeof(words))
		fail("the file can't be read back");
	return wrong("read(file)", words, 1 + 2 + 3 + 4 + 10 + 20 + 30 + 40, 4);
}

static int *map(int fd, int flags)
{
	void *p = mmap(NULL, WORDS * sizeof(int), PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		fail("mmap failed");
	return p;
}

int main(void)
{
	int stack[WORDS], *heap = malloc(sizeof(stack));
	char path[] = "/tmp/causeway-sample-XXXXXX";
	int fd = mkstemp(path), bad;
	struct places *at = malloc(sizeof(*at));
	size_t items = WORDS;
	struct sample s;
	cl_kernel kernel;

	if (!heap || !at || fd < 0 || unlink(path) || ftruncate(fd, sizeof(stack)))
		fail("no memory or no temporary file");
	*at = (struct places){heap, stack, global_data, map(-1, MAP_PRIVATE | MAP_ANONYMOUS),
			      map(fd, MAP_SHARED)};
	fill(heap, 10);
	fill(stack, 20);
	fill(global_data, 30);
	fill(at->anonymous, 40);

	sample_open(&s, source, "-cl-std=CL3.0");
	kernel = sample_kernel(&s, "visit");
	check(clSetKernelArgSVMPointer(kernel, 0, at), "clSetKernelArgSVMPointer");
	check(clEnqueueNDRangeKernel(s.queue, kernel, 1, NULL, &items, NULL, 0, NULL, NULL),
	      "clEnqueueNDRangeKernel");
	check(clFinish(s.queue), "clFinish");

	bad = wrong("heap", heap, 11, 1) + wrong("stack", stack, 22, 1) +
	      wrong("global", global_data, 33, 1) + wrong("mmap", at->anonymous, 44, 1) +
	      wrong("mmap(file)", at->file, 110, 4) + wrong_in_file(fd);
	clReleaseKernel(kernel);
	sample_close(&s);
	munmap(at->anonymous, sizeof(stack));
	munmap(at->file, sizeof(stack));
	close(fd);
	free(heap);
	free(at);
	if (bad)
		fail("%d words are wrong", bad);
	printf("one kernel, five kinds of memory, no copies\n");
	return 0;
}
