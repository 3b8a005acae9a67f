/* SPDX-License-Identifier: MIT */
/*
 * Ioctls by chance: structs filled field by field from a table of what each
 * field means, now and then with nonsense, from several threads, while jobs
 * run and the mappings that the addresses lead to come and go.  It can't tell
 * right from wrong answers; the kernel's checks and the runner's look at what
 * is left behind do.  -s says how long, -r where chance begins.
 */
#include "kt.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGES	 64
#define BYTES	 (PAGES * KT_PAGE)
#define THREADS	 3
#define MAX_ARG	 256
#define MAX_SEEN 8

/* What a field holds. */
enum meaning {
	FIELD_END,
	FIELD_NUMBER, /* any, mostly small */
	FIELD_ZERO,   /* pads and flags */
	FIELD_START,  /* of a range in the memory */
	FIELD_LENGTH,
	FIELD_DATA,	/* address of something to read or write */
	FIELD_ATTRS,	/* ... of attributes */
	FIELD_JOBS,	/* ... of jobs */
	FIELD_SYNCOBJS, /* ... of handles */
	FIELD_VM,
	FIELD_QUEUE,
	FIELD_SEQNO,
	FIELD_DEADLINE,
	FIELD_WINDOW,
	FIELD_WINDOW_SIZE,
};

/*
 * struct field - where in the struct, and what
 * @most: for FIELD_NUMBER: one beyond the largest that means something
 */
struct field {
	enum meaning meaning;
	size_t offset;
	size_t size;
	uint64_t most;
};

/*
 * struct call - an ioctl
 */
struct call {
	unsigned long request;
	size_t size;
	struct field fields[10];
};

