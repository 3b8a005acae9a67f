/* SPDX-License-Identifier: MIT */
/* The engine as a process: how it attaches, what it bears, what happens when it ends. */
#include "drm/causeway_engine_drm.h"
#include "kt.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * struct work - a VM with an engine and a queue
 */
struct work {
	struct kt_vm vm;
	struct kt_queue queue;
};

static void work_open(struct work *work, uint32_t timeout_ms)
{
	kt_vm_open(&work->vm);
	KT_EQ(kt_queue_create(&work->queue, &work->vm, DRM_CAUSEWAY_PRIORITY_NORMAL, timeout_ms),
	      0);
}

static void works(struct kt_queue *queue)
{
	struct kt_op op = {.fn = kt_dev_count, .items = 64, .part = 1, .width = KT_THREADS};
	uint64_t out[KT_OUT];

	KT_EQ(kt_run(queue, &op, out), DRM_CAUSEWAY_JOB_DONE);
	KT_EQ(out[0], 64);
}

static struct kt_job start_loop(struct kt_queue *queue, uint32_t width)
{
	volatile uint32_t *running = kt_data(64);
	struct kt_op op = {.fn = kt_dev_loop,
			   .args = {.p = (uintptr_t)running},
			   .items = width,
			   .part = 1,
			   .width = width};
	struct kt_job job = kt_start(queue, &op);

	while (!*running)
		kt_sleep_ms(1);
	return job;
}

/* The process has ended: gone, or waiting for its parent. */
static bool has_ended(pid_t pid)
{
	char path[40], text[128], state = '?';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (!file)
		return true;
	if (fgets(text, sizeof(text), file) && strrchr(text, ')'))
		state = strrchr(text, ')')[2];
	fclose(file);
	return state == 'Z' || state == 'X';
}

static void must_end(pid_t pid)
{
	for (int i = 0; i < (int)(1000 * kt_options.factor); i++) {
		if (has_ended(pid))
			return;
		kt_sleep_ms(10);
	}
	kt_fail("the engine goes on");
}

static void end_engine(struct work *work)
{
	KT_SYS(kill(work->vm.engine, SIGKILL));
	KT_EQ(waitpid(work->vm.engine, NULL, 0), work->vm.engine);
	work->vm.engine = 0;
}

/* ---- attaching ------------------------------------------------------ */

static int engine_ioctl(int fd, unsigned long request, void *argument)
{
	return ioctl(fd, request, argument) ? -errno : 0;
}

/* What a process that is no engine is told. */
static void refused(void *argument)
{
	struct causeway_engine_attach attach = {.stop_signal = SIGRTMAX};
	struct causeway_engine_next next = {0};
	int fd = *(int *)argument;

	KT_EQ(engine_ioctl(fd, CAUSEWAY_ENGINE_ATTACH, &attach), -EINVAL);
	KT_EQ(engine_ioctl(fd, CAUSEWAY_ENGINE_NEXT, &next), -EPERM);
	KT_EQ(engine_ioctl(fd, CAUSEWAY_ENGINE_ATTACH, NULL), -EFAULT);
	KT_EQ(engine_ioctl(fd, CAUSEWAY_ENGINE_NEXT, NULL), -EFAULT);
	KT_EQ(engine_ioctl(fd, _IO(CAUSEWAY_ENGINE_IOCTL_TYPE, 2), NULL), -ENOTTY);
	attach.stop_signal = SIGKILL;
	KT_EQ(engine_ioctl(fd, CAUSEWAY_ENGINE_ATTACH, &attach), -EINVAL);
	attach.stop_signal = 65;
	KT_EQ(engine_ioctl(fd, CAUSEWAY_ENGINE_ATTACH, &attach), -EINVAL);
	attach.stop_signal = SIGRTMAX;
	attach.flags = 1;
	KT_EQ(engine_ioctl(fd, CAUSEWAY_ENGINE_ATTACH, &attach), -EINVAL);
}

static void attach_refused(const void *param)
{
	struct kt_vm vm;

	(void)param;
	kt_vm_create(&vm, 0);
	refused(&vm.engine_fd);
	kt_join(kt_fork(refused, &vm.engine_fd));
	KT_EQ(kt_engine_start(&vm, 2), 0);
	refused(&vm.engine_fd);
	kt_join(kt_fork(refused, &vm.engine_fd));
	kt_vm_close(&vm);
}

static void second(const void *param)
{
	struct kt_queue queue;
	struct kt_vm vm, other;

	(void)param;
	kt_vm_create(&vm, 0);
	KT_EQ(kt_engine_start(&vm, KT_THREADS), 0);
	other = vm;
	KT_EQ(kt_engine_start(&other, KT_THREADS), -EBUSY);
	KT_EQ(waitpid(other.engine, NULL, 0), other.engine);
	kt_queue_open(&queue, &vm);
	works(&queue);
	kt_vm_close(&vm);
}

