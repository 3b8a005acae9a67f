/* SPDX-License-Identifier: MIT */
/*
 * Jobs that do what they may not: the job fails, the record says where and why,
 * the queue, the VM and the process go on.
 */
#include "kt.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COMMAND	   0xc0ffee
#define FILE_PAGES 4

/*
 * struct client - a VM whose failures are listened to
 */
struct client {
	struct kt_vm vm;
	struct kt_queue queue;
	int events;
};

static void client_open(struct client *c)
{
	kt_vm_open(&c->vm);
	kt_queue_open(&c->queue, &c->vm);
	c->events = kt_events(&c->vm, 1u << DRM_CAUSEWAY_EVENT_FAULT_FAILED |
					      1u << DRM_CAUSEWAY_EVENT_EXCEPTION |
					      1u << DRM_CAUSEWAY_EVENT_RESET |
					      1u << DRM_CAUSEWAY_EVENT_ENGINE_LOST);
}

/* Everything still works, and nothing more was recorded. */
static void client_close(struct client *c)
{
	struct drm_causeway_event event;
	uint32_t *p = kt_anon(4 * KT_PAGE);
	struct kt_queue other;

	kt_fill(p, 4, KT_PAGE, 10);
	kt_inc(&c->queue, p, 4, KT_PAGE, 5);
	kt_queue_open(&other, &c->vm);
	kt_inc(&other, p, 4, KT_PAGE, 5);
	KT_EQ(kt_wrong(p, 4, KT_PAGE, 20), 0);
	KT_SYS(fcntl(c->events, F_SETFL, O_NONBLOCK));
	if (read(c->events, &event, sizeof(event)) > 0)
		kt_fail("one record too many: type %u, address 0x%llx", event.type,
			(unsigned long long)event.address);
	KT_EQ(kt_counter(&c->vm, DRM_CAUSEWAY_COUNTER_RESETS), 0);
	kt_queue_close(&other);
	kt_queue_close(&c->queue);
	kt_vm_close(&c->vm);
	close(c->events);
}

/* ---- places --------------------------------------------------------- */

enum place {
	PLACE_NULL,
	PLACE_LOW,
	PLACE_HOLE,
	PLACE_TOP,
	PLACE_KERNEL,
	PLACE_ODD,
	PLACE_NONE,
	PLACE_READ_ONLY,
	PLACE_RODATA,
	PLACE_FILE_READ_ONLY,
	PLACE_FILE_END,
	PLACE_FILE_PRIVATE_END,
	PLACE_SHM_END,
	PLACE_ADVICE_NONE,
	PLACE_ADVICE_READ,
	PLACE_HUGE_PART,
	PLACE_REMAPPED,
};

/*
 * struct place_facts - what touching it does
 * @read: reads succeed
 * @warm: there is a time before, when it could be touched
 * @reason, @other: that the record may give
 */
struct place_facts {
	const char *name;
	bool read;
	bool warm;
	uint32_t reason;
	uint32_t other;
};

