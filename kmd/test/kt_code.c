/* SPDX-License-Identifier: MIT */
/*
 * What the tests run on the device.
 *
 * Everything here lies in one section, calls nothing and has no constants of
 * its own, so that a copy of the section works at any address (the test
 * "kmd-code" sees to it that there is no relocation).
 */
#include "kt_code.h"
#include "kt.h"

#define KT_DEVICE	 __attribute__((section("kt_code"), used, noinline))
#define KT_INLINE	 static inline __attribute__((always_inline))
#define ATOMIC_ADD(p, n) __atomic_fetch_add((p), (n), __ATOMIC_SEQ_CST)
#define KT_PARAMETERS                                                                              \
	const struct cwc_launch *launch, struct cwc_scratch *scratch, uint64_t begin,              \
		uint64_t end, uint64_t y, uint64_t z
#define KT_UNUSED ((void)launch, (void)scratch, (void)begin, (void)end, (void)y, (void)z)

KT_INLINE const struct kt_args *args_of(const struct cwc_launch *launch)
{
	return launch->args;
}

KT_INLINE volatile uint32_t *word(const struct kt_args *args, uint64_t item)
{
	return (volatile uint32_t *)(args->p + item * args->stride);
}

KT_INLINE uint64_t stamp(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high)::"memory");
	return low | (uint64_t)high << 32;
}

KT_INLINE void relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}

KT_DEVICE void kt_dev_inc(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);

	KT_UNUSED;
	for (uint64_t i = begin; i < end; i++)
		*word(args, i) += (uint32_t)args->a;
}

KT_DEVICE void kt_dev_add(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);

	KT_UNUSED;
	for (uint64_t round = 0; round < args->b; round++) {
		for (uint64_t i = begin; i < end; i++)
			ATOMIC_ADD(word(args, i), (uint32_t)args->a);
	}
}

KT_DEVICE void kt_dev_add64(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);

	KT_UNUSED;
	for (uint64_t round = 0; round < args->b; round++) {
		for (uint64_t i = begin; i < end; i++)
			ATOMIC_ADD((volatile uint64_t *)(args->p + i * args->stride), args->a);
	}
}

KT_DEVICE void kt_dev_xchg(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);
	volatile uint32_t *lock = word(args, 0), *value = (volatile uint32_t *)args->q;

	KT_UNUSED;
	for (uint64_t i = begin; i < end; i++) {
		for (uint64_t round = 0; round < args->b; round++) {
			while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
				relax();
			*value += (uint32_t)args->a;
			__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
		}
	}
}

KT_DEVICE void kt_dev_cas(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);

	KT_UNUSED;
	for (uint64_t round = 0; round < args->b; round++) {
		for (uint64_t i = begin; i < end; i++) {
			volatile uint32_t *p = word(args, i);
			uint32_t old = *p;

			while (!__atomic_compare_exchange_n(p, &old, old + (uint32_t)args->a, false,
							    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
				relax();
		}
	}
}

KT_DEVICE void kt_dev_list(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);
	uint64_t sum = 0;

	KT_UNUSED;
	for (struct kt_node *node = (struct kt_node *)args->p; node; node = node->next) {
		sum += node->value;
		node->value += args->a;
	}
	args->out[0] = sum;
}

KT_DEVICE void kt_dev_sum(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);
	uint64_t sum = 0;

	KT_UNUSED;
	for (uint64_t i = begin; i < end; i++)
		sum += *word(args, i);
	ATOMIC_ADD(&args->out[0], sum);
	ATOMIC_ADD(&args->out[1], end - begin);
}

KT_DEVICE void kt_dev_write(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);

	KT_UNUSED;
	for (uint64_t i = begin; i < end; i++)
		*word(args, i) = (uint32_t)(args->a + i);
}

KT_DEVICE void kt_dev_verify(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);
	uint64_t wrong = 0;

	KT_UNUSED;
	for (uint64_t i = begin; i < end; i++)
		wrong += *word(args, i) != (uint32_t)(args->a + i);
	ATOMIC_ADD(&args->out[0], wrong);
}

KT_DEVICE void kt_dev_wait(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);
	volatile uint32_t *p = word(args, 0);

	KT_UNUSED;
	while (p[0] != (uint32_t)args->a)
		relax();
	p[1] = (uint32_t)args->b;
}

KT_DEVICE void kt_dev_echo(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);
	volatile uint32_t *p = word(args, 0);

	KT_UNUSED;
	for (uint32_t round = 0; round < args->b; round++) {
		while (p[0] != 2 * round + 1)
			relax();
		p[0] = 2 * round + 2;
	}
}

KT_DEVICE void kt_dev_loop(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);

	KT_UNUSED;
	if (args->p)
		*word(args, 0) = 1;
	for (;;)
		relax();
}

