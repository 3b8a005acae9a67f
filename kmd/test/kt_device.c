/* SPDX-License-Identifier: MIT */
/* Nodes, VMs, engines, the arena that client and engine share. */
#include "kt.h"
#include "kt_code.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST_RENDER_NODE 128
#define LAST_RENDER_NODE  192
#define HIGH_FD		  100	      /* beyond the numbers that the engine expects */
#define DATA_RESERVED	  (1ul << 20) /* where kt_data() begins: slots lie below */

/* The arena of this process: one for all its VMs, since all have the same window. */
static struct arena {
	pthread_mutex_t lock;
	pid_t owner;
	int fd;
	size_t data_used;
} arena = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1};

int kt_ioctl(int fd, unsigned long request, void *arg)
{
	for (;;) {
		if (ioctl(fd, request, arg) == 0)
			return 0;
		if (errno != EINTR)
			return -errno;
	}
}

/* ---- nodes ---------------------------------------------------------- */

static bool is_causeway(int fd)
{
	char name[16] = "";
	struct drm_version version = {.name = name, .name_len = sizeof(name) - 1};

	return kt_ioctl(fd, DRM_IOCTL_VERSION, &version) == 0 && strcmp(name, "causeway") == 0;
}

void kt_device_info(int fd, struct drm_causeway_device_info *info)
{
	struct drm_causeway_device_query query = {.data = (uintptr_t)info, .size = sizeof(*info)};
	int err;

	memset(info, 0, sizeof(*info));
	err = kt_ioctl(fd, DRM_IOCTL_CAUSEWAY_DEVICE_QUERY, &query);
	if (err)
		kt_fail("DEVICE_QUERY: %s", strerror(-err));
}

int kt_open_node(unsigned int instance)
{
	int last = -ENOENT;

	for (int minor = FIRST_RENDER_NODE; minor < LAST_RENDER_NODE; minor++) {
		struct drm_causeway_device_info info = {0};
		struct drm_causeway_device_query query = {.data = (uintptr_t)&info,
							  .size = sizeof(info)};
		char path[40];
		int fd;

		snprintf(path, sizeof(path), "/dev/dri/renderD%d", minor);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0) {
			if (errno != ENOENT)
				last = -errno;
			continue;
		}
		if (is_causeway(fd) && kt_ioctl(fd, DRM_IOCTL_CAUSEWAY_DEVICE_QUERY, &query) == 0 &&
		    info.instance == instance)
			return fd;
		close(fd);
	}
	return last;
}

unsigned int kt_instances(void)
{
	unsigned int count = 0;
	int fd;

	while ((fd = kt_open_node(count)) >= 0) {
		close(fd);
		count++;
	}
	return count;
}

/* ---- the arena ------------------------------------------------------ */

