/* SPDX-License-Identifier: MIT */
#include "base/lock.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char *const rank_names[CW_RANK_COUNT] = {[CW_RANK_NONE] = "none",
#define CW_LOCK_RANK(rank, name) [CW_RANK_##rank] = name,
						      CW_LOCK_RANKS(CW_LOCK_RANK)
#undef CW_LOCK_RANK
};

_Static_assert(CW_RANK_COUNT <= 64, "one bit a rank");

const char *cw_lock_rank_name(enum cw_lock_rank rank)
{
	return rank < CW_RANK_COUNT ? rank_names[rank] : "unknown";
}

#if CW_LOCK_CHECKED
static cw_tls uint64_t held;

uint64_t cw_lock_held(void)
{
	return held;
}

static enum cw_lock_rank highest(uint64_t ranks)
{
	return ranks ? (enum cw_lock_rank)(63 - __builtin_clzll(ranks)) : CW_RANK_NONE;
}

static _Noreturn void wrong_order(const char *what, enum cw_lock_rank rank)
{
	fprintf(stderr, "causeway: lock order: %s \"%s\" while holding \"%s\"\n", what,
		cw_lock_rank_name(rank), cw_lock_rank_name(highest(held)));
	abort();
}

void cw_lock_check_acquire(enum cw_lock_rank rank)
{
	if (highest(held) >= rank)
		wrong_order("takes", rank);
	held |= UINT64_C(1) << rank;
}

void cw_lock_check_release(enum cw_lock_rank rank)
{
	if (!(held & UINT64_C(1) << rank))
		wrong_order("gives back", rank);
	held &= ~(UINT64_C(1) << rank);
}

void cw_lock_check_none(void)
{
	if (held)
		wrong_order("must hold nothing, but is about to call out or block:", CW_RANK_NONE);
}
#else
uint64_t cw_lock_held(void)
{
	return 0;
}
#endif

/* All of them are held for moments only, so that spinning for one beats a system call. */
void cw_mutex_init(struct cw_mutex *mutex, enum cw_lock_rank rank)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ADAPTIVE_NP);
	pthread_mutex_init(&mutex->mutex, &attributes);
	pthread_mutexattr_destroy(&attributes);
	mutex->rank = rank;
}

void cw_mutex_finish(struct cw_mutex *mutex)
{
	pthread_mutex_destroy(&mutex->mutex);
}

void cw_cond_init(struct cw_cond *cond)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&cond->cond, &attributes);
	pthread_condattr_destroy(&attributes);
}

void cw_cond_finish(struct cw_cond *cond)
{
	pthread_cond_destroy(&cond->cond);
}

void cw_cond_wait(struct cw_cond *cond, struct cw_mutex *mutex)
{
	cw_lock_check_release(mutex->rank);
	pthread_cond_wait(&cond->cond, &mutex->mutex);
	cw_lock_check_acquire(mutex->rank);
}

bool cw_cond_wait_until(struct cw_cond *cond, struct cw_mutex *mutex, uint64_t deadline_ns)
{
	struct timespec deadline = {
		.tv_sec = (time_t)(deadline_ns / 1000000000u),
		.tv_nsec = (long)(deadline_ns % 1000000000u),
	};
	int error;

	cw_lock_check_release(mutex->rank);
	error = pthread_cond_timedwait(&cond->cond, &mutex->mutex, &deadline);
	cw_lock_check_acquire(mutex->rank);
	return !error;
}
