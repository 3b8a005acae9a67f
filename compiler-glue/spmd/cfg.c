/* SPDX-License-Identifier: MIT */
/* Blocks in reverse post order, dominators, postdominators and natural loops. */
#include "internal.h"

#include <stdlib.h>

/* A block reached by depth-first search. */
struct visit {
	LLVMBasicBlockRef block;
	unsigned next;
};

/*
 * Blocks carry no number of their own, so the table of blocks shares the value
 * table's hash through their value handle: the index is kept as the stride.
 */
int cwc_block_index(struct cwc_body *body, LLVMBasicBlockRef block)
{
	return (int)cwc_value(body, LLVMBasicBlockAsValue(block))->stride;
}

static bool mark_seen(struct cwc_body *body, LLVMBasicBlockRef block)
{
	struct cwc_value *value = cwc_value(body, LLVMBasicBlockAsValue(block));

	if (value->stride)
		return false;
	value->stride = -1;
	return true;
}

static int post_order(struct cwc_body *body, LLVMBasicBlockRef *order)
{
	unsigned total = LLVMCountBasicBlocks(body->source);
	struct visit *stack = cwc_alloc(total, sizeof(*stack));
	int depth = 1, count = 0;

	stack[0] = (struct visit){LLVMGetEntryBasicBlock(body->source), 0};
	mark_seen(body, stack[0].block);
	while (depth) {
		struct visit *top = &stack[depth - 1];
		val_t terminator = LLVMGetBasicBlockTerminator(top->block);
		LLVMBasicBlockRef next;

		if (top->next == LLVMGetNumSuccessors(terminator)) {
			order[count++] = top->block;
			depth--;
			continue;
		}
		/* last successor first, so that the first one comes first in the order */
		next = LLVMGetSuccessor(terminator,
					LLVMGetNumSuccessors(terminator) - 1 - top->next++);
		if (mark_seen(body, next))
			stack[depth++] = (struct visit){next, 0};
	}
	free(stack);
	return count;
}

static void link_blocks(struct cwc_body *body)
{
	for (int i = 0; i < body->block_count; i++) {
		struct cwc_block *block = &body->blocks[i];
		val_t terminator = LLVMGetBasicBlockTerminator(block->block);

		block->succ_count = (int)LLVMGetNumSuccessors(terminator);
		block->succs = cwc_alloc((size_t)block->succ_count, sizeof(int));
		for (int s = 0; s < block->succ_count; s++) {
			block->succs[s] =
				cwc_block_index(body, LLVMGetSuccessor(terminator, (unsigned)s));
			body->blocks[block->succs[s]].pred_count++;
		}
	}
	for (int i = 0; i < body->block_count; i++) {
		body->blocks[i].preds = cwc_alloc((size_t)body->blocks[i].pred_count, sizeof(int));
		body->blocks[i].pred_count = 0;
	}
	for (int i = 0; i < body->block_count; i++)
		for (int s = 0; s < body->blocks[i].succ_count; s++) {
			struct cwc_block *to = &body->blocks[body->blocks[i].succs[s]];

			to->preds[to->pred_count++] = i;
		}
}

static int common_dominator(const struct cwc_body *body, int a, int b)
{
	while (a != b) {
		while (a > b)
			a = body->blocks[a].idom;
		while (b > a)
			b = body->blocks[b].idom;
	}
	return a;
}

static void find_dominators(struct cwc_body *body)
{
	bool changed = true;

	body->blocks[0].idom = 0;
	while (changed) {
		changed = false;
		for (int i = 1; i < body->block_count; i++) {
			struct cwc_block *block = &body->blocks[i];
			int idom = -1;

			for (int p = 0; p < block->pred_count; p++) {
				if (body->blocks[block->preds[p]].idom < 0)
					continue;
				idom = idom < 0 ? block->preds[p]
						: common_dominator(body, idom, block->preds[p]);
			}
			changed |= idom != block->idom;
			block->idom = idom;
		}
	}
}

/* In reverse post order numbers, a postdominator need not have a higher number: use depth. */
static int common_postdominator(const struct cwc_body *body, const int *rank, int a, int b)
{
	while (a != b) {
		if (a < 0 || b < 0)
			return -1;
		if (rank[a] > rank[b])
			a = body->blocks[a].ipdom;
		else
			b = body->blocks[b].ipdom;
	}
	return a;
}

