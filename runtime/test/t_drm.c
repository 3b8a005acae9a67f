/* SPDX-License-Identifier: MIT */
/*
 * The accelerator: what a bad pointer says, the end of its engine, fork(), and its trace.
 * Skipped where there is none.
 */
#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "json.h"
#include "program.h"

#define WORDS 3000
#define BYTES (WORDS * sizeof(cl_uint))

static const char source[] =
	"kernel void add(global uint *p, uint step)\n"
	"{\n"
	"	p[get_global_id(0)] += step;\n"
	"}\n"
	"kernel void spin(global atomic_uint *state, uint until)\n"
	"{\n"
	"	atomic_store_explicit(state, 1u, memory_order_release,\n"
	"			      memory_scope_all_svm_devices);\n"
	"	while (atomic_load_explicit(state, memory_order_acquire,\n"
	"				    memory_scope_all_svm_devices) != until)\n"
	"		;\n"
	"}\n";

/* struct work - a context of the accelerator; @said: by its callback about the accelerator. */
struct work {
	struct fixture fixture;
	cl_command_queue queue;
	cl_program program;
	char said[512];
};

static cl_device_id accelerator;

static void CL_CALLBACK notify(const char *text, const void *data, size_t bytes, void *user)
{
	struct work *work = user;

	(void)data;
	(void)bytes;
	if (strstr(text, "accelerator"))
		snprintf(work->said, sizeof(work->said), "%s", text);
}

static void work_open(struct work *work)
{
	cl_int error;

	memset(work, 0, sizeof(*work));
	work->fixture.device = accelerator;
	work->fixture.context = cw_api_clCreateContext(NULL, 1, &accelerator, notify, work, &error);
	REQUIRE(work->fixture.context && !error);
	work->queue = cw_api_clCreateCommandQueueWithProperties(work->fixture.context, accelerator,
								NULL, &error);
	REQUIRE(work->queue && !error);
	work->program = built_from(&work->fixture, source, "-cl-std=CL3.0");
}

static void work_close(struct work *work)
{
	CHECK_EQ(cw_api_clReleaseProgram(work->program), CL_SUCCESS);
	CHECK_EQ(cw_api_clReleaseCommandQueue(work->queue), CL_SUCCESS);
	fixture_finish(&work->fixture);
}

/* Start kernel @name(@pointer, @value) for @items. */
static cl_event start(struct work *work, const char *name, const void *pointer, cl_uint value,
		      size_t items)
{
	cl_int error;
	cl_kernel kernel = cw_api_clCreateKernel(work->program, name, &error);
	cl_event event = NULL;

	REQUIRE(kernel && !error);
	REQUIRE(!cw_api_clSetKernelArgSVMPointer(kernel, 0, pointer));
	REQUIRE(!cw_api_clSetKernelArg(kernel, 1, sizeof(value), &value));
	REQUIRE(!cw_api_clEnqueueNDRangeKernel(work->queue, kernel, 1, NULL, &items, NULL, 0, NULL,
					       &event));
	REQUIRE(!cw_api_clFlush(work->queue));
	cw_api_clReleaseKernel(kernel);
	return event;
}

/* How it ended. */
static cl_int end(cl_event event)
{
	cl_int status = 99;

	cw_api_clWaitForEvents(1, &event);
	CHECK(!cw_api_clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof(status),
				     &status, NULL));
	cw_api_clReleaseEvent(event);
	return status;
}

static cl_int add(struct work *work, cl_uint *words, size_t items)
{
	return end(start(work, "add", words, 5, items));
}

/* A kernel of @work adds 5 to each of some words. */
static void check_works(struct work *work)
{
	cl_uint words[WORDS];
	unsigned wrong = 0;

	for (cl_uint i = 0; i < WORDS; i++)
		words[i] = i;
	CHECK_EQ(add(work, words, WORDS), CL_COMPLETE);
	for (cl_uint i = 0; i < WORDS; i++)
		wrong += words[i] != i + 5;
	CHECK_EQ(wrong, 0);
}

