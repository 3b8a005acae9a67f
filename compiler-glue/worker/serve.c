/* SPDX-License-Identifier: MIT */
#include "worker/serve.h"

#include <llvm-c/ErrorHandling.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "client/transfer.h"
#include "worker/requests.h"

/*
 * clang descends with the nesting of the source and reckons with 8 MiB.  More
 * would let it go on for minutes with what it cannot finish anyway.
 */
#define STACK_BYTES	   (8u << 20)
#define SIGNAL_STACK_BYTES (64u << 10)
#define IDLE_MS		   (5 * 60 * 1000)

/* The compile thread's stack, for telling an overflow from another fault. */
static char *stack_low;

static bool send_all(const void *data, size_t bytes)
{
	return !cwc_send_all(CWC_WORKER_FD, data, bytes, CWC_FOR_EVER);
}

static bool receive_all(void *data, size_t bytes)
{
	return !cwc_receive_all(CWC_WORKER_FD, data, bytes, CWC_FOR_EVER);
}

/* The last words: a CWC_CRASHED reply. Async-signal-safe. */
static void say_crashed(const char *const *words, unsigned count)
{
	static const char end = '\n';
	struct cwc_frame frame = {CWC_FRAME_MAGIC, CWC_CRASHED, 0};
	uint64_t text = 1, none = 0;

	for (unsigned i = 0; i < count; i++)
		text += strlen(words[i]);
	text++;
	frame.bytes = sizeof(text) + text + 2 * sizeof(none);
	send_all(&frame, sizeof(frame));
	send_all(&text, sizeof(text));
	for (unsigned i = 0; i < count; i++)
		send_all(words[i], strlen(words[i]));
	send_all(&end, 1);
	send_all("", 1);
	send_all(&none, sizeof(none));
	send_all(&none, sizeof(none));
}

static const char *describe(int signal, const char *address)
{
	if (signal == SIGSEGV && stack_low && address >= stack_low - STACK_BYTES / 8 &&
	    address < stack_low + STACK_BYTES / 8)
		return "the source nests too deeply for the compiler (stack overflow)";
	switch (signal) {
	case SIGABRT:
		return "the compiler gave up: an internal error, or out of memory";
	case SIGSEGV:
	case SIGBUS:
		return "the compiler crashed: bad memory access";
	case SIGILL:
	case SIGTRAP:
		return "the compiler crashed: internal check failed";
	default:
		return "the compiler crashed";
	}
}

static void on_crash(int signal, siginfo_t *info, void *context)
{
	const char *words[] = {"error: ", describe(signal, info->si_addr)};

	(void)context;
	say_crashed(words, 2);
	_exit(1);
}

static void on_fatal_error(const char *reason)
{
	const char *words[] = {"error: the compiler gave up: ", reason};

	say_crashed(words, 2);
	_exit(1);
}

static void catch_crashes(void)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
	static char memory[SIGNAL_STACK_BYTES];
	stack_t stack = {.ss_sp = memory, .ss_size = sizeof(memory)};
	struct sigaction action = {.sa_sigaction = on_crash,
				   .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND};

	sigaltstack(&stack, NULL);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, NULL);
	LLVMInstallFatalErrorHandler(on_fatal_error);
}

static void send_reply(const struct cwc_reply *reply)
{
	struct cwc_frame frame = {CWC_FRAME_MAGIC, reply->kind, 0};
	struct cwc_writer out = {0};
	bool failed;

	cwc_put_u64(&out, reply->log.bytes + 1);
	cwc_put_raw(&out, reply->log.data, reply->log.bytes);
	cwc_put_raw(&out, "", 1);
	cwc_put_string(&out, reply->files);
	cwc_put_blob(&out, reply->result.data, reply->kind == CWC_DONE ? reply->result.bytes : 0);
	frame.bytes = out.bytes;
	failed = out.failed || out.bytes > CWC_FRAME_MAX || !send_all(&frame, sizeof(frame)) ||
		 !send_all(out.data, out.bytes);
	cwc_writer_finish(&out);
	if (failed)
		_exit(1);
}

static bool serve_one(struct cwc_worker *worker)
{
	struct pollfd wait = {.fd = CWC_WORKER_FD, .events = POLLIN};
	struct cwc_frame frame;
	struct cwc_reply reply;
	void *data;

	if (poll(&wait, 1, IDLE_MS) <= 0 || !receive_all(&frame, sizeof(frame)))
		return false;
	if (frame.magic != CWC_FRAME_MAGIC || frame.bytes > CWC_FRAME_MAX)
		return false;
	data = malloc(frame.bytes + 1);
	if (!data || !receive_all(data, frame.bytes))
		return false;
	cwc_worker_serve(worker, frame.kind, data, frame.bytes, &reply);
	send_reply(&reply);
	cwc_reply_finish(&reply);
	free(data);
	return true;
}

static void *compile_thread(void *arg)
{
	struct cwc_worker *worker = arg;

	catch_crashes();
	while (serve_one(worker))
		;
	_exit(0);
}

static int start_compile_thread(struct cwc_worker *worker)
{
	pthread_attr_t attr;
	pthread_t thread;
	int error;
	void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

	if (stack == MAP_FAILED)
		return -1;
	mprotect(stack, sysconf(_SC_PAGESIZE), PROT_NONE);
	stack_low = stack;
	pthread_attr_init(&attr);
	pthread_attr_setstack(&attr, stack, STACK_BYTES);
	error = pthread_create(&thread, &attr, compile_thread, worker);
	pthread_attr_destroy(&attr);
	return error ? -1 : 0;
}

/* Compilers give back everything after each program: keep it for the next one. */
static void keep_memory(void)
{
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TRIM_THRESHOLD, 128 << 20);
	mallopt(M_TOP_PAD, 4 << 20);
}

int cwc_serve(unsigned long long memory_bytes)
{
	struct rlimit memory = {memory_bytes, memory_bytes}, none = {0, 0};
	struct pollfd gone = {.fd = CWC_WORKER_FD, .events = POLLRDHUP};
	struct cwc_worker worker;

	/* Nobody's directory is kept in use; every path that comes is absolute. */
	if (chdir("/"))
		return 1;
	setrlimit(RLIMIT_CORE, &none);
	keep_memory();
	if (memory_bytes)
		setrlimit(RLIMIT_AS, &memory);
	if (cwc_worker_init(&worker) || start_compile_thread(&worker))
		return 1;
	for (;;) {
		if (poll(&gone, 1, -1) > 0 && gone.revents)
			_exit(0);
	}
}
