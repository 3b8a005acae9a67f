/* SPDX-License-Identifier: MIT */
/*
 * C = A x B, from file to file.
 *
 * The matrices are NumPy files mapped into memory.  Kernels read A and B from
 * the files' own pages and write C through a shared mapping, so when the last
 * kernel is done the result is in its file.  There is no buffer object.
 *
 * How it is fast: for one block of K at a time, two kernels copy the block of
 * A and of B into panels that lie in memory the way "multiply" walks over
 * them.  A work-item then keeps ROWS x 3 sums in registers: ROWS rows, held in
 * one vector, by three columns.  Neighbouring work-items have neighbouring
 * columns, so a vectorising compiler turns "b[LX]" into one full load.
 */
#include "npy.h"
#include "peers.h"
#include <getopt.h>
#include <math.h>

#define LX	  16   /* work-items of a group side by side; each has 3 columns */
#define LY	  8    /* and below each other; each has ROWS rows */
#define COLUMNS	  48   /* of a panel of B: 3 * LX */
#define BLOCK	  512  /* of K */
#define SLAB_FLOP 3e10 /* one launch, so that progress can be shown */

static const char source[] =
	"/* T: float or double; TV: vector of ROWS of them; LOAD: vload of that many */\n"
	"kernel void pack_a(global const T *a, ulong row_step, ulong column_step, ulong rows,\n"
	"		    global T *panels, uint depth)\n"
	"{\n"
	"	size_t k = get_global_id(0), panel = get_global_id(1);\n"
	"	global T *out = panels + (panel * depth + k) * ROWS;\n"
	"\n"
	"	for (uint r = 0; r < ROWS; r++) {\n"
	"		size_t row = panel * ROWS + r;\n"
	"		out[r] = row < rows ? a[row * row_step + k * column_step] : 0;\n"
	"	}\n"
	"}\n"
	"\n"
	"kernel void pack_b(global const T *b, ulong row_step, ulong column_step, ulong columns,\n"
	"		    global T *panels, uint depth)\n"
	"{\n"
	"	size_t column = get_global_id(0), k = get_global_id(1);\n"
	"	size_t panel = column / COLUMNS, inside = column % COLUMNS;\n"
	"\n"
	"	panels[(panel * depth + k) * COLUMNS + inside] =\n"
	"		column < columns ? b[k * row_step + column * column_step] : 0;\n"
	"}\n"
	"\n"
	"/* Add @sum, one column of ROWS elements, to C; the first block of K replaces C. */\n"
	"void put(global T *c, size_t row, size_t column, ulong rows, ulong columns,\n"
	"	  TV sum, uint first)\n"
	"{\n"
	"	T part[ROWS];\n"
	"\n"
	"	STORE(sum, 0, part);\n"
	"	if (column >= columns)\n"
	"		return;\n"
	"	for (uint r = 0; r < ROWS && row + r < rows; r++) {\n"
	"		global T *at = c + (row + r) * columns + column;\n"
	"		*at = first ? part[r] : *at + part[r];\n"
	"	}\n"
	"}\n"
	"\n"
	"kernel void multiply(global const T *a, global const T *b, global T *c,\n"
	"		      ulong rows, ulong columns, uint depth, uint first)\n"
	"{\n"
	"	size_t row = get_global_id(1) * ROWS;\n"
	"	size_t column = get_group_id(0) * COLUMNS + get_local_id(0);\n"
	"	TV sum0 = 0, sum1 = 0, sum2 = 0;\n"
	"\n"
	"	if (row >= rows)\n"
	"		return;\n"
	"	a += row * depth;\n"
	"	b += get_group_id(0) * COLUMNS * (size_t)depth + get_local_id(0);\n"
	"	for (uint k = 0; k < depth; k++, a += ROWS, b += COLUMNS) {\n"
	"		TV left = LOAD(0, a);\n"
	"		sum0 += left * b[0];\n"
	"		sum1 += left * b[LX];\n"
	"		sum2 += left * b[2 * LX];\n"
	"	}\n"
	"	put(c, row, column, rows, columns, sum0, first);\n"
	"	put(c, row, column + LX, rows, columns, sum1, first);\n"
	"	put(c, row, column + 2 * LX, rows, columns, sum2, first);\n"
	"}\n";