static void bad_arguments(const void *param)
{
	static const unsigned int counts[] = {0, 257, 1000000};
	struct kt_vm vm;

	(void)param;
	kt_vm_create(&vm, 0);
	for (size_t i = 0; i < KT_COUNT(counts); i++) {
		KT_EQ(kt_engine_start(&vm, counts[i]), -EINVAL);
		KT_EQ(waitpid(vm.engine, NULL, 0), vm.engine);
	}
	KT_EQ(kt_engine_start(&vm, 1), 0);
	kt_vm_close(&vm);
}

static void without(const void *param)
{
	struct kt_op op = {.fn = kt_dev_nothing};
	void *slot;
	struct kt_queue queue;
	struct kt_vm vm;

	(void)param;
	kt_vm_create(&vm, 0);
	kt_queue_open(&queue, &vm);
	slot = kt_slot_get(&op);
	KT_EQ(kt_submit(&queue, &slot, 1, &op), -ENOTCONN);
	KT_EQ(kt_engine_start(&vm, KT_THREADS), 0);
	works(&queue);
	kt_vm_close(&vm);
}

static void most_threads(const void *param)
{
	struct kt_op op = {.fn = kt_dev_count, .items = 4096, .part = 1, .width = 256};
	struct kt_queue queue;
	uint64_t out[KT_OUT];
	struct kt_vm vm;

	(void)param;
	kt_vm_open_on(&vm, 0, CAUSEWAY_ENGINE_MAX_THREADS);
	kt_queue_open(&queue, &vm);
	KT_EQ(kt_run(&queue, &op, out), DRM_CAUSEWAY_JOB_DONE);
	KT_EQ(out[0], 4096);
	kt_vm_close(&vm);
}

/* ---- what it bears -------------------------------------------------- */

static void signals(const void *param)
{
	static const int numbers[] = {SIGHUP,  SIGINT,	SIGQUIT, SIGTERM, SIGPIPE, SIGUSR1,
				      SIGALRM, SIGSEGV, SIGBUS,	 SIGFPE,  SIGILL,  SIGSYS,
				      SIGTRAP, SIGABRT, SIGXCPU, SIGTSTP, 34,	   64};
	struct kt_job loop;
	struct work work;

	(void)param;
	work_open(&work, 0);
	for (size_t i = 0; i < KT_COUNT(numbers); i++) {
		KT_SYS(kill(work.vm.engine, numbers[i]));
		works(&work.queue);
	}
	loop = start_loop(&work.queue, KT_THREADS);
	for (size_t i = 0; i < KT_COUNT(numbers); i++)
		KT_SYS(kill(work.vm.engine, numbers[i]));
	kt_sleep_ms(50);
	KT_EQ(work.queue.fence->completed, loop.seqno - 1);
	kt_queue_close(&work.queue);
	kt_queue_open(&work.queue, &work.vm);
	works(&work.queue);
	kt_vm_close(&work.vm);
}

/* A process that is stopped as a whole can't leave its job: it is killed. */
static void stopped(const void *param)
{
	struct kt_op op = {.fn = kt_dev_nothing};
	struct kt_job loop;
	struct work work;
	void *slot;

	(void)param;
	work_open(&work, 200);
	slot = kt_slot_get(&op);
	loop = start_loop(&work.queue, 2);
	KT_SYS(kill(work.vm.engine, SIGSTOP));
	KT_EQ(kt_finish(&loop), DRM_CAUSEWAY_JOB_RESET);
	KT_EQ(kt_submit(&work.queue, &slot, 1, &op), -EIO);
	KT_EQ(waitpid(work.vm.engine, NULL, 0), work.vm.engine);
	work.vm.engine = 0;
	kt_vm_close(&work.vm);
}

/* ---- its end -------------------------------------------------------- */

