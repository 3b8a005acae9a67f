/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the driver share.
 *
 * DOC: cases
 *
 * A program is a list of cases.  Each runs in a process of its own (and its
 * process group: engines and children are in it), prints one line
 *
 *   ok NAME | not ok NAME: reason | skip NAME: reason
 *
 * and has a time limit.  After it the runner looks whether processes stayed
 * behind and whether the devices' memory is as used as it was before: if not,
 * the case has failed.  Lines that begin with "# " are figures.
 *
 * DOC: device code
 *
 * Functions marked KT_DEVICE (kt_code.c) are copied into the CODE arena and run
 * on the engine's threads.  An item is one work-group.
 */
#ifndef KT_H
#define KT_H

#include "causeway_engine.h"
#include "drm/causeway_engine_drm.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define KT_PAGE 4096ul
#define KT_HUGE (2ul << 20)
#define KT_MIB	(1ul << 20)

#define KT_COUNT(array) (sizeof(array) / sizeof(*(array)))

/* ---- cases ---------------------------------------------------------- */

/* Bits of kt_case.flags. */
enum kt_flags {
	KT_FULL = 1u << 0,     /* in the whole list only (-f) */
	KT_ROOT = 1u << 1,     /* needs root */
	KT_MIGRATE = 1u << 2,  /* needs DRM_CAUSEWAY_CAP_MIGRATE */
	KT_TWO = 1u << 3,      /* needs a second instance */
	KT_NO_NODE = 1u << 4,  /* goes on where no device is there */
	KT_UNCHECKED = 1u << 5 /* don't look at what is left behind */
};

/*
 * struct kt_case - one case
 * @name: lower case, digits and dashes
 * @run: its body; returns when it passed
 * @param: for @run
 * @flags: enum kt_flags
 * @seconds: time limit before the factor; 0: 60
 */
struct kt_case {
	const char *name;
	void (*run)(const void *param);
	const void *param;
	unsigned int flags;
	unsigned int seconds;
};

/*
 * struct kt_options - what the command line said
 * @full: -f: the whole list
 * @count: -n: rounds, 0: the case's own
 * @seconds: -s: duration of what runs for a time, 0: the case's own
 * @seed: -r: of what is random
 * @factor: -x or KT_TIME_FACTOR: time limits are multiplied by it
 */
struct kt_options {
	bool full;
	unsigned long count;
	unsigned long seconds;
	unsigned long seed;
	double factor;
};

extern struct kt_options kt_options;

/* Add a case to the program's list; its name is copied. */
void kt_add(const struct kt_case *c);
void kt_add_all(const struct kt_case *list, size_t count);

/*
 * kt_main - the body of main(): run the cases that @list adds and the arguments name
 *
 * Returns 0 (all passed or were skipped), 1, or 77 (no device).
 */
int kt_main(int argc, char **argv, void (*list)(void));

#define KT_EXIT_SKIP 77

/* End the case, from any of its threads. */
__attribute__((format(printf, 1, 2), noreturn)) void kt_fail(const char *format, ...);
__attribute__((format(printf, 1, 2), noreturn)) void kt_skip(const char *format, ...);

/* Print a figure. */
__attribute__((format(printf, 1, 2))) void kt_note(const char *format, ...);

#define KT_STRING_(x) #x
#define KT_STRING(x)  KT_STRING_(x)
#define KT_AT	      " (" __FILE_NAME__ ":" KT_STRING(__LINE__) ")"

