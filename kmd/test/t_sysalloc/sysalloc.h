/* SPDX-License-Identifier: MIT */
/*
 * The matrix of t_sysalloc: a kind of memory, a shape of work, a modifier.
 *
 * A case makes memory of the kind, fills word i with value + i, lets the device
 * add to every word in rounds, and compares; the modifier does something to the
 * memory before, between or during the rounds that must not change the result.
 */
#ifndef T_SYSALLOC_H
#define T_SYSALLOC_H

#include "kt.h"

#define SA_MAX_QUEUES 4

/* Bits of sa_kind.flags. */
enum sa_kind_flags {
	SA_ZERO = 1u << 0,	/* made of zeros */
	SA_MAPPED = 1u << 1,	/* a mapping of its own: may be moved, protected, split */
	SA_ANON = 1u << 2,	/* private and anonymous */
	SA_SHARED = 1u << 3,	/* a child of fork() sees changes */
	SA_SMALL = 1u << 4,	/* there is no large one */
	SA_NO_FORK = 1u << 5,	/* a child doesn't have it */
	SA_SPECIAL = 1u << 6,	/* madvise() and mremap() may not */
	SA_ONE_THREAD = 1u << 7 /* made by one thread at a time */
};

/*
 * struct sa_region - memory of a kind
 * @p: usable bytes
 * @raw: what is freed
 * @fd: its file, -1: none
 */
struct sa_region {
	char *p;
	size_t bytes;
	void *raw;
	size_t raw_bytes;
	int fd;
};

struct sa_kind {
	const char *name;
	unsigned int flags;
	void (*make)(struct sa_region *region);
	void (*drop)(struct sa_region *region);
};

/*
 * struct sa_shape - how the work is cut
 * @stride: from word to word
 * @rounds: how often every word is added to
 * @pieces: jobs of one round
 * @queues: that they are spread over
 * @width: engine threads of a job
 * @threads, @processes: that do it all at the same time, each with memory of its own
 * @shared: @threads work on the same memory
 */
struct sa_shape {
	const char *name;
	size_t bytes;
	size_t stride;
	unsigned int rounds;
	unsigned int pieces;
	unsigned int queues;
	unsigned int width;
	unsigned int threads;
	unsigned int processes;
	bool shared;
};

struct sa_mod;

/*
 * struct sa_work - a case that runs
 * @value: word i is expected to hold value + i
 * @count: words
 * @stop: for the thread that races
 * @extra: what the racing thread added to the neighbour words
 */
struct sa_work {
	struct kt_vm *vm;
	struct kt_queue queues[SA_MAX_QUEUES];
	const struct sa_kind *kind;
	const struct sa_shape *shape;
	const struct sa_mod *mod;
	struct sa_region region;
	size_t count;
	uint32_t value;
	volatile uint32_t stop;
	uint64_t extra;
	int pipe[2];
	pid_t child;
};

/* Bits of sa_mod.flags: what the kind must be, and more. */
enum sa_mod_flags {
	SA_NEEDS_ZERO = 1u << 0,
	SA_NEEDS_MAPPED = 1u << 1,
	SA_NEEDS_ANON = 1u << 2,
	SA_NEEDS_ADVISABLE = 1u << 3, /* not SA_SPECIAL */
	SA_NEEDS_FORKED = 1u << 4,    /* not SA_NO_FORK */
	SA_NEEDS_MIGRATE = 1u << 5,   /* device memory */
	SA_NEEDS_EXCLUSIVE = 1u << 6,
	SA_ALONE = 1u << 7,   /* not while other threads work on the same memory */
	SA_UNFILLED = 1u << 8 /* the device touches the memory first */
};

struct sa_mod {
	const char *name;
	unsigned int flags;
	void (*before)(struct sa_work *work);
	void (*between)(struct sa_work *work);
	void *(*race)(void *work);
	void (*after)(struct sa_work *work);
};

extern const struct sa_kind sa_kinds[];
extern const size_t sa_kind_count;
extern const struct sa_mod sa_mods[];
extern const size_t sa_mod_count;

/* The bytes of the region that whole pages make up. */
char *sa_first_page(const struct sa_work *work);
size_t sa_page_bytes(const struct sa_work *work);
/* Write value + i into every word. */
void sa_fill(struct sa_work *work);
void sa_verify(const struct sa_work *work, const char *when);

/* Mappings that change in part. */
void sa_partial_cases(void);
/* Lists, sharing between threads and processes, memory that comes and goes. */
void sa_other_cases(void);

#endif