static void killed(const void *param)
{
	bool busy = param != NULL;
	struct kt_op op = {.fn = kt_dev_nothing};
	struct kt_job loop = {0}, behind = {0}, apart = {0};
	struct drm_causeway_event e;
	struct kt_queue other;
	struct work work;
	int events;

	kt_vm_create(&work.vm, 0);
	KT_EQ(kt_engine_start(&work.vm, KT_THREADS), 0);
	kt_queue_open(&work.queue, &work.vm);
	kt_queue_open(&other, &work.vm);
	events = kt_events(&work.vm, 1u << DRM_CAUSEWAY_EVENT_ENGINE_LOST);
	for (int round = 0; round < 3; round++) {
		void *slot = kt_slot_get(&op);

		if (busy) {
			loop = start_loop(&work.queue, KT_THREADS);
			behind = kt_start(&work.queue, &op);
			apart = kt_start(&other, &op);
		}
		end_engine(&work);
		if (busy) {
			KT_EQ(kt_finish(&loop), DRM_CAUSEWAY_JOB_LOST);
			KT_EQ(kt_finish(&behind), DRM_CAUSEWAY_JOB_LOST);
			KT_EQ(kt_finish(&apart), DRM_CAUSEWAY_JOB_LOST);
			KT_EQ(work.queue.fence->failed, behind.seqno);
		}
		KT_CHECK(kt_event(events, &e));
		KT_EQ(e.type, DRM_CAUSEWAY_EVENT_ENGINE_LOST);
		KT_EQ(kt_submit(&work.queue, &slot, 1, &op), -EIO);
		kt_slot_put(slot);
		KT_EQ(kt_engine_start(&work.vm, KT_THREADS), 0);
		works(&work.queue);
		works(&other);
	}
	kt_vm_close(&work.vm);
}

/* The client's process becomes another program, or ends, with a job that runs. */
static void owner_child(void *argument)
{
	pid_t *engine = argument;
	struct work work;

	work_open(&work, 0);
	start_loop(&work.queue, 2);
	engine[0] = work.vm.engine;
	if (engine[1]) {
		int null = KT_SYS(open("/dev/null", O_WRONLY));

		dup2(null, STDOUT_FILENO);
		execl("/proc/self/exe", "t_engine", "-l", NULL);
	}
	_exit(0);
}

static void owner_ends(const void *param)
{
	pid_t *engine =
		mmap(NULL, KT_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	engine[1] = param != NULL;
	kt_join(kt_fork(owner_child, engine));
	KT_CHECK(engine[0] > 0);
	must_end(engine[0]);
}

/* A child of fork() has the client's files, and its end is nobody else's. */
static void forked(void *argument)
{
	struct work *work = argument;
	struct drm_causeway_vm_destroy none = {.vm_id = 12345};

	KT_EQ(kt_ioctl(work->vm.fd, DRM_IOCTL_CAUSEWAY_VM_DESTROY, &none), -ENOENT);
	close(work->vm.fd);
}

static void fork_lives(const void *param)
{
	struct kt_job loop;
	struct work work;

	(void)param;
	work_open(&work, 0);
	loop = start_loop(&work.queue, 1);
	for (int i = 0; i < 3; i++) {
		kt_join(kt_fork(forked, &work));
		KT_EQ(work.queue.fence->completed, loop.seqno - 1);
	}
	kt_queue_close(&work.queue);
	kt_queue_open(&work.queue, &work.vm);
	works(&work.queue);
	kt_vm_close(&work.vm);
}

/* ---- what is told of it --------------------------------------------- */

static void fdinfo(const void *param)
{
	struct kt_job loop;
	struct work work;
	char path[64];
	long before;

	(void)param;
	work_open(&work, 100);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", work.vm.fd);
	before = kt_read_key(path, "drm-engine-compute:");
	KT_CHECK(before >= 0);
	KT_CHECK(kt_read_key(path, "drm-client-id:") > 0);
	KT_CHECK(kt_read_key(path, "drm-resident-device:") >= 0);
	loop = start_loop(&work.queue, 1);
	KT_EQ(kt_finish(&loop), DRM_CAUSEWAY_JOB_RESET);
	KT_CHECK(kt_read_key(path, "drm-engine-compute:") - before >= 100000000);
	KT_CHECK(kt_counter(&work.vm, DRM_CAUSEWAY_COUNTER_ENGINE_NS) >= 100000000);
	kt_vm_close(&work.vm);
}

static void list(void)
{
	static const struct kt_case cases[] = {
		{.name = "attach-refused", .run = attach_refused},
		{.name = "second", .run = second},
		{.name = "bad-arguments", .run = bad_arguments},
		{.name = "without", .run = without},
		{.name = "most-threads", .run = most_threads},
		{.name = "signals", .run = signals},
		{.name = "stopped", .run = stopped},
		{.name = "killed-idle", .run = killed},
		{.name = "killed-busy", .run = killed, .param = ""},
		{.name = "owner-exits", .run = owner_ends},
		{.name = "owner-exec", .run = owner_ends, .param = ""},
		{.name = "fork-lives", .run = fork_lives},
		{.name = "fdinfo", .run = fdinfo},
	};

	kt_add_all(cases, KT_COUNT(cases));
}

int main(int argc, char **argv)
{
	return kt_main(argc, argv, list);
}
