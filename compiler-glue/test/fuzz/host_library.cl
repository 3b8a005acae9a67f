/* SPDX-License-Identifier: MIT */
/* The builtin functions that generated kernels call, for the reference; written to be obvious. */
#define OVER __attribute__((overloadable))

/* Scalars: @T signed or unsigned, @U its unsigned type, @W a type twice as wide, @B bits. */
#define SCALAR(T, U, W, B, LOW, HIGH)                                                              \
	OVER T min(T a, T b) { return a < b ? a : b; }                                             \
	OVER T max(T a, T b) { return a > b ? a : b; }                                             \
	OVER T add_sat(T a, T b)                                                                   \
	{                                                                                          \
		W sum = (W)a + (W)b;                                                               \
		return sum < (W)LOW ? LOW : sum > (W)HIGH ? HIGH : (T)sum;                         \
	}                                                                                          \
	OVER T sub_sat(T a, T b)                                                                   \
	{                                                                                          \
		W sum = (W)a - (W)b;                                                               \
		return sum < (W)LOW ? LOW : sum > (W)HIGH ? HIGH : (T)sum;                         \
	}                                                                                          \
	OVER T hadd(T a, T b) { return (T)(((W)a + (W)b) >> 1); }                                  \
	OVER T rhadd(T a, T b) { return (T)(((W)a + (W)b + 1) >> 1); }                             \
	OVER T mul_hi(T a, T b) { return (T)(((W)a * (W)b) >> B); }                                \
	OVER T rotate(T a, T b)                                                                    \
	{                                                                                          \
		uint n = (uint)b & (B - 1);                                                        \
		return n ? (T)(((U)a << n) | (U)((U)a >> (B - n))) : a;                            \
	}                                                                                          \
	OVER T popcount(T a)                                                                       \
	{                                                                                          \
		uint n = 0;                                                                        \
		for (uint i = 0; i < B; i++)                                                       \
			n += (uint)((U)a >> i) & 1;                                                \
		return (T)n;                                                                       \
	}                                                                                          \
	OVER T clz(T a)                                                                            \
	{                                                                                          \
		uint n = 0;                                                                        \
		for (; n < B && !(((U)a >> (B - 1 - n)) & 1); n++)                                 \
			;                                                                          \
		return (T)n;                                                                       \
	}

SCALAR(char, uchar, int, 8, -128, 127)
SCALAR(uchar, uchar, int, 8, 0, 255)
SCALAR(short, ushort, int, 16, -32768, 32767)
SCALAR(ushort, ushort, int, 16, 0, 65535)
SCALAR(int, uint, long, 32, (-2147483647 - 1), 2147483647)
SCALAR(uint, uint, long, 32, 0, 4294967295u)
SCALAR(long, ulong, __int128, 64, (-9223372036854775807l - 1), 9223372036854775807l)
OVER ulong min(ulong a, ulong b) { return a < b ? a : b; }
OVER ulong max(ulong a, ulong b) { return a > b ? a : b; }
OVER ulong add_sat(ulong a, ulong b) { return a + b < a ? ~0ul : a + b; }
OVER ulong sub_sat(ulong a, ulong b) { return b > a ? 0 : a - b; }
OVER ulong hadd(ulong a, ulong b) { return (ulong)(((unsigned __int128)a + b) >> 1); }
OVER ulong rhadd(ulong a, ulong b) { return (ulong)(((unsigned __int128)a + b + 1) >> 1); }
OVER ulong mul_hi(ulong a, ulong b) { return (ulong)(((unsigned __int128)a * b) >> 64); }
OVER ulong rotate(ulong a, ulong b) { return (ulong)rotate((long)a, (long)b); }
OVER ulong popcount(ulong a) { return (ulong)popcount((long)a); }
OVER ulong clz(ulong a) { return (ulong)clz((long)a); }

#define EACH2(T, f) (T##2)(f(a.s0, b.s0), f(a.s1, b.s1))
#define EACH3(T, f) (T##3)(f(a.s0, b.s0), f(a.s1, b.s1), f(a.s2, b.s2))
#define EACH4(T, f) (T##4)(f(a.lo, b.lo), f(a.hi, b.hi))
#define EACH8(T, f) (T##8)(f(a.lo, b.lo), f(a.hi, b.hi))
#define EACH16(T, f) (T##16)(f(a.lo, b.lo), f(a.hi, b.hi))
#define VECTOR(T, f)                                                                               \
	OVER T##2 f(T##2 a, T##2 b) { return EACH2(T, f); }                                        \
	OVER T##3 f(T##3 a, T##3 b) { return EACH3(T, f); }                                        \
	OVER T##4 f(T##4 a, T##4 b) { return EACH4(T, f); }                                        \
	OVER T##8 f(T##8 a, T##8 b) { return EACH8(T, f); }                                        \
	OVER T##16 f(T##16 a, T##16 b) { return EACH16(T, f); }