static const struct place_facts facts[] = {
	[PLACE_NULL] = {"null", .reason = DRM_CAUSEWAY_REASON_UNMAPPED},
	[PLACE_LOW] = {"low", .reason = DRM_CAUSEWAY_REASON_UNMAPPED},
	[PLACE_HOLE] = {"hole", .warm = true, .reason = DRM_CAUSEWAY_REASON_UNMAPPED},
	[PLACE_TOP] = {"top", .reason = DRM_CAUSEWAY_REASON_UNMAPPED},
	[PLACE_KERNEL] = {"kernel", .reason = DRM_CAUSEWAY_REASON_UNMAPPED,
			  .other = DRM_CAUSEWAY_REASON_PROTECTION},
	[PLACE_ODD] = {"non-canonical", .reason = DRM_CAUSEWAY_REASON_UNMAPPED},
	[PLACE_NONE] = {"none", .warm = true, .reason = DRM_CAUSEWAY_REASON_PROTECTION},
	[PLACE_READ_ONLY] = {"read-only", .read = true, .warm = true,
			     .reason = DRM_CAUSEWAY_REASON_PROTECTION},
	[PLACE_RODATA] = {"rodata", .read = true, .reason = DRM_CAUSEWAY_REASON_PROTECTION},
	[PLACE_FILE_READ_ONLY] = {"file-read-only", .read = true,
				  .reason = DRM_CAUSEWAY_REASON_PROTECTION},
	[PLACE_FILE_END] = {"file-end", .warm = true, .reason = DRM_CAUSEWAY_REASON_IO},
	[PLACE_FILE_PRIVATE_END] = {"file-private-end", .warm = true,
				    .reason = DRM_CAUSEWAY_REASON_IO},
	[PLACE_SHM_END] = {"shm-end", .warm = true, .reason = DRM_CAUSEWAY_REASON_IO},
	[PLACE_ADVICE_NONE] = {"advice-none", .warm = true, .reason = DRM_CAUSEWAY_REASON_ADVICE,
			       .other = DRM_CAUSEWAY_REASON_PROTECTION},
	[PLACE_ADVICE_READ] = {"advice-read", .read = true, .warm = true,
			       .reason = DRM_CAUSEWAY_REASON_ADVICE,
			       .other = DRM_CAUSEWAY_REASON_PROTECTION},
	[PLACE_HUGE_PART] = {"huge-part", .read = true, .warm = true,
			     .reason = DRM_CAUSEWAY_REASON_PROTECTION},
	[PLACE_REMAPPED] = {"remapped", .warm = true, .reason = DRM_CAUSEWAY_REASON_UNMAPPED},
};

static const char rodata[KT_PAGE] = "constant";

/*
 * struct spot - a place made
 * @p: what is touched, in the middle of a page
 * @fd: its file
 */
struct spot {
	enum place place;
	char *p;
	char *base;
	int fd;
};

static int make_file(enum place place)
{
	char path[] = "/tmp/causeway-fault-XXXXXX";
	int fd;

	if (place == PLACE_SHM_END) {
		fd = KT_SYS(memfd_create("fault", MFD_CLOEXEC));
	} else {
		fd = mkstemp(path);
		if (fd < 0)
			kt_skip("no file in /tmp: %m");
		unlink(path);
	}
	KT_SYS(ftruncate(fd, (off_t)(FILE_PAGES * KT_PAGE)));
	return fd;
}

static void map_file(struct spot *s)
{
	bool private = s->place == PLACE_FILE_PRIVATE_END;
	int protection = s->place == PLACE_FILE_READ_ONLY ? PROT_READ : PROT_READ | PROT_WRITE;

	s->fd = make_file(s->place);
	s->base = mmap(NULL, FILE_PAGES * KT_PAGE, protection, private ? MAP_PRIVATE : MAP_SHARED,
		       s->fd, 0);
	KT_CHECK(s->base != MAP_FAILED);
	s->p = s->base + KT_PAGE + 0x128;
}

/* The place while it may still be touched. */
static void spot_make(struct spot *s, enum place place)
{
	*s = (struct spot){.place = place, .fd = -1};
	switch (place) {
	case PLACE_NULL:
		break;
	case PLACE_LOW:
		s->p = (char *)0x1128;
		break;
	case PLACE_TOP:
		s->p = (char *)0x7ffffff00128;
		break;
	case PLACE_KERNEL:
		s->p = (char *)0xffff888000001128;
		break;
	case PLACE_ODD:
		s->p = (char *)0x1234567800001128;
		break;
	case PLACE_RODATA:
		s->p = (char *)rodata;
		break;
	case PLACE_FILE_READ_ONLY:
	case PLACE_FILE_END:
	case PLACE_FILE_PRIVATE_END:
	case PLACE_SHM_END:
		map_file(s);
		break;
	case PLACE_HUGE_PART:
		s->base = kt_anon_huge(KT_HUGE);
		madvise(s->base, KT_HUGE, MADV_HUGEPAGE);
		memset(s->base, 1, KT_HUGE);
		s->p = s->base + 17 * KT_PAGE + 0x128;
		break;
	default:
		s->base = kt_anon(FILE_PAGES * KT_PAGE);
		memset(s->base, 1, FILE_PAGES * KT_PAGE);
		s->p = s->base + KT_PAGE + 0x128;
	}
}

