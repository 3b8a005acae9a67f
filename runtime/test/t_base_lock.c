/* SPDX-License-Identifier: MIT */
/* Lock ranks: the right order passes, every wrong one aborts (in builds that check). */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/thread.h"
#include "test.h"

static struct cw_mutex queue_lock = CW_MUTEX_INIT(CW_RANK_QUEUE);
static struct cw_mutex event_lock = CW_MUTEX_INIT(CW_RANK_EVENT);
static struct cw_mutex other_event_lock = CW_MUTEX_INIT(CW_RANK_EVENT);

/* The signal that ends @run in a process of its own, or 0. */
static int signal_of(void (*run)(void))
{
	int status;
	pid_t child = fork();

	REQUIRE(child >= 0);
	if (!child) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0});
		REQUIRE(freopen("/dev/null", "w", stderr));
		signal(SIGABRT, SIG_DFL);
		run();
		_exit(0);
	}
	REQUIRE(waitpid(child, &status, 0) == child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void right_order(void) cw_no_analysis
{
	cw_mutex_lock(&queue_lock);
	cw_mutex_lock(&event_lock);
	cw_mutex_unlock(&queue_lock);
	cw_mutex_unlock(&event_lock);
	cw_lock_check_none();
}

static void falling_rank(void) cw_no_analysis
{
	cw_mutex_lock(&event_lock);
	cw_mutex_lock(&queue_lock);
}

static void same_rank(void) cw_no_analysis
{
	cw_mutex_lock(&event_lock);
	cw_mutex_lock(&other_event_lock);
}

static void unlock_not_held(void) cw_no_analysis
{
	cw_mutex_unlock(&event_lock);
}

static void call_out_with_lock(void) cw_no_analysis
{
	cw_mutex_lock(&queue_lock);
	cw_lock_check_none();
}

static struct cw_cond cond;
static bool flag cw_guarded_by(&queue_lock);

static void set_flag(void *unused)
{
	(void)unused;
	cw_mutex_lock(&queue_lock);
	flag = true;
	cw_cond_broadcast(&cond);
	cw_mutex_unlock(&queue_lock);
}

static void test_cond(void)
{
	uint64_t begin = cw_clock_ns();
	pthread_t thread;

	cw_cond_init(&cond);
	cw_mutex_lock(&queue_lock);
	CHECK(!cw_cond_wait_until(&cond, &queue_lock, begin + 2000000));
	CHECK(cw_clock_ns() - begin >= 2000000);
	REQUIRE(!cw_thread_create(&thread, "test", 0, set_flag, NULL));
	while (!flag)
		cw_cond_wait(&cond, &queue_lock);
	cw_mutex_unlock(&queue_lock);
	pthread_join(thread, NULL);
	cw_cond_finish(&cond);
}

int main(void)
{
	int wrong = CW_LOCK_CHECKED ? SIGABRT : 0;

	CHECK_EQ(signal_of(right_order), 0);
	if (CW_LOCK_CHECKED) {
		CHECK_EQ(signal_of(falling_rank), wrong);
		CHECK_EQ(signal_of(same_rank), wrong);
		CHECK_EQ(signal_of(unlock_not_held), wrong);
		CHECK_EQ(signal_of(call_out_with_lock), wrong);
	}
	test_cond();
	return test_result();
}
