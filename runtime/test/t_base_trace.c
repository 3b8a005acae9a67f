/* SPDX-License-Identifier: MIT */
/* Traces: the file is valid JSON at any time and loses nothing to an abrupt end. */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/thread.h"
#include "base/trace.h"
#include "json.h"
#include "test.h"

#define THREADS 4
#define SPANS	2000

static void put_span(const char *name)
{
	uint64_t begin = cw_trace_begin();

	cw_trace_end("test", name, begin, 42, "with \"quotes\", a \\ and a \x01");
}

static void trace_much(void *unused)
{
	(void)unused;
	for (int i = 0; i < SPANS; i++)
		put_span("span");
}

static void trace_all_kinds(void)
{
	struct cw_trace_event event = {
		.category = "test", .name = "kind", .begin_ns = 1001, .end_ns = 2003, .id = 7};

	cw_trace_async(&event);
	cw_trace_instant(&event);
	cw_trace_flow_begin("test", 7, 1001);
	cw_trace_flow_end("test", 7, 1500);
	cw_trace_counter("depth", 1001, 3);
	cw_trace_thread_name("main");
}

static void trace_in_threads(void)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		REQUIRE(!cw_thread_create(&threads[i], "test-thread", 0, trace_much, NULL));
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t bytes = 64 << 20;
	char *text = calloc(1, bytes);

	REQUIRE(file && text);
	CHECK(fread(text, 1, bytes - 1, file) > 0);
	fclose(file);
	return text;
}

static unsigned count(const char *text, const char *what)
{
	unsigned found = 0;

	for (; (text = strstr(text, what)); text++)
		found++;
	return found;
}

static void die_by_exit(void)
{
	_exit(0);
}

static void die_by_signal(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0});
	raise(SIGKILL);
}

/* Trace in a child that ends by @die; its file must hold everything. */
static void test_file(const char *pattern, void (*die)(void))
{
	char path[256];
	char *text;
	pid_t child = fork();

	REQUIRE(child >= 0);
	if (!child) {
		setenv("CAUSEWAY_TRACE", pattern, 1);
		trace_all_kinds();
		trace_in_threads();
		/* A forked process must not write into the file. */
		if (!fork()) {
			put_span("grandchild");
			_exit(0);
		}
		wait(NULL);
		put_span("last");
		die();
	}
	REQUIRE(waitpid(child, NULL, 0) == child);
	snprintf(path, sizeof(path), "t_base_trace.%d.json", child);
	text = read_file(path);
	CHECK(json_is_valid(text));
	CHECK_EQ(count(text, "\"name\":\"span\""), THREADS * SPANS);
	CHECK_EQ(count(text, "\"name\":\"last\""), 1);
	CHECK_EQ(count(text, "grandchild"), 0);
	CHECK_EQ(count(text, "\"name\":\"kind\""), 3);
	CHECK_EQ(count(text, "\"ts\":1.001"), 4);
	CHECK_EQ(count(text, "test-thread"), THREADS);
	free(text);
	unlink(path);
}

static void test_checker(void)
{
	CHECK(json_is_valid("[1, {\"a\": \"b\\\"\", \"c\": [true, null]}]  "));
	CHECK(!json_is_valid("[1,]"));
	CHECK(!json_is_valid("[1"));
	CHECK(!json_is_valid("{\"a\" 1}"));
	CHECK(!json_is_valid("[\"\x01\"]"));
}

int main(void)
{
	test_checker();
	test_file("t_base_trace.%p.json", die_by_exit);
	test_file("t_base_trace.%p.json", die_by_signal);
	/* Off: nothing happens. */
	unsetenv("CAUSEWAY_TRACE");
	CHECK(!cw_trace_on());
	put_span("nothing");
	return test_result();
}