static cl_uint *map_words(int protection)
{
	void *words = mmap(NULL, BYTES, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(words != MAP_FAILED);
	return words;
}

/* Callbacks come from a thread of their own. */
static const char *wait_said(struct work *work)
{
	for (int i = 0; i < 1000 && !work->said[0]; i++)
		usleep(10000);
	return work->said;
}

/* add() to @words fails with @why and the address of the first word. */
static void check_fault(cl_uint *words, const char *why)
{
	struct work work;
	char expected[256];

	work_open(&work);
	CHECK(add(&work, words, 1) < 0);
	snprintf(expected, sizeof(expected),
		 "kernel 'add' faulted on the accelerator: %s 0x%" PRIxPTR ": %s",
		 strstr(why, "allow") ? "write to" : "read from", (uintptr_t)words, why);
	if (!strstr(wait_said(&work), expected)) {
		fprintf(stderr, "said '%s', not '%s'\n", work.said, expected);
		CHECK(!"the message of a fault");
	}
	work_close(&work);
}

/* Bad pointers end their own context; another one goes on meanwhile. */
static void check_faults(void)
{
	cl_uint *nothing = (cl_uint *)(uintptr_t)0x8000; /* too low for any mapping */
	cl_uint *constant = map_words(PROT_READ);
	cl_uint *state = map_words(PROT_READ | PROT_WRITE);
	struct work other;
	cl_event spinning;

	work_open(&other);
	spinning = start(&other, "spin", state, 2, 1);
	check_fault(constant, "the mapping doesn't allow it");
	check_fault(nothing, "nothing is mapped there");
	__atomic_store_n(state, 2, __ATOMIC_RELEASE);
	CHECK_EQ(end(spinning), CL_COMPLETE);
	check_works(&other);
	CHECK_EQ(other.said[0], 0);
	work_close(&other);
	munmap(constant, BYTES);
	munmap(state, BYTES);
}

/* Word @index of @line, 0 the first, which is cut into words; "" beyond the last. */
static const char *word_of(char *line, int index)
{
	char *rest;
	char *word = strtok_r(line, " ", &rest);

	while (word && index--)
		word = strtok_r(NULL, " ", &rest);
	return word ? word : "";
}

/* The inode of the arena that process @pid has mapped; 0: none. */
static unsigned long arena_of(const char *pid)
{
	unsigned long inode = 0;
	char line[512];
	FILE *maps;

	snprintf(line, sizeof(line), "/proc/%s/maps", pid);
	maps = fopen(line, "re");
	while (maps && !inode && fgets(line, sizeof(line), maps)) {
		if (strstr(line, "causeway-arena"))
			inode = strtoul(word_of(line, 4), NULL, 10);
	}
	if (maps)
		fclose(maps);
	return inode;
}

/* The process that has our arena as well. */
static pid_t find_engine(void)
{
	unsigned long arena = arena_of("self");
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	pid_t found = 0;

	REQUIRE(arena && processes);
	while (!found && (entry = readdir(processes))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0 && pid != getpid() && arena_of(entry->d_name) == arena)
			found = pid;
	}
	closedir(processes);
	return found;
}

/* Its jobs are lost with it; who comes after that gets another. */
static void check_killed_engine(void)
{
	cl_uint *state = map_words(PROT_READ | PROT_WRITE);
	struct work work;
	cl_event spinning;
	pid_t engine;

	work_open(&work);
	check_works(&work);
	engine = find_engine();
	REQUIRE(engine > 0);
	REQUIRE(!kill(engine, SIGKILL));
	check_works(&work);
	CHECK(find_engine() != engine);

	spinning = start(&work, "spin", state, 2, 1);
	while (!__atomic_load_n(state, __ATOMIC_ACQUIRE))
		usleep(1000);
	engine = find_engine();
	REQUIRE(engine > 0);
	REQUIRE(!kill(engine, SIGKILL));
	CHECK(end(spinning) < 0);
	CHECK(strstr(wait_said(&work), "the device's engine died"));
	work_close(&work);
	work_open(&work);
	check_works(&work);
	work_close(&work);
	munmap(state, BYTES);
}

