/* SPDX-License-Identifier: MIT */
/* What the order of a queue asks for; see queue.h. */
#include "core/command.h"
#include "core/queue.h"

/* One thing less to wait for; true for whoever has to start the command. */
static bool drop_pending(struct cw_command *command)
{
	return atomic_fetch_sub_explicit(&command->pending, 1, memory_order_acq_rel) == 1;
}

static void append_in_order(struct cw_queue *queue, struct cw_command *command)
{
	struct cw_command *before;

	cw_event_get(&command->event);
	atomic_fetch_add_explicit(&command->pending, 1, memory_order_relaxed);
	before = atomic_exchange_explicit(&queue->tail, command, memory_order_acq_rel);
	if (!before || atomic_exchange_explicit(&before->order_next, command,
						memory_order_acq_rel) == CW_ORDER_DONE)
		drop_pending(command);
	if (before)
		cw_event_put(&before->event);
}

static void append_out_of_order(struct cw_queue *queue, struct cw_command *command)
{
	cw_mutex_lock(&queue->lock);
	command->waits_for_turn = command->waits_for_all && !cw_list_is_empty(&queue->outstanding);
	atomic_fetch_add_explicit(&command->pending, command->waits_for_turn, memory_order_relaxed);
	cw_list_add_tail(&queue->outstanding, &command->outstanding);
	if (queue->barrier) {
		command->order_edge.successor = command;
		command->order_edge.is_order = true;
		atomic_fetch_add_explicit(&command->pending, 1, memory_order_relaxed);
		if (!cw_event_add_edge(&queue->barrier->event, &command->order_edge))
			drop_pending(command);
	}
	if (command->is_barrier)
		queue->barrier = command;
	cw_mutex_unlock(&queue->lock);
}

void cw_queue_append(struct cw_queue *queue, struct cw_command *command)
{
	if (queue->is_in_order)
		append_in_order(queue, command);
	else
		append_out_of_order(queue, command);
}

static struct cw_command *remove_in_order(struct cw_queue *queue, struct cw_command *command)
{
	struct cw_command *expected = command;
	struct cw_command *next =
		atomic_exchange_explicit(&command->order_next, CW_ORDER_DONE, memory_order_acq_rel);

	if (!next && atomic_load_explicit(&queue->tail, memory_order_relaxed) == command &&
	    atomic_compare_exchange_strong(&queue->tail, &expected, NULL))
		cw_event_put(&command->event);
	return next && drop_pending(next) ? next : NULL;
}

/* The oldest command that is left, if it waited for nothing but to be that. */
static struct cw_command *oldest_released_locked(struct cw_queue *queue) cw_must_hold(&queue->lock)
{
	struct cw_command *oldest;

	if (cw_list_is_empty(&queue->outstanding))
		return NULL;
	oldest = cw_container_of(queue->outstanding.next, struct cw_command, outstanding);
	if (!oldest->waits_for_turn)
		return NULL;
	oldest->waits_for_turn = false;
	return drop_pending(oldest) ? oldest : NULL;
}

static struct cw_command *remove_out_of_order(struct cw_queue *queue, struct cw_command *command)
{
	struct cw_command *released;

	cw_mutex_lock(&queue->lock);
	cw_list_del(&command->outstanding);
	if (queue->barrier == command)
		queue->barrier = NULL;
	released = oldest_released_locked(queue);
	cw_mutex_unlock(&queue->lock);
	return released;
}

struct cw_command *cw_queue_remove(struct cw_queue *queue, struct cw_command *command)
{
	return queue->is_in_order ? remove_in_order(queue, command)
				  : remove_out_of_order(queue, command);
}

bool cw_queue_is_idle(struct cw_queue *queue)
{
	bool is_idle;

	if (queue->is_in_order)
		return !atomic_load_explicit(&queue->tail, memory_order_acquire);
	cw_mutex_lock(&queue->lock);
	is_idle = cw_list_is_empty(&queue->outstanding);
	cw_mutex_unlock(&queue->lock);
	return is_idle;
}
