/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CAUSEWAY_THREAD_H
#define CAUSEWAY_THREAD_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <uapi/drm/causeway_engine_drm.h>

struct causeway_engine;
struct causeway_job;
struct task_struct;

/**
 * struct causeway_thread - a thread of the engine process
 *
 * Made when it attaches or asks for a job first, freed when it is seen to have
 * left; guarded by &causeway_engine.lock.
 */
struct causeway_thread {
	/** @node: in &causeway_engine.threads; when it has left, in the list of what is freed */
	struct hlist_node node;

	/** @task: referenced; constant */
	struct task_struct *task;

	/** @job: that it is in; NULL: none.  Written by the thread itself while it lives */
	struct causeway_job *job;

	/** @job_link: in &causeway_job.threads */
	struct list_head job_link;

	/** @idle_link: in &causeway_engine.idle while it sleeps; else empty */
	struct list_head idle_link;

	/** @wait: where it sleeps */
	wait_queue_head_t wait;

	/** @start_ns: when it took @job */
	u64 start_ns;

	/** @fault_told: a failed fault of @job was made an event; of the thread alone */
	bool fault_told;
};

struct causeway_thread *causeway_thread_find(struct causeway_engine *engine,
					     const struct task_struct *task);
struct causeway_thread *causeway_thread_create(void);
void causeway_thread_free(struct causeway_thread *thread);
int causeway_thread_insert(struct causeway_engine *engine, struct causeway_thread *thread);
bool causeway_threads_lost(struct causeway_engine *engine);
void causeway_thread_reap(struct causeway_engine *engine, struct hlist_head *gone, u64 now_ns,
			  struct list_head *over);
void causeway_thread_wake(struct causeway_engine *engine, struct causeway_thread *thread);
void causeway_threads_free(struct hlist_head *gone);
int causeway_thread_next(struct causeway_engine *engine, struct causeway_engine_next *args);

#endif
