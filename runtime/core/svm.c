/* SPDX-License-Identifier: MIT */
#include "core/svm.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "core/context.h"

/* Alignment of long16 and double16, the largest types. */
#define LARGEST_TYPE 128

/* One allocation.  The priority is a hash of the address, so no random state is needed. */
struct cw_svm_node {
	struct cw_svm_node *left;
	struct cw_svm_node *right;
	struct cw_svm_range range;
};

static uint64_t priority(const struct cw_svm_node *node)
{
	return cw_hash_mix((uintptr_t)node->range.start);
}

/* Nodes left of @key to *@left_out, the others to *@right_out. */
static void split(struct cw_svm_node *node, const char *key, struct cw_svm_node **left_out,
		  struct cw_svm_node **right_out)
{
	while (node) {
		if ((const char *)node->range.start < key) {
			*left_out = node;
			left_out = &node->right;
			node = node->right;
		} else {
			*right_out = node;
			right_out = &node->left;
			node = node->left;
		}
	}
	*left_out = NULL;
	*right_out = NULL;
}

/* All of @left lies before all of @right. */
static struct cw_svm_node *merge(struct cw_svm_node *left, struct cw_svm_node *right)
{
	struct cw_svm_node *root;
	struct cw_svm_node **link = &root;

	while (left && right) {
		if (priority(left) > priority(right)) {
			*link = left;
			link = &left->right;
			left = left->right;
		} else {
			*link = right;
			link = &right->left;
			right = right->left;
		}
	}
	*link = left ? left : right;
	return root;
}

static void insert(struct cw_svm_node **root, struct cw_svm_node *node)
{
	struct cw_svm_node **link = root;

	while (*link && priority(*link) > priority(node))
		link = node->range.start < (*link)->range.start ? &(*link)->left : &(*link)->right;
	split(*link, node->range.start, &node->left, &node->right);
	*link = node;
}

/* Take out the node that starts at @pointer, or NULL. */
static struct cw_svm_node *take(struct cw_svm_node **root, const void *pointer)
{
	struct cw_svm_node **link = root;
	struct cw_svm_node *node;

	while (*link && (*link)->range.start != pointer)
		link = pointer < (*link)->range.start ? &(*link)->left : &(*link)->right;
	node = *link;
	if (node)
		*link = merge(node->left, node->right);
	return node;
}

/* The node with the greatest start that is not after @pointer, if @pointer lies in it. */
static const struct cw_svm_node *find(const struct cw_svm_node *node, const char *pointer)
{
	const struct cw_svm_node *best = NULL;

	while (node) {
		if ((const char *)node->range.start <= pointer) {
			best = node;
			node = node->right;
		} else {
			node = node->left;
		}
	}
	if (best && (size_t)(pointer - (const char *)best->range.start) < best->range.bytes)
		return best;
	return NULL;
}

static void free_node(struct cw_svm_node *node)
{
	cw_memory_free(node->range.start, node->range.bytes);
	free(node);
}

void cw_svm_registry_init(struct cw_svm_registry *registry) cw_no_analysis
{
	cw_mutex_init(&registry->lock, CW_RANK_SVM);
	registry->root = NULL;
}

void cw_svm_registry_finish(struct cw_svm_registry *registry) cw_no_analysis
{
	while (registry->root) {
		struct cw_svm_node *node = registry->root;

		registry->root = merge(node->left, node->right);
		cw_log(SVM, "%zu bytes at %p were never freed", node->range.bytes,
		       node->range.start);
		free_node(node);
	}
	cw_mutex_finish(&registry->lock);
}

void *cw_svm_alloc(struct cw_context *context, cl_svm_mem_flags flags, size_t bytes,
		   size_t alignment)
{
	struct cw_svm_registry *registry = &context->svm;
	struct cw_svm_node *node = malloc(sizeof(*node));
	void *start;

	if (!node)
		return NULL;
	start = cw_memory_alloc(bytes, alignment ? alignment : LARGEST_TYPE);
	if (!start) {
		free(node);
		return NULL;
	}
	node->range = (struct cw_svm_range){.start = start, .bytes = bytes, .flags = flags};
	cw_mutex_lock(&registry->lock);
	insert(&registry->root, node);
	cw_mutex_unlock(&registry->lock);
	cw_log(SVM, "alloc %zu bytes at %p", bytes, start);
	return start;
}

bool cw_svm_free(struct cw_context *context, void *pointer)
{
	struct cw_svm_registry *registry = &context->svm;
	struct cw_svm_node *node;

	cw_mutex_lock(&registry->lock);
	node = take(&registry->root, pointer);
	cw_mutex_unlock(&registry->lock);
	if (!node)
		return false;
	cw_log(SVM, "free %zu bytes at %p", node->range.bytes, pointer);
	free_node(node);
	return true;
}

bool cw_svm_find(struct cw_context *context, const void *pointer, struct cw_svm_range *range_out)
{
	struct cw_svm_registry *registry = &context->svm;
	const struct cw_svm_node *node;

	cw_mutex_lock(&registry->lock);
	node = find(registry->root, pointer);
	if (node && range_out)
		*range_out = node->range;
	cw_mutex_unlock(&registry->lock);
	return node;
}
