/* SPDX-License-Identifier: MIT */
/*
 * What the product is measured against and checked with: plain C, compiled as
 * well as the compiler can for this processor and run on all cores, and
 * OpenBLAS when it is installed.
 */
#ifndef PEERS_H
#define PEERS_H

#include "npy.h"
#include <dlfcn.h>
#include <float.h>
#include <math.h>
#include <pthread.h>

#define PLAIN_THREADS 64

/* Compiled once for each generation of processors; the sanitizers can't do without a plain one. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define FOR_EACH_CPU
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define FOR_EACH_CPU
#endif
#endif
#ifndef FOR_EACH_CPU
#define FOR_EACH_CPU                                                                               \
	__attribute__((target_clones("arch=skylake-avx512", "arch=haswell", "default")))
#endif

/*
 * plain_float(), plain_double() - four rows of the product, in the order in
 * which memory likes it: along the rows of B, which is in C order.
 */
#define PLAIN(type)                                                                                \
	FOR_EACH_CPU static void plain_##type(const type *const row[4], uint64_t step,             \
					      const type *b, uint64_t depth, uint64_t columns,     \
					      type *sum)                                           \
	{                                                                                          \
		type *s0 = sum, *s1 = s0 + columns, *s2 = s1 + columns, *s3 = s2 + columns;        \
                                                                                                   \
		memset(sum, 0, 4 * columns * sizeof(type));                                        \
		for (uint64_t k = 0; k < depth; k++, b += columns) {                               \
			type a0 = row[0][k * step], a1 = row[1][k * step];                         \
			type a2 = row[2][k * step], a3 = row[3][k * step];                         \
                                                                                                   \
			for (uint64_t j = 0; j < columns; j++) {                                   \
				s0[j] += a0 * b[j];                                                \
				s1[j] += a1 * b[j];                                                \
				s2[j] += a2 * b[j];                                                \
				s3[j] += a3 * b[j];                                                \
			}                                                                          \
		}                                                                                  \
	}
PLAIN(float)
PLAIN(double)

/*
 * struct plain - the work of one thread: the rows picked[first], [first + 4 * threads]...
 * @b: B in C order.
 * @sum: room for four rows.
 * @column_norm: Euclidean length of each column of B; with the length of a row
 *	of A it bounds the rounding error of an element.
 */
struct plain {
	pthread_t thread;
	const struct matrix *a, *c;
	const void *b;
	void *sum;
	const double *column_norm;
	uint64_t rows, first, step;
	uint64_t bad;
	double seconds;
};

static inline double value_at(const struct matrix *m, uint64_t row, uint64_t column)
{
	uint64_t i = row * m->row_step + column * m->column_step;

	return m->is_double ? ((const double *)m->data)[i] : (double)((const float *)m->data)[i];
}

/* The rows to check are spread evenly over the matrix. */
static inline uint64_t picked_row(const struct plain *p, uint64_t index)
{
	uint64_t i = index < p->rows ? index : p->rows - 1;

	return (uint64_t)((double)i * (double)p->c->rows / (double)p->rows);
}

static inline void plain_rows(struct plain *p, uint64_t index)
{
	const struct matrix *a = p->a;
	const char *row[4];
	double start = now_s();

	for (uint64_t r = 0; r < 4; r++)
		row[r] = (const char *)a->data +
			 picked_row(p, index + r) * a->row_step * element_bytes(a->is_double);
	if (a->is_double)
		plain_double((const double *[4]){(const double *)row[0], (const double *)row[1],
						 (const double *)row[2], (const double *)row[3]},
			     a->column_step, p->b, a->columns, p->c->columns, p->sum);
	else
		plain_float((const float *[4]){(const float *)row[0], (const float *)row[1],
					       (const float *)row[2], (const float *)row[3]},
			    a->column_step, p->b, a->columns, p->c->columns, p->sum);
	p->seconds += now_s() - start;
}

/* How many elements of a row of C are further from plain C's than rounding explains. */
static inline uint64_t compare_row(const struct plain *p, uint64_t row, uint64_t slot)
{
	const struct matrix *a = p->a, *c = p->c;
	double norm = 0, unit = a->is_double ? DBL_EPSILON : FLT_EPSILON;
	uint64_t bad = 0;

	for (uint64_t k = 0; k < a->columns; k++)
		norm += value_at(a, row, k) * value_at(a, row, k);
	norm = sqrt(norm) * unit * 8 * sqrt((double)a->columns);
	for (uint64_t j = 0; j < c->columns; j++) {
		uint64_t i = slot * c->columns + j;
		double want = a->is_double ? ((double *)p->sum)[i] : (double)((float *)p->sum)[i];
		double got = value_at(c, row, j);

		if (got != want && !(isnan(got) && isnan(want)))
			bad += !(fabs(got - want) <= norm * p->column_norm[j]);
	}
	return bad;
}

static inline void *plain_thread(void *argument)
{
	struct plain *p = argument;

	for (uint64_t i = p->first; i < p->rows; i += p->step) {
		plain_rows(p, i);
		for (uint64_t r = 0; r < 4 && i + r < p->rows; r++)
			p->bad += compare_row(p, picked_row(p, i + r), r);
	}
	return NULL;
}