/* A child has an accelerator of its own, and nothing of its parent's. */
static void check_fork(void)
{
	struct work work;
	int status = 1;
	pid_t child;

	work_open(&work);
	check_works(&work);
	child = fork();
	if (!child) {
		struct work own;

		alarm(120);
		work_open(&own);
		check_works(&own);
		CHECK(find_engine() > 0);
		work_close(&own);
		_exit(test_result());
	}
	check_works(&work);
	REQUIRE(waitpid(child, &status, 0) == child);
	CHECK_EQ(status, 0);
	check_works(&work);
	work_close(&work);
}

/* What the traced process does. */
static void run_traced(void)
{
	const size_t bytes = 8 << 20;
	cl_uint *words =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct work work;

	REQUIRE(words != MAP_FAILED);
	memset(words, 0, bytes);
	work_open(&work);
	CHECK_EQ(add(&work, words, bytes / sizeof(*words)), CL_COMPLETE);
	CHECK_EQ(words[bytes / sizeof(*words) - 1], 5);
	work_close(&work);
}

static char *read_all(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t room = 64 << 20;
	char *text = calloc(1, room);

	REQUIRE(file && text);
	CHECK(fread(text, 1, room - 1, file) > 0);
	fclose(file);
	return text;
}

/* When, in microseconds, the first such beginning ("b") or end ("e") was; -1: there is none. */
static double time_of(const char *text, const char *phase, const char *category, const char *name)
{
	char start[32];
	char rest[128];
	const char *line;

	snprintf(start, sizeof(start), "{\"ph\":\"%s\"", phase);
	snprintf(rest, sizeof(rest), "\"cat\":\"%s\",\"name\":\"%s\",\"ts\":", category, name);
	for (line = text; (line = strstr(line, start)); line++) {
		const char *found = strstr(line, rest);

		if (found && found < line + strcspn(line, "\n"))
			return strtod(found + strlen(rest), NULL);
	}
	return -1;
}

/* Faults stand on the same timeline as the commands that had them. */
static void check_trace(const char *program)
{
	char path[] = "/tmp/causeway-trace-XXXXXX";
	int file = mkstemp(path), status = 1;
	pid_t child;
	char *text;

	REQUIRE(file >= 0);
	close(file);
	child = fork();
	if (!child) {
		setenv("CAUSEWAY_TRACE", path, 1);
		execl(program, program, "traced", NULL);
		_exit(1);
	}
	REQUIRE(waitpid(child, &status, 0) == child);
	CHECK_EQ(status, 0);
	text = read_all(path);
	CHECK(json_is_valid(text));
	CHECK(time_of(text, "b", "command", "add") >= 0);
	CHECK(time_of(text, "b", "drm", "fault") >= time_of(text, "b", "command", "add"));
	CHECK(time_of(text, "e", "drm", "fault") >= time_of(text, "b", "drm", "fault"));
	CHECK(time_of(text, "e", "command", "add") >= time_of(text, "e", "drm", "fault"));
	unlink(path);
	free(text);
}

static bool find_accelerator(void)
{
	cl_platform_id platform;

	REQUIRE(!cw_api_clGetPlatformIDs(1, &platform, NULL));
	return !cw_api_clGetDeviceIDs(platform, CL_DEVICE_TYPE_ACCELERATOR, 1, &accelerator, NULL);
}

int main(int argc, char **argv)
{
	(void)argc;
	if (!have_compiler() || !find_accelerator()) {
		printf("no accelerator here\n");
		return TEST_SKIP;
	}
	if (argv[1]) {
		run_traced();
		return test_result();
	}
	check_faults();
	check_killed_engine();
	check_fork();
	check_trace("/proc/self/exe");
	return test_result();
}