struct options {
	const char *a, *b, *folder;
	char *result;
	uint64_t order;
	uint64_t check_rows;
	bool is_double, blas;
};

/* The device's side: kernels, and the panels they pack into. */
struct product {
	struct sample s;
	cl_kernel pack_a, pack_b, multiply;
	unsigned rows; /* of a work-item */
	void *a_panels, *b_panels;
	bool show_progress;
};

static uint64_t round_up(uint64_t value, uint64_t unit)
{
	return (value + unit - 1) / unit * unit;
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* A string of its own, for the caller to free. */
__attribute__((format(printf, 1, 2))) static char *must_print(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		fail("out of memory");
	va_end(args);
	return text;
}

/* --- the files --- */

/* Rename the finished file into place: a broken-off run leaves no half matrix behind. */
static void publish(struct matrix *m, const char *path)
{
	if (rename(m->path, path))
		fail("%s: can't be renamed: %m", m->path);
	npy_close(m);
}

static void set(struct matrix *m, uint64_t row, uint64_t column, double value, bool add)
{
	uint64_t i = row * m->row_step + column * m->column_step;

	if (m->is_double)
		((double *)m->data)[i] = value + (add ? ((double *)m->data)[i] : 0);
	else
		((float *)m->data)[i] = (float)(value + (add ? ((float *)m->data)[i] : 0));
}

/* D. Hilbert, 1894: element (i, j) is 1 / (i + j + 1). */
static void fill_hilbert(struct matrix *m)
{
	for (uint64_t i = 0; i < m->rows; i++)
		for (uint64_t j = 0; j < m->columns; j++)
			set(m, i, j, 1.0 / (double)(i + j + 1), false);
}

static uint64_t wathen_order(uint64_t side)
{
	return 3 * side * side + 4 * side + 1;
}

/*
 * A. J. Wathen, 1987: the mass matrix of a square grid of 8-node serendipity
 * elements, each with a random density.  The random numbers are those of the
 * minimal standard generator (Park and Miller, 1988), so the matrix is the
 * same everywhere.
 */
static void fill_wathen(struct matrix *m, uint64_t side)
{
	static const double corner[4][4] = {
		{6, -6, 2, -8}, {-6, 32, -6, 20}, {2, -6, 6, -6}, {-8, 20, -6, 32}};
	static const double middle[4][4] = {
		{3, -8, 2, -6}, {-8, 16, -8, 20}, {2, -8, 3, -8}, {-6, 20, -8, 16}};
	uint64_t seed = 1, node[8];

	for (uint64_t j = 1; j <= side; j++) {
		for (uint64_t i = 1; i <= side; i++) {
			seed = seed * 16807 % 2147483647;
			node[0] = 3 * j * side + 2 * i + 2 * j;
			node[1] = node[0] - 1;
			node[2] = node[0] - 2;
			node[3] = (3 * j - 1) * side + 2 * j + i - 2;
			node[4] = 3 * (j - 1) * side + 2 * i + 2 * j - 4;
			node[5] = node[4] + 1;
			node[6] = node[4] + 2;
			node[7] = node[3] + 1;
			for (int p = 0; p < 64; p++) {
				int r = p / 8, c = p % 8;
				double e = r / 4 == c / 4 ? corner[r % 4][c % 4]
					   : r < c	  ? middle[r][c - 4]
							  : middle[c][r - 4];

				set(m, node[r], node[c], e / 45 * 100 * (double)seed / 2147483647,
				    true);
			}
		}
	}
}

/* The path of a generated matrix of about the order asked for; made unless it is there. */
static char *generated(const struct options *o, const char *kind)
{
	uint64_t side = 1, n;
	char *path, *part;
	struct matrix m;

	while (wathen_order(side + 1) <= o->order)
		side++;
	n = wathen_order(side);
	path = must_print("%s/%s-%llu-float%d.npy", o->folder, kind, (unsigned long long)n,
			  o->is_double ? 64 : 32);
	part = must_print("%s.part", path);
	if (access(path, R_OK) != 0) {
		printf("making %s\n", path);
		m = npy_create(part, n, n, o->is_double);
		if (kind[0] == 'w')
			fill_wathen(&m, side);
		else
			fill_hilbert(&m);
		publish(&m, path);
	}
	free(part);
	return path;
}

static void print_matrix(const char *name, const struct matrix *m)
{
	printf("%s: %llu x %llu float%d%s, %s\n", name, (unsigned long long)m->rows,
	       (unsigned long long)m->columns, m->is_double ? 64 : 32,
	       m->row_step == 1 && m->column_step != 1 ? " (Fortran order)" : "", m->path);
}

/* --- the product --- */

/* Registers hold ROWS x 3 sums: 24 vectors of the wide instruction set, 12 of the others. */
static unsigned rows_of_item(cl_device_id device, bool is_double)
{
	cl_uint floats = 0;

	clGetDeviceInfo(device, CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, sizeof(floats), &floats, NULL);
	return (floats >= 16 ? 8 : 4) / (is_double ? 2 : 1);
}

static void *panels(uint64_t elements, bool is_double)
{
	void *p = aligned_alloc(64, round_up(elements * element_bytes(is_double), 64));

	if (!p)
		fail("out of memory for the panels");
	return p;
}

static void product_open(struct product *p, const struct matrix *a, const struct matrix *b)
{
	static const char *const type[2] = {"float", "double"};
	char options[256];
	double start = now_s();
	cl_device_id device = pick_device();
	const char *t = type[a->is_double];

	p->rows = rows_of_item(device, a->is_double);
	snprintf(options, sizeof(options),
		 "-cl-std=CL3.0 -DT=%s -DTV=%s%u -DLOAD=vload%u -DSTORE=vstore%u -DROWS=%u "
		 "-DCOLUMNS=%d -DLX=%d",
		 t, t, p->rows, p->rows, p->rows, p->rows, COLUMNS, LX);
	sample_open(&p->s, source, options);
	p->pack_a = sample_kernel(&p->s, "pack_a");
	p->pack_b = sample_kernel(&p->s, "pack_b");
	p->multiply = sample_kernel(&p->s, "multiply");
	p->a_panels = panels(round_up(a->rows, (uint64_t)p->rows * LY) * BLOCK, a->is_double);
	p->b_panels = panels(round_up(b->columns, COLUMNS) * BLOCK, a->is_double);
	p->show_progress = isatty(1);
	printf("kernels ready after %.0f ms\n", 1e3 * (now_s() - start));
}

static void product_close(struct product *p)
{
	clReleaseKernel(p->pack_a);
	clReleaseKernel(p->pack_b);
	clReleaseKernel(p->multiply);
	sample_close(&p->s);
	free(p->a_panels);
	free(p->b_panels);
}

static void set_value(cl_kernel kernel, cl_uint index, size_t bytes, const void *value)
{
	check(clSetKernelArg(kernel, index, bytes, value), "clSetKernelArg");
}

static void set_pointer(cl_kernel kernel, cl_uint index, const void *pointer)
{
	check(clSetKernelArgSVMPointer(kernel, index, pointer), "clSetKernelArgSVMPointer");
}

static void launch(struct product *p, cl_kernel kernel, const size_t size[2], const size_t *local)
{
	check(clEnqueueNDRangeKernel(p->s.queue, kernel, 2, NULL, size, local, 0, NULL, NULL),
	      "clEnqueueNDRangeKernel");
}

/* Copy @depth columns of A from @k on, or rows of B, into panels. */
static void pack(struct product *p, cl_kernel kernel, const struct matrix *m, const void *from,
		 uint64_t extent, void *to, const size_t size[2], cl_uint depth)
{
	cl_ulong steps[3] = {m->row_step, m->column_step, extent};

	set_pointer(kernel, 0, from);
	for (cl_uint i = 0; i < 3; i++)
		set_value(kernel, i + 1, sizeof(steps[i]), &steps[i]);
	set_pointer(kernel, 4, to);
	set_value(kernel, 5, sizeof(depth), &depth);
	launch(p, kernel, size, NULL);
}

static const void *element(const struct matrix *m, uint64_t row, uint64_t column)
{
	return (const char *)m->data +
	       (row * m->row_step + column * m->column_step) * element_bytes(m->is_double);
}

static void progress(const struct product *p, double done, double all, double start)
{
	static double shown;
	double now = now_s();

	if (!p->show_progress || (now - shown < 0.2 && done < all))
		return;
	shown = now;
	printf("\rmultiplying: %3.0f %%, %.1f GFLOP/s \x1b[K", 100 * done / all,
	       1e-9 * done / (now - start));
	if (done >= all)
		printf("\r\x1b[K");
	fflush(stdout);
}

/* The rows of C, slab by slab, for the block of K that the panels hold. */
static void multiply_block(struct product *p, const struct matrix *a, const struct matrix *c,
			   uint64_t k, cl_uint depth, double start)
{
	uint64_t unit = (uint64_t)p->rows * LY;
	double row_flop = 2.0 * depth * (double)c->columns;
	uint64_t slab = round_up((uint64_t)(SLAB_FLOP / row_flop) + 1, unit), rows;
	double all = 2.0 * (double)c->rows * (double)c->columns * (double)a->columns;
	cl_uint first = k == 0;
	size_t size[2], local[2] = {LX, LY};

	for (uint64_t row = 0; row < c->rows; row += rows) {
		cl_ulong left = c->rows - row, columns = c->columns;

		rows = min_u64(slab, left);
		set_pointer(p->multiply, 0,
			    (char *)p->a_panels + row * depth * element_bytes(c->is_double));
		set_pointer(p->multiply, 1, p->b_panels);
		set_pointer(p->multiply, 2, element(c, row, 0));
		set_value(p->multiply, 3, sizeof(left), &left);
		set_value(p->multiply, 4, sizeof(columns), &columns);
		set_value(p->multiply, 5, sizeof(depth), &depth);
		set_value(p->multiply, 6, sizeof(first), &first);
		size[0] = round_up(columns, COLUMNS) / 3;
		size[1] = round_up(rows, unit) / p->rows;
		launch(p, p->multiply, size, local);
		check(clFinish(p->s.queue), "clFinish");
		progress(p,
			 (double)k * 2 * (double)c->rows * (double)columns +
				 (double)(row + rows) * row_flop,
			 all, start);
	}
}

/* C = A x B; returns the seconds it took. */
static double product_run(struct product *p, const struct matrix *a, const struct matrix *b,
			  const struct matrix *c)
{
	double start = now_s();
	cl_uint depth;

	for (uint64_t k = 0; k < a->columns; k += depth) {
		depth = (cl_uint)min_u64(BLOCK, a->columns - k);
		pack(p, p->pack_a, a, element(a, 0, k), a->rows, p->a_panels,
		     (size_t[2]){depth, round_up(a->rows, (uint64_t)p->rows * LY) / p->rows},
		     depth);
		pack(p, p->pack_b, b, element(b, k, 0), b->columns, p->b_panels,
		     (size_t[2]){round_up(b->columns, COLUMNS), depth}, depth);
		multiply_block(p, a, c, k, depth, start);
	}
	return now_s() - start;
}

/* --- the program --- */

static void report(const char *who, double flop, double seconds)
{
	printf("%-26s %9.2f ms  %8.1f GFLOP/s\n", who, 1e3 * seconds, 1e-9 * flop / seconds);
}

/* Run often enough for a steady figure: a second at most, or once. */
static double best_run(struct product *p, const struct matrix *a, const struct matrix *b,
		       const struct matrix *c)
{
	double best = product_run(p, a, b, c), sum = best;

	for (int i = 0; i < 10 && sum < 1; i++) {
		double t = product_run(p, a, b, c);

		sum += t;
		best = t < best ? t : best;
	}
	return best;
}

static int multiply_files(const struct options *o)
{
	struct matrix a = npy_open(o->a), b = npy_open(o->b), c;
	struct product p = {0};
	struct stat st;
	uint64_t bad, rows;
	double flop, seconds;

	print_matrix("A", &a);
	print_matrix("B", &b);
	if (a.columns != b.rows)
		fail("A has %llu columns and B has %llu rows: there is no product",
		     (unsigned long long)a.columns, (unsigned long long)b.rows);
	if (a.is_double != b.is_double)
		fail("A and B have different types of elements");
	if (stat(o->result, &st) == 0 && ((st.st_dev == a.device && st.st_ino == a.inode) ||
					  (st.st_dev == b.device && st.st_ino == b.inode)))
		fail("%s: the result would overwrite a factor", o->result);
	product_open(&p, &a, &b);
	c = npy_create(o->result, a.rows, b.columns, a.is_double);

	flop = 2.0 * (double)a.rows * (double)a.columns * (double)b.columns;
	seconds = best_run(&p, &a, &b, &c);
	print_matrix("C", &c);
	report("this device", flop, seconds);
	rows = o->check_rows ? o->check_rows : (uint64_t)(4e10 / flop * (double)a.rows) + 1;
	rows = min_u64(rows, a.rows);
	bad = plain_check(&a, &b, &c, rows, &seconds);
	report("plain C, all cores", flop / (double)a.rows * (double)rows, seconds);
	if (o->blas && blas_run(&a, &b, &seconds))
		report("OpenBLAS, all cores", flop, seconds);
	product_close(&p);
	if (bad)
		fail("%llu elements of %llu checked rows are wrong", (unsigned long long)bad,
		     (unsigned long long)rows);
	printf("verified: %llu of %llu rows agree with plain C\n", (unsigned long long)rows,
	       (unsigned long long)a.rows);
	npy_close(&a);
	npy_close(&b);
	npy_close(&c);
	return 0;
}

static const char usage[] =
	"usage: matrix [options] [A.npy [B.npy]]\n"
	"\n"
	"Multiplies A by B (A by A when B is left out) and writes the product to a .npy file.\n"
	"Without files, A is a Wathen matrix and B a Hilbert matrix of the same order.\n"
	"\n"
	"  -o, --output FILE    the product (default: product.npy in the folder of -d)\n"
	"  -d, --folder FOLDER  where generated matrices go (default: .)\n"
	"  -n, --order N        of generated matrices, about (default: 2000)\n"
	"  -t, --type TYPE      of generated matrices: float32 (default) or float64\n"
	"  -c, --check ROWS     rows to check against plain C (default: as many as take\n"
	"                       about as long as the order 2700 takes in all)\n"
	"      --no-blas        don't time OpenBLAS\n"
	"  -h, --help           this text\n";

/* @text as a number from 1 to @most, or the end of the program. */
static uint64_t number(const char *text, uint64_t most, const char *what)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || value == 0 || value > most)
		fail("%s: '%s' is not a number from 1 to %llu", what, text,
		     (unsigned long long)most);
	return value;
}

