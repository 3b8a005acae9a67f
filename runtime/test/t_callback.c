/* SPDX-License-Identifier: MIT */
/* The dispatcher: order, one thread, posts from callbacks, a forked child. */
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/list.h"
#include "core/callback.h"
#include "test.h"

#define MANY 1000

struct note {
	struct cw_callback callback;
	unsigned number;
};

static struct note notes[MANY];
static struct note again;
static atomic_uint ran;

static void run(struct cw_callback *callback)
{
	struct note *note = cw_container_of(callback, struct note, callback);

	CHECK(cw_callback_is_dispatcher());
	CHECK_EQ(note->number, ran);
	if (note->number + 1 == MANY) {
		again.number = MANY;
		again.callback.run = run;
		cw_callback_post(&again.callback);
	}
	atomic_fetch_add(&ran, 1);
}

static bool wait_until(unsigned count)
{
	uint64_t deadline = cw_clock_ns() + 10000000000u;

	while (atomic_load(&ran) < count) {
		if (cw_clock_ns() > deadline)
			return false;
		usleep(100);
	}
	return true;
}

static void post_all(void)
{
	atomic_store(&ran, 0);
	for (unsigned i = 0; i < MANY; i++) {
		notes[i].number = i;
		notes[i].callback.run = run;
		cw_callback_post(&notes[i].callback);
	}
	CHECK(wait_until(MANY + 1));
}

int main(void)
{
	int status = 1;
	pid_t child;

	CHECK(!cw_callback_is_dispatcher());
	post_all();
	child = fork();
	REQUIRE(child >= 0);
	if (!child) {
		post_all();
		_exit(test_failures != 0);
	}
	REQUIRE(waitpid(child, &status, 0) == child);
	CHECK_EQ(status, 0);
	return test_result();
}
