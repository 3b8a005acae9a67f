/* SPDX-License-Identifier: MIT */
#include "base/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/config.h"
#include "base/lock.h"
#include "base/log.h"

/*
 * DOC: the file
 *
 * "[", a first metadata event, then chunks of CHUNK_BYTES, then "]" as the
 * file's last byte.  A chunk holds events that each begin with ",\n"; what is
 * not used yet is spaces.  A new chunk is filled with spaces and ends in the
 * new "]" before the old one is overwritten.
 */
#define CHUNK_BYTES (64u << 10)
#define EVENT_BYTES 1024u

/* The calling thread's chunk. */
struct chunk {
	char *at;
	char *end;
	char *map;
	int tid;
};

atomic_int cw_trace_state = CW_TRACE_UNREAD;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t chunk_key;
static cw_tls struct chunk *chunk;

static struct cw_mutex lock = CW_MUTEX_INIT(CW_RANK_TRACE);
static int file cw_guarded_by(&lock) = -1;
static off_t file_bytes cw_guarded_by(&lock);
static int pid;

static void stop(const char *why)
{
	if (atomic_exchange(&cw_trace_state, CW_TRACE_OFF) == CW_TRACE_ON)
		cw_log(WARN, "the trace ends early: %s: %s", why, strerror(errno));
}

/* A child that goes on without exec must not write into its parent's file. */
static void child_after_fork(void)
{
	atomic_store(&cw_trace_state, CW_TRACE_OFF);
}

static void thread_ends(void *argument)
{
	struct chunk *mine = argument;

	munmap(mine->map, CHUNK_BYTES);
	free(mine);
	chunk = NULL;
}

static int put_bytes(off_t offset, const char *text, size_t bytes) cw_must_hold(&lock)
{
	return pwrite(file, text, bytes, offset) == (ssize_t)bytes ? 0 : -1;
}

/* Extend the file by one chunk of spaces and map it. */
static char *map_chunk_locked(void) cw_must_hold(&lock)
{
	off_t offset = file_bytes;
	char *map;

	if (posix_fallocate(file, offset, CHUNK_BYTES))
		return MAP_FAILED;
	map = mmap(NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, offset);
	if (map == MAP_FAILED)
		return map;
	memset(map, ' ', CHUNK_BYTES);
	map[CHUNK_BYTES - 1] = ']';
	if (put_bytes(offset - 1, " ", 1)) {
		munmap(map, CHUNK_BYTES);
		return MAP_FAILED;
	}
	file_bytes += CHUNK_BYTES;
	return map;
}

static bool next_chunk(struct chunk *mine)
{
	char *map;

	cw_mutex_lock(&lock);
	map = map_chunk_locked();
	cw_mutex_unlock(&lock);
	if (map == MAP_FAILED)
		return false;
	if (mine->map)
		munmap(mine->map, CHUNK_BYTES);
	mine->map = map;
	mine->at = map;
	mine->end = map + CHUNK_BYTES - 1;
	return true;
}

/* The calling thread's chunk with room for @bytes, or NULL with tracing stopped. */
static struct chunk *chunk_with_room(size_t bytes)
{
	if (!chunk) {
		struct chunk *mine = calloc(1, sizeof(*mine));

		if (!mine || pthread_setspecific(chunk_key, mine)) {
			free(mine);
			return NULL;
		}
		mine->tid = gettid();
		chunk = mine;
	}
	if ((size_t)(chunk->end - chunk->at) < bytes && !next_chunk(chunk)) {
		stop("no room for more");
		return NULL;
	}
	return chunk;
}

/* struct line - one event being formatted. */
struct line {
	char text[EVENT_BYTES];
	size_t bytes;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *line, const char *format, ...)
{
	size_t room = sizeof(line->text) - line->bytes;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line->text + line->bytes, room, format, args);
	va_end(args);
	if (length > 0)
		line->bytes += (size_t)length < room ? (size_t)length : room - 1;
}

/* A JSON string, cut at 300 bytes; bytes that are not ASCII text become '?'. */
static void add_string(struct line *line, const char *text)
{
	char out[640];
	size_t n = 0;

	for (size_t i = 0; text[i] && i < 300; i++) {
		char c = text[i];

		if (c == '\n' || c == '\t')
			c = ' ';
		if (c < ' ' || c > '~')
			c = '?';
		if (c == '"' || c == '\\')
			out[n++] = '\\';
		out[n++] = c;
	}
	out[n] = 0;
	add(line, "\"%s\"", out);
}

static void add_time(struct line *line, const char *key, uint64_t ns)
{
	add(line, ",\"%s\":%" PRIu64 ".%03u", key, ns / 1000, (unsigned)(ns % 1000));
}

static void add_head(struct line *line, char phase, const char *category, const char *name)
{
	line->bytes = 0;
	add(line, ",\n{\"ph\":\"%c\",\"pid\":%d,\"tid\":%d,\"cat\":", phase, pid,
	    chunk ? chunk->tid : gettid());
	add_string(line, category);
	add(line, ",\"name\":");
	add_string(line, name);
}

static void add_args(struct line *line, const struct cw_trace_event *event)
{
	if (!event->id && !event->detail)
		return;
	add(line, ",\"args\":{");
	if (event->id)
		add(line, "\"id\":%" PRIu64 "%s", event->id, event->detail ? "," : "");
	if (event->detail) {
		add(line, "\"detail\":");
		add_string(line, event->detail);
	}
	add(line, "}");
}