#define VECTORS(T)                                                                                 \
	VECTOR(T, min)                                                                             \
	VECTOR(T, max)                                                                             \
	VECTOR(T, add_sat)                                                                         \
	VECTOR(T, rotate)                                                                          \
	VECTOR(T, mul_hi)
VECTORS(uchar)
VECTORS(ushort)
VECTORS(int)
VECTORS(uint)
VECTORS(ulong)

#define MEMORY(T, N)                                                                               \
	OVER T##N vload##N(size_t i, const T *p)                                            \
	{                                                                                          \
		T##N v;                                                                            \
		T *e = (T *)&v;                                                                    \
		for (uint k = 0; k < N; k++)                                                       \
			e[k] = p[i * N + k];                                                       \
		return v;                                                                          \
	}                                                                                          \
	OVER void vstore##N(T##N v, size_t i, T *p)                                         \
	{                                                                                          \
		T *e = (T *)&v;                                                                    \
		for (uint k = 0; k < N; k++)                                                       \
			p[i * N + k] = e[k];                                                       \
	}
#define MEMORIES(T) MEMORY(T, 2) MEMORY(T, 3) MEMORY(T, 4) MEMORY(T, 8) MEMORY(T, 16)
MEMORIES(uint)
MEMORIES(uchar)

#define ATOMIC(f, A, result)                                                                       \
	OVER uint f(volatile A uint *p, uint b)                                                    \
	{                                                                                          \
		uint a = *p;                                                                       \
		*p = result;                                                                       \
		return a;                                                                          \
	}
#define ATOMICS(A)                                                                                 \
	ATOMIC(atomic_add, A, a + b)                                                               \
	ATOMIC(atomic_sub, A, a - b)                                                               \
	ATOMIC(atomic_xor, A, a ^ b)                                                               \
	ATOMIC(atomic_or, A, a | b)                                                                \
	ATOMIC(atomic_and, A, a & b)                                                               \
	ATOMIC(atomic_min, A, min(a, b))                                                           \
	ATOMIC(atomic_max, A, max(a, b))                                                           \
	ATOMIC(atomic_xchg, A, b)                                                                  \
	OVER uint atomic_cmpxchg(volatile A uint *p, uint b, uint c)                               \
	{                                                                                          \
		uint a = *p;                                                                       \
		*p = a == b ? c : a;                                                               \
		return a;                                                                          \
	}
ATOMICS(global)
ATOMICS(local)

OVER void barrier(uint fence);
ulong host_exchange(ulong value, uint *index, uint *count, const ulong **values);

#define FOLD(name, start, first, last, result)                                                     \
	OVER uint name(uint x)                                                                     \
	{                                                                                          \
		uint index, count, a = start;                                                      \
		const ulong *values;                                                               \
		host_exchange(x, &index, &count, &values);                                         \
		for (uint i = first; i < last; i++) {                                              \
			uint b = (uint)values[i];                                                  \
			a = result;                                                                \
		}                                                                                  \
		return a;                                                                          \
	}
#define FOLDS(op, start, result)                                                                   \
	FOLD(work_group_reduce_##op, start, 0, count, result)                                      \
	FOLD(work_group_scan_inclusive_##op, start, 0, index + 1, result)                          \
	FOLD(work_group_scan_exclusive_##op, start, 0, index, result)
FOLDS(add, 0, a + b)
FOLDS(max, 0, max(a, b))
FOLDS(min, 0xffffffffu, min(a, b))
OVER int work_group_any(int x) { return (int)work_group_reduce_max(x != 0); }
OVER int work_group_all(int x) { return (int)work_group_reduce_min(x != 0); }

OVER event_t async_work_group_copy(local uint *to, const global uint *from, size_t count, event_t e)
{
	for (size_t i = 0; i < count; i++)
		to[i] = from[i];
	return e;
}
OVER void wait_group_events(int count, event_t *events) { barrier(1); }