static void map_arena(void)
{
	const size_t bytes = CAUSEWAY_WINDOW_CODE_BYTES + CAUSEWAY_WINDOW_DATA_BYTES;
	void *window, *shared;

	/* A child of fork() has its parent's at the same place. */
	window = mmap((void *)CAUSEWAY_WINDOW_START, CAUSEWAY_WINDOW_SIZE, PROT_NONE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	if (window == MAP_FAILED)
		kt_fail("the window can't be reserved: %m");
	if (arena.fd >= 0)
		close(arena.fd);
	arena.fd = memfd_create("causeway-arena", MFD_CLOEXEC);
	if (arena.fd < 0 || ftruncate(arena.fd, (off_t)bytes) != 0)
		kt_fail("the arena can't be made: %m");
	shared = mmap((void *)CAUSEWAY_WINDOW_CODE, bytes, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_FIXED | MAP_NORESERVE, arena.fd, 0);
	if (shared == MAP_FAILED)
		kt_fail("the arena can't be mapped: %m");
	memcpy(shared, kt_code_begin, (uintptr_t)kt_code_end - (uintptr_t)kt_code_begin);
	arena.owner = getpid();
	arena.data_used = DATA_RESERVED;
}

static void need_arena(void)
{
	pthread_mutex_lock(&arena.lock);
	if (arena.owner != getpid())
		map_arena();
	pthread_mutex_unlock(&arena.lock);
}

uint64_t kt_code_address(const void *fn)
{
	return CAUSEWAY_WINDOW_CODE + (uint64_t)((const char *)fn - kt_code_begin);
}

void *kt_data(size_t bytes)
{
	void *p;

	need_arena();
	bytes = (bytes + CWC_ARENA_ALIGN - 1) / CWC_ARENA_ALIGN * CWC_ARENA_ALIGN;
	pthread_mutex_lock(&arena.lock);
	p = (char *)CAUSEWAY_WINDOW_DATA + arena.data_used;
	arena.data_used += bytes;
	pthread_mutex_unlock(&arena.lock);
	return p;
}

/* ---- VMs and engines ------------------------------------------------ */

void kt_vm_create(struct kt_vm *vm, unsigned int instance)
{
	struct drm_causeway_vm_create create = {.window_start = CAUSEWAY_WINDOW_START,
						.window_size = CAUSEWAY_WINDOW_SIZE};
	int err;

	memset(vm, 0, sizeof(*vm));
	need_arena();
	vm->fd = kt_open_node(instance);
	if (vm->fd < 0)
		kt_fail("instance %u: %s", instance, strerror(-vm->fd));
	kt_device_info(vm->fd, &vm->info);
	err = kt_ioctl(vm->fd, DRM_IOCTL_CAUSEWAY_VM_CREATE, &create);
	if (err)
		kt_fail("VM_CREATE: %s", strerror(-err));
	vm->id = create.vm_id;
	vm->engine_fd = create.engine_fd;
}

static const char *engine_beside(const char *relative)
{
	static char path[512];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (length <= 0)
		return NULL;
	path[length] = '\0';
	slash = strrchr(path, '/');
	if (!slash || (size_t)(slash - path) + 1 + strlen(relative) >= sizeof(path))
		return NULL;
	memcpy(slash + 1, relative, strlen(relative) + 1);
	return access(path, X_OK) == 0 ? path : NULL;
}

const char *kt_engine_path(void)
{
	static const char *const places[] = {"causeway-engine",
					     "../../lib/causeway/causeway-engine",
					     "../lib/causeway/causeway-engine"};
	const char *path = getenv("CAUSEWAY_ENGINE");

	if (path && *path)
		return path;
	for (size_t i = 0; i < KT_COUNT(places); i++) {
		path = engine_beside(places[i]);
		if (path)
			return path;
	}
	kt_fail("causeway-engine is not found: say where by CAUSEWAY_ENGINE or -e");
}

/* The file under a high number, so that no dup2() of the engine's three hits it. */
static int high_copy(int fd)
{
	return KT_SYS(fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD));
}