static char *page_of(const struct spot *s)
{
	return (char *)((uintptr_t)s->p & ~(KT_PAGE - 1));
}

/* From now on it may not. */
static void spot_forbid(struct spot *s, struct kt_vm *vm)
{
	uint32_t access = DRM_CAUSEWAY_ACCESS_NONE;

	switch (s->place) {
	case PLACE_HOLE:
		kt_unmap(page_of(s), KT_PAGE);
		break;
	case PLACE_NONE:
		KT_SYS(mprotect(page_of(s), KT_PAGE, PROT_NONE));
		break;
	case PLACE_READ_ONLY:
	case PLACE_HUGE_PART:
		KT_SYS(mprotect(page_of(s), KT_PAGE, PROT_READ));
		break;
	case PLACE_FILE_END:
	case PLACE_FILE_PRIVATE_END:
	case PLACE_SHM_END:
		KT_SYS(ftruncate(s->fd, (off_t)KT_PAGE));
		break;
	case PLACE_ADVICE_READ:
		access = DRM_CAUSEWAY_ACCESS_READ;
		__attribute__((fallthrough));
	case PLACE_ADVICE_NONE:
		KT_EQ(kt_advise(vm, page_of(s), KT_PAGE, DRM_CAUSEWAY_ATTR_ACCESS, access), 0);
		break;
	case PLACE_REMAPPED:
		KT_CHECK(mremap(page_of(s), KT_PAGE, KT_PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
				kt_anon(KT_PAGE)) != MAP_FAILED);
		break;
	default:
		break;
	}
}

/* ---- one access ----------------------------------------------------- */

/*
 * struct mode - a case of the matrix
 * @warm: the device has touched it before
 */
struct mode {
	enum place place;
	enum kt_access access;
	bool warm;
};

static uint32_t touch(struct kt_queue *queue, const void *p, enum kt_access access)
{
	struct kt_op op = {.fn = kt_dev_touch,
			   .args = {.p = (uintptr_t)p, .a = 0x77, .b = access},
			   .command = COMMAND};

	return kt_run(queue, &op, NULL);
}

static void check_event(struct client *c, const struct mode *m, const struct spot *s)
{
	const struct place_facts *f = &facts[m->place];
	struct drm_causeway_event e;

	if (!kt_event(c->events, &e))
		kt_fail("there is no record");
	KT_EQ(e.command_id, COMMAND);
	KT_EQ(e.queue_id, c->queue.id);
	KT_CHECK(e.time_ns <= (uint64_t)kt_now_ns());
	if (m->place == PLACE_ODD)
		return; /* the processor doesn't tell */
	KT_EQ(e.type, DRM_CAUSEWAY_EVENT_FAULT_FAILED);
	if (e.address != (uintptr_t)s->p)
		kt_fail("the record says 0x%llx, not %p", (unsigned long long)e.address,
			(void *)s->p);
	if (e.reason != f->reason && !(f->other && e.reason == f->other))
		kt_fail("reason %u, not %u", e.reason, f->reason);
	KT_CHECK(e.access &
		 (m->access == KT_READ ? DRM_CAUSEWAY_EVENT_READ : DRM_CAUSEWAY_EVENT_WRITE));
}