static bool type_is_double(const char *text)
{
	if (strcmp(text, "float64") != 0 && strcmp(text, "float32") != 0)
		fail("--type: '%s' is neither float32 nor float64", text);
	return strcmp(text, "float64") == 0;
}

static struct options parse(int argc, char **argv)
{
	static const struct option names[] = {
		{"output", required_argument, NULL, 'o'}, {"folder", required_argument, NULL, 'd'},
		{"order", required_argument, NULL, 'n'},  {"type", required_argument, NULL, 't'},
		{"check", required_argument, NULL, 'c'},  {"no-blas", no_argument, NULL, 'B'},
		{"help", no_argument, NULL, 'h'},	  {NULL, 0, NULL, 0},
	};
	struct options o = {.folder = ".", .order = 2000, .blas = true};
	int option;

	while ((option = getopt_long(argc, argv, "o:d:n:t:c:h", names, NULL)) != -1) {
		switch (option) {
		case 'o':
			free(o.result);
			o.result = must_print("%s", optarg);
			break;
		case 'd':
			o.folder = optarg;
			break;
		case 'n':
			o.order = number(optarg, 200000, "--order");
			break;
		case 't':
			o.is_double = type_is_double(optarg);
			break;
		case 'c':
			o.check_rows = number(optarg, NPY_MAX_DIM, "--check");
			break;
		case 'B':
			o.blas = false;
			break;
		default:
			fputs(usage, option == 'h' ? stdout : stderr);
			exit(option == 'h' ? 0 : 2);
		}
	}
	if (argc - optind > 2) {
		fputs(usage, stderr);
		exit(2);
	}
	if (!o.result)
		o.result = must_print("%s/product.npy", o.folder);
	o.a = optind < argc ? argv[optind] : NULL;
	o.b = optind + 1 < argc ? argv[optind + 1] : o.a;
	return o;
}

int main(int argc, char **argv)
{
	struct options o = parse(argc, argv);
	char *wathen = NULL, *hilbert = NULL;
	int status;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!o.a) {
		o.a = wathen = generated(&o, "wathen");
		o.b = hilbert = generated(&o, "hilbert");
	}
	status = multiply_files(&o);
	free(wathen);
	free(hilbert);
	free(o.result);
	return status;
}