/* The lengths of the columns of B, and B in C order (its own memory if it is so already). */
static inline const void *prepare_b(const struct matrix *b, double *column_norm)
{
	size_t size = element_bytes(b->is_double);
	char *copy = b->column_step == 1 ? NULL : malloc(b->rows * b->columns * size);

	if (b->column_step != 1 && !copy)
		fail("out of memory");
	for (uint64_t j = 0; j < b->columns; j++)
		column_norm[j] = 0;
	for (uint64_t i = 0; i < b->rows; i++) {
		for (uint64_t j = 0; j < b->columns; j++) {
			column_norm[j] += value_at(b, i, j) * value_at(b, i, j);
			if (copy)
				memcpy(copy + (i * b->columns + j) * size,
				       (const char *)b->data +
					       (i * b->row_step + j * b->column_step) * size,
				       size);
		}
	}
	for (uint64_t j = 0; j < b->columns; j++)
		column_norm[j] = sqrt(column_norm[j]);
	return copy ? copy : b->data;
}

/*
 * Compute @rows rows of A x B in plain C and compare them with @c.  Returns the
 * number of wrong elements; *seconds_out is the time the multiplication took.
 */
static inline uint64_t plain_check(const struct matrix *a, const struct matrix *b,
				   const struct matrix *c, uint64_t rows, double *seconds_out)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t threads = cores < 1 ? 1 : cores > PLAIN_THREADS ? PLAIN_THREADS : (uint64_t)cores;
	double *norm = malloc(b->columns * sizeof(*norm));
	struct plain work[PLAIN_THREADS];
	const void *b_rows = norm ? prepare_b(b, norm) : NULL;
	uint64_t bad = 0;

	*seconds_out = 0;
	for (uint64_t t = 0; t < threads; t++) {
		work[t] = (struct plain){.a = a,
					 .c = c,
					 .b = b_rows,
					 .column_norm = norm,
					 .rows = rows,
					 .first = 4 * t,
					 .step = 4 * threads};
		work[t].sum = malloc(4 * c->columns * element_bytes(c->is_double));
		if (!norm || !work[t].sum ||
		    pthread_create(&work[t].thread, NULL, plain_thread, &work[t]))
			fail("out of memory");
	}
	for (uint64_t t = 0; t < threads; t++) {
		pthread_join(work[t].thread, NULL);
		free(work[t].sum);
		bad += work[t].bad;
		*seconds_out = fmax(*seconds_out, work[t].seconds);
	}
	if (b_rows != b->data)
		free((void *)b_rows);
	free(norm);
	return bad;
}

/* The classic interface of every BLAS, as OpenBLAS exports it. */
typedef void sgemm_fn(int order, int trans_a, int trans_b, int m, int n, int k, float alpha,
		      const float *a, int lda, const float *b, int ldb, float beta, float *c,
		      int ldc);
typedef void dgemm_fn(int order, int trans_a, int trans_b, int m, int n, int k, double alpha,
		      const double *a, int lda, const double *b, int ldb, double beta, double *c,
		      int ldc);
enum { BLAS_ROW_MAJOR = 101, BLAS_NO_TRANS = 111, BLAS_TRANS = 112 };

/* Elements from one row, or in Fortran order one column, to the next. */
static inline uint64_t leading(const struct matrix *m)
{
	uint64_t step = m->column_step == 1 ? m->row_step : m->column_step;
	uint64_t least = m->column_step == 1 ? m->columns : m->rows;

	return step < least ? least : step;
}

static inline void blas_call(void *gemm, const struct matrix *a, const struct matrix *b, void *c)
{
	int m = (int)a->rows, n = (int)b->columns, k = (int)a->columns;
	int ta = a->column_step == 1 ? BLAS_NO_TRANS : BLAS_TRANS;
	int tb = b->column_step == 1 ? BLAS_NO_TRANS : BLAS_TRANS;
	int lda = (int)leading(a), ldb = (int)leading(b);

	if (a->is_double)
		((dgemm_fn *)gemm)(BLAS_ROW_MAJOR, ta, tb, m, n, k, 1, a->data, lda, b->data, ldb,
				   0, c, n);
	else
		((sgemm_fn *)gemm)(BLAS_ROW_MAJOR, ta, tb, m, n, k, 1, a->data, lda, b->data, ldb,
				   0, c, n);
}

/* Time OpenBLAS on the same product; false when it is not installed. */
static inline bool blas_run(const struct matrix *a, const struct matrix *b, double *seconds_out)
{
	void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
	void *gemm = library ? dlsym(library, a->is_double ? "cblas_dgemm" : "cblas_sgemm") : NULL;
	void *c = gemm ? malloc(a->rows * b->columns * element_bytes(a->is_double)) : NULL;
	double sum = 0, best = INFINITY;

	if (!c)
		return false;
	for (int i = 0; i < 10 && sum < 1; i++) {
		double start = now_s();

		blas_call(gemm, a, b, c);
		sum += now_s() - start;
		best = fmin(best, now_s() - start);
	}
	free(c);
	*seconds_out = best;
	return true;
}

#endif