/* Number blocks in post order of the reversed graph; higher is farther from the exit. */
static int rank_blocks(const struct cwc_body *body, int *rank, int *order)
{
	int *stack = cwc_alloc((size_t)body->block_count + 1, sizeof(int));
	int *next = cwc_alloc((size_t)body->block_count + 1, sizeof(int));
	int count = 0;

	for (int i = 0; i < body->block_count; i++)
		rank[i] = -1;
	for (int i = 0; i < body->block_count; i++) {
		int depth = 0;

		if (body->blocks[i].succ_count)
			continue;
		stack[depth] = i;
		next[depth++] = 0;
		rank[i] = 0;
		while (depth) {
			const struct cwc_block *block = &body->blocks[stack[depth - 1]];
			int pred;

			if (next[depth - 1] == block->pred_count) {
				order[count++] = stack[--depth];
				continue;
			}
			pred = block->preds[next[depth - 1]++];
			if (rank[pred] >= 0)
				continue;
			rank[pred] = 0;
			stack[depth] = pred;
			next[depth++] = 0;
		}
	}
	for (int i = 0; i < count; i++)
		rank[order[i]] = count - 1 - i;
	free(stack);
	free(next);
	return count;
}

static void find_postdominators(struct cwc_body *body)
{
	int *rank = cwc_alloc((size_t)body->block_count, sizeof(int));
	int *order = cwc_alloc((size_t)body->block_count, sizeof(int));
	bool *known = cwc_alloc((size_t)body->block_count, sizeof(bool));
	int count = rank_blocks(body, rank, order);
	bool changed = true;

	while (changed) {
		changed = false;
		for (int k = count - 1; k >= 0; k--) {
			struct cwc_block *block = &body->blocks[order[k]];
			int ipdom = -2;

			for (int s = 0; s < block->succ_count; s++) {
				if (!known[block->succs[s]])
					continue;
				ipdom = ipdom == -2 ? block->succs[s]
						    : common_postdominator(body, rank, ipdom,
									   block->succs[s]);
			}
			if (ipdom == -2)
				ipdom = -1;
			changed |= !known[order[k]] || ipdom != block->ipdom;
			known[order[k]] = true;
			block->ipdom = ipdom;
		}
	}
	free(rank);
	free(order);
	free(known);
}

bool cwc_dominates(const struct cwc_body *body, int a, int b)
{
	while (b > a)
		b = body->blocks[b].idom;
	return a == b;
}

static void add_to_loop(struct cwc_body *body, int header, int latch)
{
	int *stack = cwc_alloc((size_t)body->block_count, sizeof(int));
	bool *seen = cwc_alloc((size_t)body->block_count, sizeof(bool));
	int depth = 0;

	seen[header] = true;
	body->blocks[header].loop = header;
	if (latch != header) {
		seen[latch] = true;
		stack[depth++] = latch;
	}
	while (depth) {
		struct cwc_block *block = &body->blocks[stack[--depth]];

		block->loop = header;
		for (int p = 0; p < block->pred_count; p++)
			if (!seen[block->preds[p]]) {
				seen[block->preds[p]] = true;
				stack[depth++] = block->preds[p];
			}
	}
	free(stack);
	free(seen);
}

/* Outer loops first, so that inner ones overwrite their blocks' innermost loop. */
static void find_loops(struct cwc_body *body)
{
	for (int h = 0; h < body->block_count; h++) {
		struct cwc_block *header = &body->blocks[h];

		for (int p = 0; p < header->pred_count; p++) {
			int latch = header->preds[p];

			if (latch < h)
				continue;
			if (header->latch >= 0 || !cwc_dominates(body, h, latch)) {
				cwc_fail(body->unit, "internal: a loop is not in simple form");
				return;
			}
			header->latch = latch;
			header->outer = header->loop;
			add_to_loop(body, h, latch);
		}
	}
}

bool cwc_in_loop(const struct cwc_body *body, int block, int header)
{
	int loop = body->blocks[block].loop;

	while (loop >= 0 && loop != header)
		loop = body->blocks[loop].outer;
	return loop == header;
}

void cwc_cfg_build(struct cwc_body *body)
{
	unsigned total = LLVMCountBasicBlocks(body->source);
	LLVMBasicBlockRef *order = cwc_alloc(total, sizeof(*order));
	int count = post_order(body, order);

	body->block_count = count;
	body->blocks = cwc_alloc((size_t)count, sizeof(*body->blocks));
	for (int i = 0; i < count; i++) {
		struct cwc_block *block = &body->blocks[i];

		block->block = order[count - 1 - i];
		block->idom = block->ipdom = block->loop = block->latch = block->outer = -1;
		cwc_value(body, LLVMBasicBlockAsValue(block->block))->stride = i;
	}
	free(order);
	link_blocks(body);
	find_dominators(body);
	find_postdominators(body);
	find_loops(body);
}

void cwc_cfg_free(struct cwc_body *body)
{
	for (int i = 0; i < body->block_count; i++) {
		free(body->blocks[i].preds);
		free(body->blocks[i].succs);
	}
	free(body->blocks);
}