/* Fail unless the condition holds; KT_EQ tells both sides. */
#define KT_CHECK(condition)                                                                        \
	do {                                                                                       \
		if (!(condition))                                                                  \
			kt_fail("%s" KT_AT, #condition);                                           \
	} while (0)
#define KT_EQ(left, right)                                                                         \
	do {                                                                                       \
		long long left_ = (long long)(left), right_ = (long long)(right);                  \
                                                                                                   \
		if (left_ != right_)                                                               \
			kt_fail("%s is %lld (0x%llx), not %lld" KT_AT, #left, left_,               \
				(unsigned long long)left_, right_);                                \
	} while (0)
/* Like KT_CHECK for system calls: errno is told. */
#define KT_SYS(call)                                                                               \
	({                                                                                         \
		__auto_type sys_ = (call);                                                         \
                                                                                                   \
		if ((long)sys_ == -1)                                                              \
			kt_fail("%s: %m" KT_AT, #call);                                            \
		sys_;                                                                              \
	})

/* ---- the device ----------------------------------------------------- */

/*
 * struct kt_vm - a VM of this process with its engine
 * @fd: render node
 * @id: of the VM
 * @engine_fd: kept open by tests that want it, else -1
 * @engine: process; 0: none
 * @engine_step: where it failed to start, enum causeway_engine_step
 * @info: facts of the device
 */
struct kt_vm {
	int fd;
	uint32_t id;
	int engine_fd;
	pid_t engine;
	uint32_t engine_step;
	struct drm_causeway_device_info info;
};

/*
 * struct kt_queue - a queue
 * @vm: whose it is
 * @id: of the queue
 * @fence: its fence page, read-only
 * @last: sequence number of the last job submitted
 */
struct kt_queue {
	struct kt_vm *vm;
	uint32_t id;
	const volatile struct drm_causeway_fence_page *fence;
	uint64_t last;
};

#define KT_THREADS 4 /* of an engine where the test doesn't say */

/* Open the render node of an instance; -ENOENT: there is none. */
int kt_open_node(unsigned int instance);
/* How many instances there are. */
unsigned int kt_instances(void);
void kt_device_info(int fd, struct drm_causeway_device_info *info);

/* An ioctl with a struct; 0 or a negative errno, EINTR repeated. */
int kt_ioctl(int fd, unsigned long request, void *arg);

/* A VM on instance 0 with an engine of KT_THREADS, or the case ends. */
void kt_vm_open(struct kt_vm *vm);
void kt_vm_open_on(struct kt_vm *vm, unsigned int instance, unsigned int threads);
/* The VM without an engine: open and VM_CREATE. */
void kt_vm_create(struct kt_vm *vm, unsigned int instance);
/* Start an engine for it; the hello's error. */
int kt_engine_start(struct kt_vm *vm, unsigned int threads);
/* Path of the engine program. */
const char *kt_engine_path(void);
/* Destroy the VM, see that its engine leaves by itself, close the node. */
void kt_vm_close(struct kt_vm *vm);

void kt_queue_open(struct kt_queue *queue, struct kt_vm *vm);
/* The error, or 0. */
int kt_queue_create(struct kt_queue *queue, struct kt_vm *vm, uint32_t priority,
		    uint32_t timeout_ms);
void kt_queue_close(struct kt_queue *queue);

/* ---- jobs ----------------------------------------------------------- */

typedef cwc_group_fn kt_fn;

/*
 * struct kt_args - the argument block of every device function
 * @p: memory that it works on
 * @stride: bytes from item to item
 * @a, @b: values
 * @q: other memory
 * @out: results, in memory that both sides share
 */
struct kt_args {
	uint64_t p;
	uint64_t stride;
	uint64_t a;
	uint64_t b;
	uint64_t q;
	uint64_t *out;
};

#define KT_OUT 4 /* words of results */

/*
 * struct kt_op - what to run
 * @fn: device function
 * @args: its arguments; out is filled in
 * @items: how many; 0: 1
 * @part: items that a thread takes at once; 0: all
 * @width: engine threads; 0: 1
 * @command: command id
 */
struct kt_op {
	kt_fn *fn;
	struct kt_args args;
	uint64_t items;
	uint64_t part;
	uint32_t width;
	uint64_t command;
};

/*
 * struct kt_job - one that was submitted
 * @queue: where
 * @seqno: its number
 * @slot: its descriptor in DATA
 * @status: after kt_finish(): enum drm_causeway_job_status
 * @out: after kt_finish(): results
 */
struct kt_job {
	struct kt_queue *queue;
	uint64_t seqno;
	void *slot;
	uint32_t status;
	uint64_t out[KT_OUT];
};

/* The address of device code in CODE. */
uint64_t kt_code_address(const void *fn);
/* Memory in DATA that both sides share, zeroed, 128-byte aligned; never freed. */
void *kt_data(size_t bytes);
/* A descriptor for @op, not yet submitted. Freed by kt_slot_put(). */
void *kt_slot_get(const struct kt_op *op);
void kt_slot_put(void *slot);
/* SUBMIT of @descriptors; the error, or 0. */
int kt_submit(struct kt_queue *queue, void *const *descriptors, size_t count,
	      const struct kt_op *ops);
/* WAIT; 0 or a negative errno. @deadline_ns as in the ioctl. */
int kt_wait(struct kt_queue *queue, uint64_t seqno, int64_t deadline_ns, uint32_t *status_out);

/* Submit one job, or the case ends. */
struct kt_job kt_start(struct kt_queue *queue, const struct kt_op *op);
/* Wait until it is over; its status. */
uint32_t kt_finish(struct kt_job *job);
/* Both. */
uint32_t kt_run(struct kt_queue *queue, const struct kt_op *op, uint64_t *out);

/* Frequent jobs on @count words of 32 bits, @stride bytes apart; each must succeed. */
void kt_inc(struct kt_queue *queue, void *p, size_t count, size_t stride, uint32_t step);
void kt_write(struct kt_queue *queue, void *p, size_t count, size_t stride, uint32_t first);
uint64_t kt_sum(struct kt_queue *queue, const void *p, size_t count, size_t stride);
/* The status of one access by the device; the value read goes to @value_out. */
enum kt_access { KT_READ, KT_WRITE, KT_XCHG };
uint32_t kt_touch(struct kt_queue *queue, const void *p, enum kt_access access,
		  uint32_t *value_out);

/* ---- device functions ----------------------------------------------- */

kt_fn kt_dev_inc;     /* p[i * stride] += a */
kt_fn kt_dev_add;     /* atomic: b times p[i * stride] += a */
kt_fn kt_dev_add64;   /* the same on 64-bit words */
kt_fn kt_dev_xchg;    /* b times: lock by xchg at p, q[0] += a, unlock */
kt_fn kt_dev_cas;     /* b times p[i * stride] += a by compare and exchange */
kt_fn kt_dev_list;    /* struct kt_node list at p: out[0] = sum, value += a */
kt_fn kt_dev_sum;     /* out[0] += sum of p[i * stride], out[1] += items */
kt_fn kt_dev_write;   /* p[i * stride] = a + i */
kt_fn kt_dev_verify;  /* out[0] += how many p[i * stride] != a + i */
kt_fn kt_dev_wait;    /* until p[0] == a; then p[1] = b */
kt_fn kt_dev_echo;    /* b times: until p[0] == odd next, p[0] = that + 1 */
kt_fn kt_dev_loop;    /* p[0] = 1 (if p), then for ever */
kt_fn kt_dev_hammer;  /* until q[0] is not 0: p[(k % b) * stride] = k; out[0] = rounds */
kt_fn kt_dev_touch;   /* one access: b is enum kt_access; out[0] = what was read */
kt_fn kt_dev_divide;  /* by zero */
kt_fn kt_dev_illegal; /* an instruction that isn't one */
kt_fn kt_dev_copy;    /* 8-byte words: p[i] = q[i] */
kt_fn kt_dev_stack;   /* use b bytes of stack; out[0] = a when it came back */
kt_fn kt_dev_scratch; /* fill local memory of b bytes and check it; out[0] = errors */
kt_fn kt_dev_nothing;
kt_fn kt_dev_time;    /* read p[i * stride]; out[0] = time stamps it took */
kt_fn kt_dev_timew;   /* write it */
kt_fn kt_dev_stream;  /* sum of a bytes at p, b times; out[0] = time stamps, out[1] = sum */
kt_fn kt_dev_syscall; /* system call a(p, b, q); out[0] = result */
kt_fn kt_dev_count;   /* out[0] += 1 atomically, p[0] too if there is one */
kt_fn kt_dev_meet;    /* p[0] += 1 atomically, then until p[0] == a */

struct kt_node {
	struct kt_node *next;
	uint64_t value;
};

/* ---- what the driver tells ------------------------------------------ */

uint64_t kt_counter(struct kt_vm *vm, enum drm_causeway_counter which);
void kt_counters(struct kt_vm *vm, uint64_t counters[DRM_CAUSEWAY_COUNTER_COUNT]);
/* One byte a page, DRM_CAUSEWAY_PAGE_*. */
void kt_residency(struct kt_vm *vm, const void *p, size_t bytes, uint8_t *pages);
/* How many pages have all bits of @mask equal to @value. */
size_t kt_pages(struct kt_vm *vm, const void *p, size_t bytes, uint8_t mask, uint8_t value);
/* How many lie in this device's memory. */
size_t kt_device_pages(struct kt_vm *vm, const void *p, size_t bytes);
/* MIGRATE; the error. @result may be NULL. */
int kt_migrate(struct kt_vm *vm, const void *p, size_t bytes, uint32_t location,
	       struct drm_causeway_migrate *result);
/* ADVISE with one attribute; the error. */
int kt_advise(struct kt_vm *vm, const void *p, size_t bytes, uint32_t type, uint32_t value);
bool kt_can_migrate(const struct kt_vm *vm);

/* An event file; closed with close(). */
int kt_events(struct kt_vm *vm, uint32_t mask);
/* The next record, within a second times the factor; false: there was none. */
bool kt_event(int fd, struct drm_causeway_event *event);

/* ---- helpers -------------------------------------------------------- */

double kt_now(void); /* seconds */
int64_t kt_now_ns(void);
uint64_t kt_stamp(void); /* time stamp counter */
void kt_sleep_ms(unsigned int ms);
uint64_t kt_random(uint64_t *state);

/* Private anonymous memory, or the case ends. */
void *kt_anon(size_t bytes);
/* The same with 2 MiB alignment. */
void *kt_anon_huge(size_t bytes);
/* Where no other mapping comes by itself: a hole in it stays one. */
void *kt_anon_apart(size_t bytes);
void kt_unmap(void *p, size_t bytes);
/* Fill @count words, @stride bytes apart, with @first + i; count those that aren't so. */
void kt_fill(void *p, size_t count, size_t stride, uint32_t first);
size_t kt_wrong(const void *p, size_t count, size_t stride, uint32_t first);
/* The first number in a file such as /sys/...; -1: none. */
long kt_read_number(const char *path);
/* The number after @key in a file of lines "key value"; -1: none. */
long kt_read_key(const char *path, const char *key);
/* Write a string into a file; false: it can't be. */
bool kt_write_file(const char *path, const char *text);
/* Anonymous resident memory of this process, pages. */
long kt_rss(void);
/* Is there swap? */
bool kt_has_swap(void);
/* fork(); the child runs @body and ends. */
pid_t kt_fork(void (*body)(void *arg), void *arg);
/* Wait for it: if it skips the case, so does its parent; if it has failed, as well. */
void kt_join(pid_t child);
/* A thread, or the case ends. */
void kt_thread(unsigned long *thread, void *(*body)(void *), void *arg);
void kt_thread_join(unsigned long thread);

#endif