static void access_mode(const void *param)
{
	const struct mode *m = param;
	const struct place_facts *f = &facts[m->place];
	bool good = f->read && m->access == KT_READ;
	uint64_t before[DRM_CAUSEWAY_COUNTER_COUNT], after[DRM_CAUSEWAY_COUNTER_COUNT];
	struct client c;
	struct spot s;
	uint32_t status;

	client_open(&c);
	spot_make(&s, m->place);
	if (m->warm)
		KT_EQ(touch(&c.queue, s.p, m->access), DRM_CAUSEWAY_JOB_DONE);
	spot_forbid(&s, &c.vm);
	kt_counters(&c.vm, before);
	status = touch(&c.queue, s.p, m->access);
	kt_counters(&c.vm, after);
	KT_EQ(after[DRM_CAUSEWAY_COUNTER_JOBS] - before[DRM_CAUSEWAY_COUNTER_JOBS], 1);
	KT_EQ(after[DRM_CAUSEWAY_COUNTER_JOBS_FAILED] - before[DRM_CAUSEWAY_COUNTER_JOBS_FAILED],
	      !good);
	if (good) {
		KT_EQ(status, DRM_CAUSEWAY_JOB_DONE);
		KT_EQ(c.queue.fence->failed, 0);
	} else {
		if (m->place != PLACE_ODD || status != DRM_CAUSEWAY_JOB_EXCEPTION)
			KT_EQ(status, DRM_CAUSEWAY_JOB_FAULT);
		KT_EQ(c.queue.fence->failed, c.queue.last);
		check_event(&c, m, &s);
	}
	client_close(&c);
}

static void add_modes(void)
{
	static struct mode modes[KT_COUNT(facts) * 6];
	static const char *const accesses[] = {
		[KT_READ] = "read", [KT_WRITE] = "write", [KT_XCHG] = "xchg"};
	size_t used = 0;
	char name[80];

	for (unsigned int place = 0; place < KT_COUNT(facts); place++) {
		for (unsigned int access = KT_READ; access <= KT_XCHG; access++) {
			for (unsigned int warm = 0; warm <= facts[place].warm; warm++) {
				modes[used] = (struct mode){place, access, warm};
				snprintf(name, sizeof(name), "%s-%s%s", facts[place].name,
					 accesses[access], warm ? "-warm" : "");
				kt_add(&(struct kt_case){
					.name = name, .run = access_mode, .param = &modes[used]});
				used++;
			}
		}
	}
}

/* ---- exceptions ----------------------------------------------------- */

static void exception(struct client *c, kt_fn *fn, uint32_t signal_number)
{
	struct kt_op op = {.fn = fn, .command = COMMAND};
	struct drm_causeway_event e;

	KT_EQ(kt_run(&c->queue, &op, NULL), DRM_CAUSEWAY_JOB_EXCEPTION);
	KT_CHECK(kt_event(c->events, &e));
	KT_EQ(e.type, DRM_CAUSEWAY_EVENT_EXCEPTION);
	KT_EQ(e.reason, signal_number);
	KT_EQ(e.command_id, COMMAND);
	KT_EQ(e.queue_id, c->queue.id);
	KT_CHECK(e.address >= kt_code_address((const void *)fn));
	KT_CHECK(e.address < kt_code_address((const void *)fn) + 256);
}

static void divide(const void *param)
{
	struct client c;

	(void)param;
	client_open(&c);
	exception(&c, kt_dev_divide, SIGFPE);
	exception(&c, kt_dev_divide, SIGFPE);
	client_close(&c);
}

static void illegal(const void *param)
{
	struct client c;

	(void)param;
	client_open(&c);
	exception(&c, kt_dev_illegal, SIGILL);
	client_close(&c);
}

/* Code that is none: a job whose entry lies in memory that isn't code. */
static void not_code(const void *param)
{
	struct kt_op op = {.fn = kt_dev_nothing, .command = COMMAND};
	struct drm_causeway_event e;
	struct client c;
	struct causeway_job *slot;
	uint32_t status;
	void *slots[1];

	(void)param;
	client_open(&c);
	slots[0] = kt_slot_get(&op);
	slot = slots[0];
	slot->ndrange.entry = (uintptr_t)kt_anon(KT_PAGE);
	KT_EQ(kt_submit(&c.queue, slots, 1, &op), 0);
	KT_EQ(kt_wait(&c.queue, c.queue.last, -1, &status), 0);
	KT_CHECK(status == DRM_CAUSEWAY_JOB_FAULT || status == DRM_CAUSEWAY_JOB_EXCEPTION);
	KT_CHECK(kt_event(c.events, &e));
	KT_EQ(e.command_id, COMMAND);
	client_close(&c);
}