#define FIELD(type, field, meaning, most)                                                          \
	{meaning, offsetof(struct drm_causeway_##type, field),                                     \
	 sizeof(((struct drm_causeway_##type *)0)->field), most}
#define CALL(NAME, type) DRM_IOCTL_CAUSEWAY_##NAME, sizeof(struct drm_causeway_##type)

static const struct call calls[] = {
	{CALL(DEVICE_QUERY, device_query),
	 {FIELD(device_query, data, FIELD_DATA, 0), FIELD(device_query, size, FIELD_NUMBER, 128),
	  FIELD(device_query, pad, FIELD_ZERO, 0)}},
	{CALL(VM_CREATE, vm_create),
	 {FIELD(vm_create, window_start, FIELD_WINDOW, 0),
	  FIELD(vm_create, window_size, FIELD_WINDOW_SIZE, 0),
	  FIELD(vm_create, flags, FIELD_ZERO, 0), FIELD(vm_create, pad, FIELD_ZERO, 0)}},
	{CALL(VM_DESTROY, vm_destroy),
	 {FIELD(vm_destroy, vm_id, FIELD_VM, 0), FIELD(vm_destroy, pad, FIELD_ZERO, 0)}},
	{CALL(ADVISE, advise),
	 {FIELD(advise, start, FIELD_START, 0), FIELD(advise, length, FIELD_LENGTH, 0),
	  FIELD(advise, attrs, FIELD_ATTRS, 0), FIELD(advise, attr_count, FIELD_NUMBER, 6),
	  FIELD(advise, vm_id, FIELD_VM, 0)}},
	{CALL(MIGRATE, migrate),
	 {FIELD(migrate, start, FIELD_START, 0), FIELD(migrate, length, FIELD_LENGTH, 0),
	  FIELD(migrate, vm_id, FIELD_VM, 0), FIELD(migrate, location, FIELD_NUMBER, 4),
	  FIELD(migrate, flags, FIELD_ZERO, 0), FIELD(migrate, pad, FIELD_ZERO, 0)}},
	{CALL(QUERY, query),
	 {FIELD(query, start, FIELD_START, 0), FIELD(query, length, FIELD_LENGTH, 0),
	  FIELD(query, data, FIELD_DATA, 0), FIELD(query, count, FIELD_NUMBER, 80),
	  FIELD(query, type, FIELD_NUMBER, 5), FIELD(query, cursor, FIELD_NUMBER, 3),
	  FIELD(query, vm_id, FIELD_VM, 0), FIELD(query, pad, FIELD_ZERO, 0)}},
	{CALL(QUEUE_CREATE, queue_create),
	 {FIELD(queue_create, vm_id, FIELD_VM, 0), FIELD(queue_create, priority, FIELD_NUMBER, 4),
	  FIELD(queue_create, timeout_ms, FIELD_NUMBER, 500),
	  FIELD(queue_create, flags, FIELD_ZERO, 0), FIELD(queue_create, pad, FIELD_ZERO, 0)}},
	{CALL(QUEUE_DESTROY, queue_destroy),
	 {FIELD(queue_destroy, queue_id, FIELD_QUEUE, 0),
	  FIELD(queue_destroy, pad, FIELD_ZERO, 0)}},
	{CALL(SUBMIT, submit),
	 {FIELD(submit, queue_id, FIELD_QUEUE, 0), FIELD(submit, job_count, FIELD_NUMBER, 5),
	  FIELD(submit, jobs, FIELD_JOBS, 0), FIELD(submit, syncobjs, FIELD_SYNCOBJS, 0),
	  FIELD(submit, syncobj_count, FIELD_NUMBER, 2), FIELD(submit, flags, FIELD_ZERO, 0)}},
	{CALL(WAIT, wait),
	 {FIELD(wait, queue_id, FIELD_QUEUE, 0), FIELD(wait, seqno, FIELD_SEQNO, 0),
	  FIELD(wait, deadline_ns, FIELD_DEADLINE, 0)}},
	{CALL(EVENT_OPEN, event_open),
	 {FIELD(event_open, vm_id, FIELD_VM, 0), FIELD(event_open, mask, FIELD_NUMBER, 1100),
	  FIELD(event_open, pad, FIELD_ZERO, 0)}},
};

/*
 * struct fuzz - one round: a process, its VM, the numbers that were given out
 * @fd: a second client of the same process, where VMs without engines are made
 */
struct fuzz {
	struct kt_vm vm;
	struct kt_queue queue;
	char *memory;
	char *data;
	volatile uint32_t stop;
	uint32_t vms[MAX_SEEN];
	uint32_t queues[MAX_SEEN];
	uint32_t syncobj;
	void *slots[4];
	uint64_t calls;
	uint64_t accepted;
};

static struct fuzz f;

/* ---- values --------------------------------------------------------- */

static uint64_t nonsense(uint64_t *random)
{
	static const uint64_t favourites[] = {
		0,    1,    ~0ull,     1ull << 63, 1ull << 47, 1ull << 32, 0xffff888000000000,
		4096, 4095, 0x7fffffff};
	uint64_t x = kt_random(random);

	return x & 1 ? favourites[x / 2 % KT_COUNT(favourites)] : kt_random(random) >> (x >> 58);
}

static void fill_attrs(uint64_t *random)
{
	struct drm_causeway_attr *attrs = (void *)(f.data + 4096);

	for (uint32_t i = 0; i < 6; i++) {
		attrs[i].type = (uint32_t)kt_random(random) % 8 ? i : (uint32_t)nonsense(random);
		attrs[i].value = (uint32_t)kt_random(random) % 4;
	}
}

static void fill_jobs(uint64_t *random)
{
	struct drm_causeway_job *jobs = (void *)(f.data + 8192);

	for (uint32_t i = 0; i < 5; i++) {
		jobs[i].address = (uintptr_t)f.slots[kt_random(random) % KT_COUNT(f.slots)];
		if (kt_random(random) % 64 == 0)
			jobs[i].address = nonsense(random);
		jobs[i].width = (uint32_t)kt_random(random) % 5;
		jobs[i].command_id = kt_random(random);
		jobs[i].pad = kt_random(random) % 32 == 0;
	}
}

static uint64_t value_of(const struct field *field, uint64_t *random)
{
	uint64_t x = kt_random(random);

	switch (field->meaning) {
	case FIELD_NUMBER:
		return field->most ? x % field->most : x;
	case FIELD_START:
		return (uintptr_t)f.memory + x % PAGES * KT_PAGE;
	case FIELD_LENGTH:
		return x % (PAGES / 2) * KT_PAGE;
	case FIELD_DATA:
		return (uintptr_t)f.data;
	case FIELD_ATTRS:
		fill_attrs(random);
		return (uintptr_t)f.data + 4096;
	case FIELD_JOBS:
		fill_jobs(random);
		return (uintptr_t)f.data + 8192;
	case FIELD_SYNCOBJS:
		return (uintptr_t)&f.syncobj;
	case FIELD_VM:
		return x % 4 ? f.vm.id : f.vms[x / 4 % MAX_SEEN];
	case FIELD_QUEUE:
		return x % 4 ? f.queue.id : f.queues[x / 4 % MAX_SEEN];
	case FIELD_SEQNO:
		return x % 64;
	case FIELD_DEADLINE:
		/* Never without limit: the job may be one that never ends. */
		return (uint64_t)(x % 3 ? 0 : kt_now_ns() + (int64_t)(x % 5000000));
	case FIELD_WINDOW:
		return x % 4 ? CAUSEWAY_WINDOW_START : x % (1ull << 47) & ~(KT_HUGE - 1);
	case FIELD_WINDOW_SIZE:
		return CAUSEWAY_WINDOW_SIZE;
	case FIELD_ZERO:
	case FIELD_END:
		break;
	}
	return 0;
}

static void fill(const struct call *call, unsigned char *arg, uint64_t *random)
{
	for (const struct field *field = call->fields; field->meaning != FIELD_END; field++) {
		bool odd = kt_random(random) % 24 == 0;
		uint64_t value = odd ? nonsense(random) : value_of(field, random);

		/* The jobs' own VM stays: the round would be over. */
		if (call->request == DRM_IOCTL_CAUSEWAY_VM_DESTROY && field->meaning == FIELD_VM)
			value = f.vms[value % MAX_SEEN];
		if (call->request == DRM_IOCTL_CAUSEWAY_WAIT && field->meaning == FIELD_DEADLINE &&
		    (int64_t)value > kt_now_ns() + 10000000)
			value = 0;
		if (call->request == DRM_IOCTL_CAUSEWAY_WAIT && field->meaning == FIELD_DEADLINE &&
		    (int64_t)value < 0)
			value = 1;
		memcpy(arg + field->offset, &value, field->size);
	}
}

/* ---- calls ---------------------------------------------------------- */

/* Remember what was made, so that later calls find it; files are closed at some time. */
static void made(unsigned long request, const void *arg, uint64_t *random)
{
	size_t i = kt_random(random) % MAX_SEEN;

	if (request == DRM_IOCTL_CAUSEWAY_VM_CREATE) {
		const struct drm_causeway_vm_create *create = arg;

		f.vms[i] = create->vm_id;
		close(create->engine_fd);
	} else if (request == DRM_IOCTL_CAUSEWAY_QUEUE_CREATE) {
		const struct drm_causeway_queue_create *create = arg;
		void *page = mmap(NULL, KT_PAGE, PROT_READ, MAP_SHARED, f.vm.fd,
				  (off_t)create->fence_offset);

		f.queues[i] = create->queue_id;
		if (page != MAP_FAILED)
			munmap(page, KT_PAGE);
	} else if (request == DRM_IOCTL_CAUSEWAY_EVENT_OPEN) {
		const struct drm_causeway_event_open *open = arg;
		struct drm_causeway_event event[4];

		fcntl(open->fd, F_SETFL, O_NONBLOCK);
		if (kt_random(random) & 1)
			kt_sleep_ms(1);
		while (read(open->fd, event, sizeof(event)) > 0)
			;
		close(open->fd);
	}
}

static void *caller(void *arg)
{
	uint64_t random = kt_options.seed * 1000 + (uintptr_t)arg;

	while (!f.stop) {
		unsigned char bytes[MAX_ARG] = {0};
		const struct call *call = &calls[kt_random(&random) % KT_COUNT(calls)];
		unsigned long request = call->request;
		uint64_t odd = kt_random(&random);
		void *address = bytes;

		fill(call, bytes, &random);
		if (odd % 200 == 0)
			address = (void *)nonsense(&random);
		else if (odd % 200 == 1)
			request = _IOC((odd >> 8) & 3, DRM_IOCTL_BASE, (odd >> 16) & 0xff,
				       (odd >> 24) % MAX_ARG);
		/* One that was made up may be DRM's own, and not to be refused: no matter. */
		if (ioctl(f.vm.fd, request, address) == 0 && address == bytes) {
			__atomic_fetch_add(&f.accepted, 1, __ATOMIC_RELAXED);
			if (request == call->request)
				made(request, bytes, &random);
		}
		__atomic_fetch_add(&f.calls, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* The memory that all this is about, changed all the time. */
static void *changer(void *arg)
{
	uint64_t random = kt_options.seed + 99;

	(void)arg;
	while (!f.stop) {
		char *p = f.memory + kt_random(&random) % PAGES * KT_PAGE;
		int flags = MAP_FIXED | MAP_ANONYMOUS;

		switch (kt_random(&random) % 6) {
		case 0:
			munmap(p, KT_PAGE);
			break;
		case 1:
			flags |= kt_random(&random) & 1 ? MAP_SHARED : MAP_PRIVATE;
			if (mmap(p, KT_PAGE, PROT_READ | PROT_WRITE, flags, -1, 0) != MAP_FAILED)
				*(volatile char *)p = 1;
			break;
		case 2:
			mprotect(p, KT_PAGE, PROT_READ);
			break;
		case 3:
			mprotect(p, KT_PAGE, PROT_READ | PROT_WRITE);
			break;
		case 4:
			madvise(p, KT_PAGE, MADV_DONTNEED);
			break;
		default:
			kt_sleep_ms(1);
			break;
		}
	}
	return NULL;
}

/* ---- rounds --------------------------------------------------------- */

static void fuzz_open(void)
{
	struct drm_syncobj_create syncobj = {.flags = DRM_SYNCOBJ_CREATE_SIGNALED};
	const struct kt_op ops[] = {
		{.fn = kt_dev_inc, .args = {.stride = KT_PAGE, .a = 1}, .items = PAGES},
		{.fn = kt_dev_sum, .args = {.stride = KT_PAGE}, .items = PAGES, .part = 4},
		{.fn = kt_dev_nothing},
		{.fn = kt_dev_divide},
	};

	kt_vm_open(&f.vm);
	KT_EQ(kt_queue_create(&f.queue, &f.vm, 1, 300), 0);
	f.memory = kt_anon_apart(BYTES + PAGES / 2 * KT_PAGE);
	f.data = kt_anon(16 * KT_PAGE);
	for (size_t i = 0; i < KT_COUNT(ops); i++) {
		struct kt_op op = ops[i];

		op.args.p = (uintptr_t)f.memory;
		f.slots[i] = kt_slot_get(&op);
	}
	KT_EQ(kt_ioctl(f.vm.fd, DRM_IOCTL_SYNCOBJ_CREATE, &syncobj), 0);
	f.syncobj = syncobj.handle;
}

/* A round ends by itself, or its process is killed in the middle. */
static void fuzz_round(unsigned int ms, bool killed)
{
	unsigned long threads[THREADS + 1];

	fuzz_open();
	for (uintptr_t i = 0; i < THREADS; i++)
		kt_thread(&threads[i], caller, (void *)i);
	kt_thread(&threads[THREADS], changer, NULL);
	kt_sleep_ms(ms);
	if (killed)
		kill(getpid(), SIGKILL);
	f.stop = 1;
	for (size_t i = 0; i < KT_COUNT(threads); i++)
		kt_thread_join(threads[i]);
	kt_note("seed %lu: %lu calls, %lu accepted", kt_options.seed, f.calls, f.accepted);
	KT_CHECK(f.calls > 10);
}

static void fuzz(const void *param)
{
	unsigned long seconds =
		kt_options.seconds ? kt_options.seconds : *(const unsigned int *)param;
	unsigned int round = 0;

	for (double end = kt_now() + (double)seconds; kt_now() < end; round++) {
		bool killed = round % 3 == 2;
		pid_t child;
		int status;

		kt_options.seed++;
		child = fork();
		KT_CHECK(child >= 0);
		if (child == 0) {
			signal(SIGBUS, SIG_DFL);
			fuzz_round(1500, killed);
			_exit(0);
		}
		KT_EQ(waitpid(child, &status, 0), child);
		/* The changer may touch what another of its kind has just taken away. */
		if (WIFSIGNALED(status) &&
		    (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS || killed))
			continue;
		KT_EQ(status, 0);
	}
	KT_CHECK(round > 0);
}

static void list(void)
{
	static const unsigned int short_run = 15, long_run = 180;

	kt_add(&(struct kt_case){
		.name = "fuzz", .run = fuzz, .param = &short_run, .seconds = 4000});
	kt_add(&(struct kt_case){.name = "fuzz-long",
				 .run = fuzz,
				 .param = &long_run,
				 .flags = KT_FULL,
				 .seconds = 4000});
}

int main(int argc, char **argv)
{
	return kt_main(argc, argv, list);
}
