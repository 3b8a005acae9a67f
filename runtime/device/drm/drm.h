/* SPDX-License-Identifier: MIT */
/*
 * The device behind the causeway kernel driver: structures that its files share.
 *
 * DOC: who runs what
 *
 * The process has one *VM* for each device: the driver's mirror of its address
 * space, and an *engine*, the process that is the device's processor.  Both come
 * into being with the first queue, and again after fork().  Each OpenCL queue
 * has a queue of the driver.
 *
 * A command becomes a job: its descriptor and argument block are written to the
 * arena (memory that both processes have at the same address), SUBMIT hands its
 * address over, and the queue's fence page tells when it is done.  Whoever sees
 * that *reaps*: takes finished commands off the queue's list and completes them.
 * A thread that waits for a command of the queue does it by itself; while nobody
 * waits, the queue's own thread, the reaper, does.
 *
 * Every byte that a kernel touches beyond the arena is the application's, where
 * it lies; the driver moves it or doesn't.
 *
 * DOC: when the engine dies
 *
 * The jobs that it has begun end as lost and their contexts fail.  Those that it has
 * not are handed over once more, and every submission to a dead engine starts a new one
 * for the same VM.
 */
#ifndef CW_DRM_H
#define CW_DRM_H

#include <sys/types.h>

#include "base/lock.h"
#include "causeway_engine.h"
#include "core/command.h"
#include "device/device.h"
#include "uapi/drm/causeway_drm.h"

/* ---- arena.c: memory shared with the engine ---- */

#define CW_DRM_CLASSES 32

/*
 * struct cw_drm_region - a part of the arena that blocks are taken from.
 * Blocks are powers of two in size and aligned to that, up to a page at least.
 * @base, @bytes: where it lies.
 * @file_offset: of @base in the arena's memfd.
 * @used: bytes from @base that were given out at some time.
 * @free: for each log2 of the size, blocks that came back, linked by their first word.
 */
struct cw_drm_region {
	struct cw_mutex lock;
	unsigned char *base;
	uint64_t bytes;
	uint64_t file_offset;
	uint64_t used cw_guarded_by(&lock);
	void *free[CW_DRM_CLASSES + 1] cw_guarded_by(&lock);
};

/*
 * struct cw_drm_arena - the shared memory of a VM.
 * @memfd: CODE, then DATA.
 */
struct cw_drm_arena {
	int memfd;
	struct cw_drm_region code;
	struct cw_drm_region data;
};

/*
 * Reserve the engine window of this process and map the arena in it.  0 or negative errno:
 * -EEXIST where something else lies in the window.
 */
int cw_drm_arena_init(struct cw_drm_arena *arena);
void cw_drm_arena_finish(struct cw_drm_arena *arena);

/* @bytes of @region, at least 128-byte aligned, contents unknown; NULL when it is used up. */
void *cw_drm_region_alloc(struct cw_drm_region *region, uint64_t bytes);
void cw_drm_region_free(struct cw_drm_region *region, void *block, uint64_t bytes);

/* ---- node.c: finding the device ---- */

/*
 * struct cw_drm_node - a render node of the causeway driver.
 * @path: "/dev/dri/renderD128"
 */
struct cw_drm_node {
	char path[32];
	struct drm_causeway_device_info info;
};

/* The nodes of this machine that may be opened, at most @limit; how many. */
unsigned cw_drm_nodes(struct cw_drm_node *nodes_out, unsigned limit);

/* An ioctl that goes on after signals: 0 or negative errno. */
int cw_drm_ioctl(int fd, unsigned long request, void *argument);

/* ---- vm.c, engine.c: the VM and its engine ---- */

/* Records of failed jobs that are kept for messages. */
#define CW_DRM_FAILURES 64

/*
 * struct cw_drm_vm - see DOC.
 * @generation: cw_process_generation() of the process it mirrors.
 * @fd: the render node, opened for this VM alone.
 * @id: the driver's number.
 * @engine_fd: what an engine attaches to.
 * @event_fd: records of faults and migrations; never blocks.
 * @threads: of the engine.
 * @max_pending: unfinished jobs of a queue.
 * @last_command: for command ids that are unique though the log counts none.
 * @engine_generation: how many engines died.
 * @failures: the newest, @next_failure counts them.
 */