/* Close the event and copy it to the thread's chunk. */
static void put_line(struct line *line)
{
	struct chunk *mine;

	if (line->bytes > sizeof(line->text) - 2)
		return;
	line->text[line->bytes++] = '}';
	mine = chunk_with_room(line->bytes);
	if (!mine)
		return;
	memcpy(mine->at, line->text, line->bytes);
	mine->at += line->bytes;
}

void cw_trace_span(const struct cw_trace_event *event)
{
	struct line line;

	if (!cw_trace_on())
		return;
	add_head(&line, 'X', event->category, event->name);
	add_time(&line, "ts", event->begin_ns);
	add_time(&line, "dur",
		 event->end_ns > event->begin_ns ? event->end_ns - event->begin_ns : 0);
	add_args(&line, event);
	put_line(&line);
}

void cw_trace_async(const struct cw_trace_event *event)
{
	struct line line;

	if (!cw_trace_on())
		return;
	add_head(&line, 'b', event->category, event->name);
	add_time(&line, "ts", event->begin_ns);
	add(&line, ",\"id\":\"%" PRIu64 "\"", event->id);
	add_args(&line, event);
	put_line(&line);
	add_head(&line, 'e', event->category, event->name);
	add_time(&line, "ts", event->end_ns);
	add(&line, ",\"id\":\"%" PRIu64 "\"", event->id);
	put_line(&line);
}

void cw_trace_instant(const struct cw_trace_event *event)
{
	struct line line;

	if (!cw_trace_on())
		return;
	add_head(&line, 'i', event->category, event->name);
	add_time(&line, "ts", event->begin_ns);
	add(&line, ",\"s\":\"t\"");
	add_args(&line, event);
	put_line(&line);
}

static void put_flow(char phase, const char *category, uint64_t id, uint64_t now_ns)
{
	struct line line;

	if (!cw_trace_on())
		return;
	add_head(&line, phase, category, "flow");
	add_time(&line, "ts", now_ns);
	add(&line, ",\"id\":%" PRIu64 "%s", id, phase == 'f' ? ",\"bp\":\"e\"" : "");
	put_line(&line);
}

void cw_trace_flow_begin(const char *category, uint64_t id, uint64_t now_ns)
{
	put_flow('s', category, id, now_ns);
}

void cw_trace_flow_end(const char *category, uint64_t id, uint64_t now_ns)
{
	put_flow('f', category, id, now_ns);
}

void cw_trace_counter(const char *name, uint64_t now_ns, uint64_t value)
{
	struct line line;

	if (!cw_trace_on())
		return;
	add_head(&line, 'C', "counter", name);
	add_time(&line, "ts", now_ns);
	add(&line, ",\"args\":{\"value\":%" PRIu64 "}", value);
	put_line(&line);
}

void cw_trace_thread_name(const char *name)
{
	struct line line;

	if (!cw_trace_on())
		return;
	add_head(&line, 'M', "", "thread_name");
	add(&line, ",\"args\":{\"name\":");
	add_string(&line, name);
	add(&line, "}");
	put_line(&line);
}

/* The configured path with every %p replaced by the process id. */
static void expand_path(const char *pattern, char *path_out, size_t bytes)
{
	size_t n = 0;

	while (*pattern && n + 12 < bytes) {
		if (pattern[0] == '%' && pattern[1] == 'p') {
			n += (size_t)snprintf(path_out + n, bytes - n, "%d", pid);
			pattern += 2;
		} else {
			path_out[n++] = *pattern++;
		}
	}
	path_out[n] = 0;
}

/* Write the page-sized head; chunks must start at a page. */
static int write_head_locked(void) cw_must_hold(&lock)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct line line = {.bytes = 0};
	char *head = malloc(page);
	int error;

	if (!head)
		return -1;
	memset(head, ' ', page);
	add(&line, "[\n{\"ph\":\"M\",\"pid\":%d,\"tid\":0,\"name\":\"process_name\",", pid);
	add(&line, "\"args\":{\"name\":");
	add_string(&line, program_invocation_short_name);
	add(&line, "}}");
	memcpy(head, line.text, line.bytes);
	head[page - 1] = ']';
	error = put_bytes(0, head, page);
	file_bytes = (off_t)page;
	free(head);
	return error;
}

static bool open_file(const char *path)
{
	int error;

	cw_mutex_lock(&lock);
	file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	error = file < 0 || write_head_locked();
	cw_mutex_unlock(&lock);
	if (error)
		cw_log(WARN, "CAUSEWAY_TRACE: cannot write %s: %s", path, strerror(errno));
	return !error;
}

static void start(void)
{
	const char *pattern = cw_config()->trace;
	char path[4096];
	bool on = false;

	if (*pattern) {
		pid = getpid();
		expand_path(pattern, path, sizeof(path));
		on = !pthread_key_create(&chunk_key, thread_ends) && open_file(path) &&
		     !pthread_atfork(NULL, NULL, child_after_fork);
	}
	atomic_store(&cw_trace_state, on ? CW_TRACE_ON : CW_TRACE_OFF);
}

bool cw_trace_start(void)
{
	pthread_once(&once, start);
	return atomic_load_explicit(&cw_trace_state, memory_order_relaxed) == CW_TRACE_ON;
}
