/* SPDX-License-Identifier: MIT */
/*
 * Workers that do not keep the protocol: this program is its own bad worker
 * (CAUSEWAY_TEST_WORKER says how bad).  Each request ends with a log, in time.
 */
#include <poll.h>
#include <sys/socket.h>

#include "client/protocol.h"
#include "client/wire.h"
#include "helper.h"

static void put(const void *data, size_t bytes)
{
	if (send(CWC_WORKER_FD, data, bytes, MSG_NOSIGNAL) < 0)
		_exit(1);
}

static void answer(uint32_t magic, uint32_t kind, uint64_t bytes, const void *data, size_t sent)
{
	struct cwc_frame frame = {magic, kind, bytes};

	put(&frame, sizeof(frame));
	put(data, sent);
}

/* A reply whose IR is @ir. */
static void answer_with(const char *ir, size_t bytes)
{
	struct cwc_writer out = {0};

	cwc_put_string(&out, "");
	cwc_put_string(&out, NULL);
	cwc_put_blob(&out, ir, bytes);
	answer(CWC_FRAME_MAGIC, CWC_DONE, out.bytes, out.data, out.bytes);
	cwc_writer_finish(&out);
}

/* Until the client gives up. */
static void wait_for_end(void)
{
	struct pollfd end = {.fd = CWC_WORKER_FD, .events = POLLRDHUP};

	poll(&end, 1, -1);
}

static int misbehave(const char *how)
{
	static char room[1 << 16];
	uint64_t huge[4] = {1ull << 62, 1, 2, 3};

	if (!strcmp(how, "deaf"))
		wait_for_end();
	if (strcmp(how, "gone") != 0 && recv(CWC_WORKER_FD, room, sizeof(room), 0) <= 0)
		return 1;
	if (!strcmp(how, "magic"))
		answer(0, CWC_DONE, 0, "", 0);
	else if (!strcmp(how, "length"))
		answer(CWC_FRAME_MAGIC, CWC_DONE, 1ull << 60, "", 0);
	else if (!strcmp(how, "short"))
		answer(CWC_FRAME_MAGIC, CWC_DONE, 1000, room, 10);
	else if (!strcmp(how, "fields"))
		answer(CWC_FRAME_MAGIC, CWC_DONE, sizeof(huge), huge, sizeof(huge));
	else if (!strcmp(how, "kind"))
		answer(CWC_FRAME_MAGIC, 77, 24, room, 24);
	else if (!strcmp(how, "ir"))
		answer_with("nonsense", 8);
	else if (!strcmp(how, "empty"))
		answer_with("", 0);
	else if (!strcmp(how, "stall"))
		answer(CWC_FRAME_MAGIC, CWC_DONE, 1000, room, 0);
	if (!strcmp(how, "stall"))
		wait_for_end();
	return 0;
}

static void try_worker(const char *self, const char *how)
{
	struct cwc_client_options options = {.compiler = self, .deadline_ms = 300};
	struct cwc_client *client;
	struct cwc_ir *ir;
	double begin;
	char *log;

	setenv("CAUSEWAY_TEST_WORKER", how, 1);
	client = cwc_client_create(&options);
	begin = seconds();
	ir = build_source(client, saxpy, &log);
	EXPECT(!ir && seconds() - begin < 10);
	if (!log || !*log) {
		fprintf(stderr, "%s: no log\n", how);
		failures++;
	}
	printf("%s: %s", how, log && *log ? log : "\n");
	free(log);
	cwc_client_destroy(client);
}

int main(int argc, char **argv)
{
	static const char *const manners[] = {"gone", "magic", "length", "short", "fields",
					      "kind", "ir",    "empty",	 "deaf",  "stall"};
	const char *how = getenv("CAUSEWAY_TEST_WORKER");
	char self[PATH_MAX];

	if (argc > 1 && how)
		return misbehave(how);
	if (!realpath(argv[0], self))
		return 1;
	for (size_t i = 0; i < sizeof(manners) / sizeof(*manners); i++)
		try_worker(self, manners[i]);
	try_worker("/nonexistent/causeway-cc", "");
	try_worker("/etc/passwd", "");
	return failures != 0;
}