static pid_t spawn_engine(int vm_fd, int arena_fd, int hello_fd, unsigned int threads)
{
	char count[16];
	char *arguments[] = {(char *)"causeway-engine", count, NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;
	int err;

	snprintf(count, sizeof(count), "%u", threads);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, vm_fd, CAUSEWAY_ENGINE_FD_VM);
	posix_spawn_file_actions_adddup2(&actions, arena_fd, CAUSEWAY_ENGINE_FD_ARENA);
	posix_spawn_file_actions_adddup2(&actions, hello_fd, CAUSEWAY_ENGINE_FD_HELLO);
	err = posix_spawn(&pid, kt_engine_path(), &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (err)
		kt_fail("%s: %s", kt_engine_path(), strerror(err));
	return pid;
}

int kt_engine_start(struct kt_vm *vm, unsigned int threads)
{
	struct causeway_engine_hello hello = {.error = EPIPE};
	int ends[2], files[3];
	struct pollfd wait;

	need_arena();
	KT_SYS(pipe2(ends, O_CLOEXEC));
	files[0] = high_copy(vm->engine_fd);
	files[1] = high_copy(arena.fd);
	files[2] = high_copy(ends[1]);
	vm->engine = spawn_engine(files[0], files[1], files[2], threads);
	for (size_t i = 0; i < KT_COUNT(files); i++)
		close(files[i]);
	close(ends[1]);
	wait = (struct pollfd){.fd = ends[0], .events = POLLIN};
	if (poll(&wait, 1, (int)(30000 * kt_options.factor)) <= 0)
		hello.error = ETIMEDOUT;
	else if (read(ends[0], &hello, sizeof(hello)) != (ssize_t)sizeof(hello))
		hello.error = EPIPE;
	else if (hello.version != CAUSEWAY_ENGINE_VERSION)
		hello.error = EPROTO;
	close(ends[0]);
	vm->engine_step = hello.step;
	if (hello.error == 0 && hello.threads != threads)
		kt_fail("the engine has %u threads, not %u", hello.threads, threads);
	return -(int)hello.error;
}

void kt_vm_open_on(struct kt_vm *vm, unsigned int instance, unsigned int threads)
{
	int err;

	kt_vm_create(vm, instance);
	err = kt_engine_start(vm, threads);
	if (err)
		kt_fail("the engine doesn't start: %s in step %u", strerror(-err), vm->engine_step);
	close(vm->engine_fd);
	vm->engine_fd = -1;
}

void kt_vm_open(struct kt_vm *vm)
{
	kt_vm_open_on(vm, 0, KT_THREADS);
}

void kt_vm_close(struct kt_vm *vm)
{
	struct drm_causeway_vm_destroy destroy = {.vm_id = vm->id};
	int status, err;

	err = kt_ioctl(vm->fd, DRM_IOCTL_CAUSEWAY_VM_DESTROY, &destroy);
	if (err)
		kt_fail("VM_DESTROY: %s", strerror(-err));
	if (vm->engine_fd >= 0)
		close(vm->engine_fd);
	if (vm->engine) {
		if (waitpid(vm->engine, &status, 0) != vm->engine)
			kt_fail("waitpid of the engine: %m");
		if (!WIFEXITED(status) || WEXITSTATUS(status))
			kt_fail("the engine ended with status 0x%x", status);
	}
	close(vm->fd);
	vm->fd = -1;
}

/* ---- queues --------------------------------------------------------- */

int kt_queue_create(struct kt_queue *queue, struct kt_vm *vm, uint32_t priority,
		    uint32_t timeout_ms)
{
	struct drm_causeway_queue_create create = {
		.vm_id = vm->id, .priority = priority, .timeout_ms = timeout_ms};
	int err = kt_ioctl(vm->fd, DRM_IOCTL_CAUSEWAY_QUEUE_CREATE, &create);
	void *page;

	if (err)
		return err;
	page = mmap(NULL, KT_PAGE, PROT_READ, MAP_SHARED, vm->fd, (off_t)create.fence_offset);
	if (page == MAP_FAILED)
		kt_fail("the fence page can't be mapped: %m");
	*queue = (struct kt_queue){.vm = vm, .id = create.queue_id, .fence = page};
	return 0;
}

void kt_queue_open(struct kt_queue *queue, struct kt_vm *vm)
{
	int err = kt_queue_create(queue, vm, DRM_CAUSEWAY_PRIORITY_NORMAL, 0);

	if (err)
		kt_fail("QUEUE_CREATE: %s", strerror(-err));
}

void kt_queue_close(struct kt_queue *queue)
{
	struct drm_causeway_queue_destroy destroy = {.queue_id = queue->id};
	int err = kt_ioctl(queue->vm->fd, DRM_IOCTL_CAUSEWAY_QUEUE_DESTROY, &destroy);

	if (err)
		kt_fail("QUEUE_DESTROY: %s", strerror(-err));
	munmap((void *)queue->fence, KT_PAGE);
	queue->fence = NULL;
}