struct cw_drm_vm {
	unsigned generation;
	int fd;
	uint32_t id;
	int engine_fd;
	int event_fd;
	unsigned threads;
	unsigned max_pending;
	struct cw_drm_arena arena;
	_Atomic uint64_t last_command;
	struct cw_mutex lock;	       /* rank ENGINE: held while an engine starts */
	atomic_uint engine_generation; /* written under @lock */
	struct cw_mutex event_lock;    /* rank RECORDS */
	struct drm_causeway_event failures[CW_DRM_FAILURES] cw_guarded_by(&event_lock);
	unsigned next_failure cw_guarded_by(&event_lock);
};

/* struct cw_drm_device - a root device; @vm is made on first use, again after fork(). */
struct cw_drm_device {
	struct cw_device base;
	struct cw_drm_node node;
	char name[96];
	unsigned threads;
	struct cw_mutex lock; /* rank POOL */
	_Atomic(struct cw_drm_vm *) vm;
};

static inline struct cw_drm_device *cw_drm_device(struct cw_device *device)
{
	return (struct cw_drm_device *)device;
}

/* The process's VM on @drm, with an engine; NULL and *error_out where there is none. */
struct cw_drm_vm *cw_drm_vm(struct cw_drm_device *drm, int *error_out);

/* Start an engine and wait until it is ready.  0 or negative errno; the log says why. */
int cw_drm_engine_start(struct cw_drm_vm *vm);

/*
 * The engine that was there when vm->engine_generation was @generation has died:
 * start another, unless somebody did.  0 or negative errno.
 */
int cw_drm_engine_restart(struct cw_drm_vm *vm, unsigned generation);

/* ---- record.c: what the driver tells ---- */

/* Read what there is: remember failures, write the rest to the trace. */
void cw_drm_records_read(struct cw_drm_vm *vm);

/* The failure of command @command_id in words: "write to 0x10: no mapping at this address". */
void cw_drm_failure_text(struct cw_drm_vm *vm, uint64_t command_id, uint32_t status, char *text_out,
			 size_t bytes);

/* ---- job.c: commands as jobs ---- */

/*
 * struct cw_drm_job - what the backend keeps of a command; lies in command->backend.
 * @memory: its descriptor, then its argument block, in DATA; @bytes of it.
 * @printf: in DATA, where the kernel prints.
 * @seqno: of the driver's queue; 0: never got there.
 * @command_id: as in events and traces.
 * @submitted_ns: when it was handed over.
 * @width: engine threads that may work on it.
 * @error: why the driver didn't get it, negative errno; 0: it did.
 * @has_failed: it is over, and perhaps not well.
 * @is_second: it was lost with its engine before that had begun it, and handed over again.
 */
struct cw_drm_job {
	struct causeway_job *memory;
	uint64_t bytes;
	struct cwc_printf_buffer *printf;
	uint64_t seqno;
	uint64_t command_id;
	uint64_t submitted_ns;
	uint32_t width;
	int error;
	bool has_failed;
	bool is_second;
};

_Static_assert(sizeof(struct cw_drm_job) <= sizeof(((struct cw_command *)0)->backend),
	       "a job does not fit its command");

static inline struct cw_drm_job *cw_drm_job(struct cw_command *command)
{
	return (struct cw_drm_job *)command->backend;
}

/*
 * Write @command's job.  0, -ENOMEM, or -E2BIG where the engine can't hold its local memory
 * or stack; cw_drm_job_finish() follows in any case.
 */
int cw_drm_job_make(struct cw_drm_vm *vm, struct cw_command *command);

/* The job is over: take what it printed, learn how long it ran, give its memory back. */
void cw_drm_job_finish(struct cw_drm_vm *vm, struct cw_command *command, uint64_t now_ns);

/* ---- queue.c ---- */

int cw_drm_queue_init(struct cw_device *device, struct cw_queue *queue);
void cw_drm_queue_finish(struct cw_device *device, struct cw_queue *queue);
void cw_drm_submit(struct cw_device *device, struct cw_command *command);
void cw_drm_wait(struct cw_device *device, const struct cw_wait *wait);

/* ---- call.c: commands that the host runs ---- */

/* Run a CALL or MIGRATE on a thread of its own, then complete it. */
void cw_drm_call(struct cw_drm_vm *vm, struct cw_command *command);

#endif
