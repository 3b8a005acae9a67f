/* SPDX-License-Identifier: MIT */
/* The memory of a queue's commands; see queue.h. */
#include <stdlib.h>
#include <string.h>

#include "core/command.h"
#include "core/queue.h"

#define FIRST_SLAB_COMMANDS 8
#define MOST_SLAB_COMMANDS  256

struct cw_command_slab {
	struct cw_command_slab *next;
	unsigned count;
	_Alignas(CWC_ARENA_ALIGN) struct cw_command commands[];
};

static void command_first_init(struct cw_command *command)
{
	memset(command, 0, sizeof(*command));
	command->edges = command->inline_edges;
	command->max_edges = CW_COMMAND_INLINE_EDGES;
	command->mems = command->inline_mems;
	command->max_mems = CW_COMMAND_INLINE_MEMS;
	command->block = command->inline_block;
	command->max_block = CW_COMMAND_INLINE_ARGS;
}

static void grow_pool_locked(struct cw_queue *queue) cw_must_hold(&queue->pool_lock)
{
	unsigned count = queue->slab_commands ? queue->slab_commands : FIRST_SLAB_COMMANDS;
	struct cw_command_slab *slab;

	slab = aligned_alloc(CWC_ARENA_ALIGN, sizeof(*slab) + count * sizeof(slab->commands[0]));
	if (!slab)
		return;
	slab->next = queue->slabs;
	slab->count = count;
	queue->slabs = slab;
	queue->slab_commands = count < MOST_SLAB_COMMANDS ? count * 2 : count;
	for (unsigned i = 0; i < count; i++) {
		command_first_init(&slab->commands[i]);
		slab->commands[i].next_ready = queue->pool;
		queue->pool = &slab->commands[i];
	}
}

struct cw_command *cw_queue_take_command(struct cw_queue *queue)
{
	struct cw_command *command;

	cw_mutex_lock(&queue->pool_lock);
	if (!queue->pool)
		queue->pool =
			atomic_exchange_explicit(&queue->returned, NULL, memory_order_acquire);
	if (!queue->pool)
		grow_pool_locked(queue);
	command = queue->pool;
	if (command)
		queue->pool = command->next_ready;
	cw_mutex_unlock(&queue->pool_lock);
	return command;
}

void cw_queue_return_command(struct cw_queue *queue, struct cw_command *command)
{
	struct cw_command *head = atomic_load_explicit(&queue->returned, memory_order_relaxed);

	do {
		command->next_ready = head;
	} while (!atomic_compare_exchange_weak_explicit(
		&queue->returned, &head, command, memory_order_release, memory_order_relaxed));
}

static void command_free_spills(struct cw_command *command)
{
	if (command->edges != command->inline_edges)
		free(command->edges);
	if (command->mems != command->inline_mems)
		free(command->mems);
	if (command->block != command->inline_block)
		free(command->block);
}

void cw_queue_free_commands(struct cw_queue *queue)
{
	struct cw_command_slab *slab;

	cw_mutex_lock(&queue->pool_lock);
	while ((slab = queue->slabs)) {
		queue->slabs = slab->next;
		for (unsigned i = 0; i < slab->count; i++)
			command_free_spills(&slab->commands[i]);
		free(slab);
	}
	cw_mutex_unlock(&queue->pool_lock);
}
