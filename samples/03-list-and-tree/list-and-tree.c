/* SPDX-License-Identifier: MIT */
/*
 * Pointer structures: linked lists and a search tree that the host builds with
 * malloc.  Kernels walk and change them in place, and the host goes on with
 * the very same nodes.
 *
 *  - "reverse" turns every list around, one work-item a list.
 *  - "insert" hangs new nodes into the tree, one work-item a node, all at
 *    once: an empty place is taken with compare-and-exchange.
 *  - "count" looks keys up, one work-item a key.
 */
#include "../sample.h"
#include <stdint.h>
#include <string.h>

#define LISTS 500
#define NODES 20000

struct item {
	struct item *next;
	int value;
};

struct node {
	struct node *child[2]; /* smaller keys, larger keys */
	uint32_t key;
	uint32_t hits;
};

static const char source[] =
	"struct item {\n"
	"	global struct item *next;\n"
	"	int value;\n"
	"};\n"
	"\n"
	"kernel void reverse(global struct item *global *heads, global int *sums)\n"
	"{\n"
	"	size_t i = get_global_id(0);\n"
	"	global struct item *item = heads[i], *done = 0;\n"
	"	int sum = 0;\n"
	"\n"
	"	while (item) {\n"
	"		global struct item *next = item->next;\n"
	"		sum += item->value;\n"
	"		item->next = done;\n"
	"		done = item;\n"
	"		item = next;\n"
	"	}\n"
	"	heads[i] = done;\n"
	"	sums[i] = sum;\n"
	"}\n"
	"\n"
	"struct node {\n"
	"	atomic_ulong child[2];	/* the host's struct node *child[2] */\n"
	"	uint key;\n"
	"	atomic_uint hits;\n"
	"};\n"
	"\n"
	"kernel void insert(global struct node *root, global struct node *global *fresh)\n"
	"{\n"
	"	global struct node *mine = fresh[get_global_id(0)], *at = root;\n"
	"\n"
	"	while (at) {\n"
	"		global atomic_ulong *place = &at->child[mine->key > at->key];\n"
	"		ulong seen = 0;\n"
	"		/* Take the place if it is empty, else go down through it. */\n"
	"		if (atomic_compare_exchange_strong_explicit(place, &seen, (ulong)mine,\n"
	"				memory_order_acq_rel, memory_order_acquire,\n"
	"				memory_scope_device))\n"
	"			break;\n"
	"		at = (global struct node *)seen;\n"
	"	}\n"
	"}\n"
	"\n"
	"kernel void count(global struct node *root, global const uint *keys)\n"
	"{\n"
	"	uint key = keys[get_global_id(0)];\n"
	"	global struct node *at = root;\n"
	"\n"
	"	while (at && at->key != key)\n"
	"		at = (global struct node *)atomic_load_explicit(&at->child[key > at->key],\n"
	"				memory_order_acquire, memory_scope_device);\n"
	"	if (at)\n"
	"		atomic_fetch_add_explicit(&at->hits, 1, memory_order_relaxed,\n"
	"				memory_scope_device);\n"
	"}\n";

static void *must(void *p)
{
	if (!p)
		fail("out of memory");
	return p;
}

static void run(struct sample *s, const char *name, void *first, void *second, size_t items)
{
	cl_kernel kernel = sample_kernel(s, name);
	double start = now_s();

	check(clSetKernelArgSVMPointer(kernel, 0, first), "clSetKernelArgSVMPointer");
	check(clSetKernelArgSVMPointer(kernel, 1, second), "clSetKernelArgSVMPointer");
	check(clEnqueueNDRangeKernel(s->queue, kernel, 1, NULL, &items, NULL, 0, NULL, NULL),
	      "clEnqueueNDRangeKernel");
	check(clFinish(s->queue), "clFinish");
	clReleaseKernel(kernel);
	printf("%-8s %6zu work-items  %8.3f ms\n", name, items, 1e3 * (now_s() - start));
}

/* List i holds the values 0 to i-1, so its length is i. */
static void lists(struct sample *s)
{
	struct item **heads = must(calloc(LISTS, sizeof(struct item *)));
	int *sums = must(calloc(LISTS, sizeof(*sums)));
	int bad = 0;

	for (int i = 0; i < LISTS; i++) {
		for (int value = i - 1; value >= 0; value--) {
			struct item *item = must(malloc(sizeof(*item)));

			*item = (struct item){heads[i], value};
			heads[i] = item;
		}
	}
	run(s, "reverse", heads, sums, LISTS);
	for (int i = 0; i < LISTS; i++) {
		int expected = i - 1;

		bad += sums[i] != i * (i - 1) / 2;
		for (struct item *item = heads[i], *next; item; item = next) {
			bad += item->value != expected--;
			next = item->next;
			free(item);
		}
		bad += expected != -1;
	}
	free(heads);
	free(sums);
	if (bad)
		fail("the lists are wrong in %d places", bad);
	printf("%d lists summed and reversed in place: ok\n", LISTS);
}

/* A one-to-one shuffle of 32-bit numbers, so that all keys differ. */
static uint32_t shuffled(uint32_t i)
{
	i = (i ^ (i >> 16)) * 0x7feb352du;
	i = (i ^ (i >> 15)) * 0x846ca68bu;
	return i ^ (i >> 16);
}

/* Walk in order, checking it, and free; returns the number of nodes. */
static size_t check_and_free(struct node *node, uint64_t *least, int *bad)
{
	size_t below;

	if (!node)
		return 0;
	below = check_and_free(node->child[0], least, bad);
	*bad += node->key < *least || node->hits != 1;
	*least = (uint64_t)node->key + 1;
	below += check_and_free(node->child[1], least, bad);
	free(node);
	return below + 1;
}

static void tree(struct sample *s)
{
	struct node **fresh = must(calloc(NODES, sizeof(struct node *)));
	uint32_t *keys = must(calloc(NODES, sizeof(*keys)));
	uint64_t least = 0;
	size_t found;
	int bad = 0;

	for (uint32_t i = 0; i < NODES; i++) {
		fresh[i] = must(calloc(1, sizeof(struct node)));
		fresh[i]->key = keys[NODES - 1 - i] = shuffled(i);
	}
	/* The host plants the root, the kernel everything else. */
	run(s, "insert", fresh[0], fresh + 1, NODES - 1);
	run(s, "count", fresh[0], keys, NODES);
	found = check_and_free(fresh[0], &least, &bad);
	free(fresh);
	free(keys);
	if (found != NODES || bad)
		fail("the tree has %zu of %d nodes, %d wrong", found, NODES, bad);
	printf("%d tree nodes inserted and found by kernels: ok\n", NODES);
}

int main(void)
{
	struct sample s;

	sample_open(&s, source, "-cl-std=CL3.0");
	lists(&s);
	tree(&s);
	sample_close(&s);
	return 0;
}
