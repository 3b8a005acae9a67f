/* SPDX-License-Identifier: MIT */
/*
 * Locks with ranks.
 *
 * DOC: lock order
 *
 * Every lock has a rank of enum cw_lock_rank.  A thread takes locks in rising
 * rank only, and never two of the same rank.  Debug builds (without NDEBUG)
 * check this at every lock and abort with both names; release builds compile
 * to the bare pthread calls.  clang's thread safety analysis checks what is
 * annotated with cw_guarded_by() and cw_must_hold().
 */
#ifndef CW_LOCK_H
#define CW_LOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#if defined(__clang__)
#define cw_thread_attribute(x) __attribute__((x))
#else
#define cw_thread_attribute(x)
#endif
#define cw_capability(name)    cw_thread_attribute(capability(name))
#define cw_guarded_by(lock)    cw_thread_attribute(guarded_by(lock))
#define cw_pt_guarded_by(lock) cw_thread_attribute(pt_guarded_by(lock))
#define cw_must_hold(...)      cw_thread_attribute(requires_capability(__VA_ARGS__))
#define cw_must_not_hold(...)  cw_thread_attribute(locks_excluded(__VA_ARGS__))
#define cw_acquires(...)       cw_thread_attribute(acquire_capability(__VA_ARGS__))
#define cw_releases(...)       cw_thread_attribute(release_capability(__VA_ARGS__))
#define cw_try_acquires(...)   cw_thread_attribute(try_acquire_capability(__VA_ARGS__))
#define cw_no_analysis	       cw_thread_attribute(no_thread_safety_analysis)

/* Thread-local without a call: the library keeps its use of static TLS tiny. */
#define cw_tls __thread __attribute__((tls_model("initial-exec")))

/* X(RANK, name): outermost first.  A lock may be taken while those above it are held. */
#define CW_LOCK_RANKS(X)                                                                           \
	X(PLATFORM, "platform: making the root devices")                                           \
	X(PROGRAM, "program: its builds and kernels")                                              \
	X(CODEGEN, "codegen: in-memory code cache")                                                \
	X(QUEUE, "queue: order of its commands")                                                   \
	X(GRAPH, "queue: memory of its commands")                                                  \
	X(EVENT, "event: callbacks")                                                               \
	X(MEM, "memory objects: mapped regions")                                                   \
	X(SVM, "svm: registry of allocations")                                                     \
	X(POOL, "cpu pool: starting the workers; drm device: making its VM")                       \
	X(WORKER, "cpu source: ready commands")                                                    \
	X(JOBS, "drm queue: jobs that were handed over")                                           \
	X(ENGINE, "drm vm: starting its engine")                                                   \
	X(ARENA, "drm vm: memory shared with the engine")                                          \
	X(RECORDS, "drm vm: records of faults")                                                    \
	X(PRINTF, "printf: output of one kernel at a time")                                        \
	X(CALLBACK, "callback dispatcher")                                                         \
	X(TRACE, "trace file")

enum cw_lock_rank {
	CW_RANK_NONE,
#define CW_LOCK_RANK(rank, name) CW_RANK_##rank,
	CW_LOCK_RANKS(CW_LOCK_RANK)
#undef CW_LOCK_RANK
		CW_RANK_COUNT
};

/* struct cw_mutex - a mutex that knows its place in the lock order. */
struct cw_capability("mutex") cw_mutex {
	pthread_mutex_t mutex;
	enum cw_lock_rank rank;
};

/* struct cw_cond - a condition variable; timeouts are of cw_clock_ns(). */
struct cw_cond {
	pthread_cond_t cond;
};

#define CW_MUTEX_INIT(lock_rank) {.mutex = PTHREAD_MUTEX_INITIALIZER, .rank = (lock_rank)}

#ifndef NDEBUG
#define CW_LOCK_CHECKED 1
void cw_lock_check_acquire(enum cw_lock_rank rank);
void cw_lock_check_release(enum cw_lock_rank rank);
/* Abort unless the thread holds no lock at all: before callbacks and blocking. */
void cw_lock_check_none(void);
#else
#define CW_LOCK_CHECKED 0
static inline void cw_lock_check_acquire(enum cw_lock_rank rank)
{
	(void)rank;
}
static inline void cw_lock_check_release(enum cw_lock_rank rank)
{
	(void)rank;
}
static inline void cw_lock_check_none(void)
{
}
#endif

/* What ranks the thread holds, one bit each; 0 in release builds. */
uint64_t cw_lock_held(void);
const char *cw_lock_rank_name(enum cw_lock_rank rank);

void cw_mutex_init(struct cw_mutex *mutex, enum cw_lock_rank rank);
void cw_mutex_finish(struct cw_mutex *mutex);

static inline void cw_mutex_lock(struct cw_mutex *mutex) cw_acquires(mutex) cw_no_analysis;
static inline void cw_mutex_lock(struct cw_mutex *mutex)
{
	cw_lock_check_acquire(mutex->rank);
	pthread_mutex_lock(&mutex->mutex);
}

static inline bool cw_mutex_trylock(struct cw_mutex *mutex)
	cw_try_acquires(true, mutex) cw_no_analysis;
static inline bool cw_mutex_trylock(struct cw_mutex *mutex)
{
	if (pthread_mutex_trylock(&mutex->mutex))
		return false;
	cw_lock_check_acquire(mutex->rank);
	return true;
}

static inline void cw_mutex_unlock(struct cw_mutex *mutex) cw_releases(mutex) cw_no_analysis;
static inline void cw_mutex_unlock(struct cw_mutex *mutex)
{
	cw_lock_check_release(mutex->rank);
	pthread_mutex_unlock(&mutex->mutex);
}

void cw_cond_init(struct cw_cond *cond);
void cw_cond_finish(struct cw_cond *cond);
void cw_cond_wait(struct cw_cond *cond, struct cw_mutex *mutex) cw_must_hold(mutex);
/* False when @deadline_ns of cw_clock_ns() passed. */
bool cw_cond_wait_until(struct cw_cond *cond, struct cw_mutex *mutex, uint64_t deadline_ns)
	cw_must_hold(mutex);

static inline void cw_cond_signal(struct cw_cond *cond)
{
	pthread_cond_signal(&cond->cond);
}

static inline void cw_cond_broadcast(struct cw_cond *cond)
{
	pthread_cond_broadcast(&cond->cond);
}

#endif