static void stack_good(const void *param)
{
	struct kt_op op = {.fn = kt_dev_stack, .args = {.a = 99, .b = 4 * KT_MIB}};
	uint64_t out[KT_OUT];
	struct client c;

	(void)param;
	client_open(&c);
	for (int i = 0; i < 3; i++) {
		KT_EQ(kt_run(&c.queue, &op, out), DRM_CAUSEWAY_JOB_DONE);
		KT_EQ(out[0], 99);
	}
	client_close(&c);
}

static void stack_overflow(const void *param)
{
	struct kt_op op = {.fn = kt_dev_stack,
			   .args = {.a = 99, .b = CAUSEWAY_ENGINE_STACK_BYTES + KT_MIB},
			   .command = COMMAND};
	struct drm_causeway_event e;
	struct client c;
	uint64_t out[KT_OUT];

	(void)param;
	client_open(&c);
	for (int i = 0; i < 2; i++) {
		KT_CHECK(kt_run(&c.queue, &op, out) != DRM_CAUSEWAY_JOB_DONE);
		KT_EQ(out[0], 0);
		/* Whether the engine refuses it or it runs into the guard, it is told. */
		KT_CHECK(kt_event(c.events, &e));
		KT_EQ(e.command_id, COMMAND);
	}
	client_close(&c);
}

static void local_memory(const void *param)
{
	struct kt_op op = {.fn = kt_dev_scratch,
			   .args = {.b = CAUSEWAY_ENGINE_LOCAL_BYTES},
			   .items = 16,
			   .part = 1,
			   .width = KT_THREADS};
	uint64_t out[KT_OUT];
	struct client c;

	(void)param;
	client_open(&c);
	KT_EQ(kt_run(&c.queue, &op, out), DRM_CAUSEWAY_JOB_DONE);
	KT_EQ(out[0], 0);
	KT_EQ(out[1], 16);
	client_close(&c);
}

/* A job has no business with the kernel: no system call of its has an effect. */
static void system_calls(const void *param)
{
	static const struct kt_args calls[] = {
		{.a = SYS_getpid},
		{.a = SYS_openat, .p = (uint64_t)AT_FDCWD, .b = 0, .q = O_RDWR},
		{.a = SYS_fork},
		{.a = SYS_kill, .p = 1, .b = 0},
		{.a = SYS_dup, .p = 3},
		{.a = SYS_socket, .p = 1, .b = 1, .q = 0},
		{.a = SYS_memfd_create, .p = 0, .b = 0},
		{.a = SYS_ptrace, .p = 0},
	};

	(void)param;
	for (size_t i = 0; i < KT_COUNT(calls); i++) {
		struct kt_op op = {.fn = kt_dev_syscall, .args = calls[i]};
		uint64_t out[KT_OUT];
		struct kt_queue queue;
		struct kt_vm vm;

		kt_vm_open(&vm);
		kt_queue_open(&queue, &vm);
		if (kt_run(&queue, &op, out) == DRM_CAUSEWAY_JOB_DONE && out[1] &&
		    (int64_t)out[0] >= 0)
			kt_fail("system call %lu returned %ld", calls[i].a, (long)out[0]);
		close(vm.fd);
	}
}

static void list(void)
{
	static const struct kt_case cases[] = {
		{.name = "divide", .run = divide},
		{.name = "illegal-instruction", .run = illegal},
		{.name = "not-code", .run = not_code},
		{.name = "stack-deep", .run = stack_good},
		{.name = "stack-overflow", .run = stack_overflow},
		{.name = "local-memory", .run = local_memory},
		{.name = "system-calls", .run = system_calls},
	};

	add_modes();
	kt_add_all(cases, KT_COUNT(cases));
}

int main(int argc, char **argv)
{
	return kt_main(argc, argv, list);
}