KT_DEVICE void kt_dev_hammer(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);
	volatile uint32_t *stop = (volatile uint32_t *)args->q;
	uint64_t rounds = 0;

	KT_UNUSED;
	for (uint64_t k = 0; !*stop; k = k + 1 < args->b ? k + 1 : 0) {
		*word(args, k) = (uint32_t)rounds;
		rounds++;
	}
	ATOMIC_ADD(&args->out[0], rounds);
}

KT_DEVICE void kt_dev_touch(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);
	volatile uint32_t *p = word(args, 0);

	KT_UNUSED;
	if (args->b == KT_READ)
		args->out[0] = *p;
	else if (args->b == KT_WRITE)
		*p = (uint32_t)args->a;
	else
		args->out[0] = __atomic_exchange_n(p, (uint32_t)args->a, __ATOMIC_SEQ_CST);
}

KT_DEVICE void kt_dev_divide(KT_PARAMETERS)
{
	KT_UNUSED;
	__asm__ volatile("xorl %%ecx, %%ecx\n\tmovl $1, %%eax\n\txorl %%edx, %%edx\n\tdivl %%ecx" ::
				 : "eax", "ecx", "edx", "cc");
}

KT_DEVICE void kt_dev_illegal(KT_PARAMETERS)
{
	KT_UNUSED;
	__asm__ volatile("ud2");
}

KT_DEVICE void kt_dev_copy(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);
	volatile uint64_t *to = (volatile uint64_t *)args->p;
	const volatile uint64_t *from = (const volatile uint64_t *)args->q;

	KT_UNUSED;
	for (uint64_t i = begin; i < end; i++)
		to[i] = from[i];
}

KT_DEVICE void kt_dev_stack(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);
	volatile char *top = __builtin_alloca(args->b);

	KT_UNUSED;
	for (uint64_t at = args->b; at > KT_PAGE; at -= KT_PAGE)
		top[at - KT_PAGE] = (char)at;
	args->out[0] = args->a;
}

KT_DEVICE void kt_dev_scratch(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);
	volatile uint64_t *local = scratch->local;
	uint64_t wrong = 0;

	KT_UNUSED;
	for (uint64_t group = begin; group < end; group++) {
		for (uint64_t i = 0; i < args->b / 8; i++)
			local[i] = group * 1000003 + i;
		for (uint64_t i = 0; i < args->b / 8; i++)
			wrong += local[i] != group * 1000003 + i;
	}
	ATOMIC_ADD(&args->out[0], wrong);
	ATOMIC_ADD(&args->out[1], end - begin);
}

KT_DEVICE void kt_dev_nothing(KT_PARAMETERS)
{
	KT_UNUSED;
}

KT_DEVICE void kt_dev_time(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);
	uint64_t start = stamp();

	KT_UNUSED;
	for (uint64_t i = begin; i < end; i++)
		(void)*word(args, i);
	ATOMIC_ADD(&args->out[0], stamp() - start);
}

KT_DEVICE void kt_dev_timew(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);
	uint64_t start = stamp();

	KT_UNUSED;
	for (uint64_t i = begin; i < end; i++)
		*word(args, i) = (uint32_t)i;
	ATOMIC_ADD(&args->out[0], stamp() - start);
}

KT_DEVICE void kt_dev_stream(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);
	const volatile uint64_t *p = (const volatile uint64_t *)args->p;
	uint64_t start = stamp(), sum = 0;

	KT_UNUSED;
	for (uint64_t round = 0; round < args->b; round++) {
		for (uint64_t i = 0; i < args->a / 8; i++)
			sum += p[i];
	}
	args->out[0] = stamp() - start;
	args->out[1] = sum;
}

KT_DEVICE void kt_dev_syscall(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);
	long result;

	KT_UNUSED;
	__asm__ volatile("xorl %%r10d, %%r10d\n\tsyscall"
			 : "=a"(result)
			 : "0"(args->a), "D"(args->p), "S"(args->b), "d"(args->q)
			 : "rcx", "r10", "r11", "memory");
	args->out[0] = (uint64_t)result;
	args->out[1] = 1;
}

KT_DEVICE void kt_dev_count(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);

	KT_UNUSED;
	for (uint64_t i = begin; i < end; i++) {
		ATOMIC_ADD(&args->out[0], 1);
		if (args->p)
			ATOMIC_ADD(word(args, 0), 1);
	}
}

KT_DEVICE void kt_dev_meet(KT_PARAMETERS)
{
	const struct kt_args *args = args_of(launch);

	KT_UNUSED;
	for (uint64_t i = begin; i < end; i++) {
		ATOMIC_ADD(word(args, 0), 1);
		while (*word(args, 0) < args->a)
			relax();
	}
}
