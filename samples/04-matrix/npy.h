/* SPDX-License-Identifier: MIT */
/*
 * Matrices in NumPy's .npy files, mapped straight from disk.
 *
 * A .npy file is a magic string, a version, the length of a header, the header
 * (a Python dictionary as text) and then the elements.  The header comes from
 * whoever made the file, so nothing in it is believed: each function either
 * returns a matrix whose every element lies inside the mapping, or ends the
 * program with a sentence that says what is wrong with the file.
 */
#ifndef NPY_H
#define NPY_H

#include "../sample.h"
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NPY_MAGIC   "\x93NUMPY"
#define NPY_MAX_DIM ((uint64_t)1 << 31)

/*
 * struct matrix - a mapped file.
 * @data: element (row, column) is at data[row * row_step + column * column_step].
 * @is_double: elements are double, else float.
 * @base, @bytes: the whole mapping.
 * @device, @inode: which file it is.
 */
struct matrix {
	const char *path;
	void *data;
	uint64_t rows, columns;
	uint64_t row_step, column_step; /* in elements */
	bool is_double;
	void *base;
	size_t bytes;
	dev_t device;
	ino_t inode;
};

static inline size_t element_bytes(bool is_double)
{
	return is_double ? sizeof(double) : sizeof(float);
}

/* The part of the header that has not been read yet. */
struct npy_text {
	const char *at, *end, *path;
};

static inline void npy_skip_space(struct npy_text *t)
{
	while (t->at < t->end && (*t->at == ' ' || *t->at == '\n' || *t->at == '\t'))
		t->at++;
}

/* Skip @word if it comes next. */
static inline bool npy_accept(struct npy_text *t, const char *word)
{
	size_t length = strlen(word);

	npy_skip_space(t);
	if ((size_t)(t->end - t->at) < length || memcmp(t->at, word, length) != 0)
		return false;
	t->at += length;
	return true;
}

static inline void npy_expect(struct npy_text *t, const char *word)
{
	if (!npy_accept(t, word))
		fail("%s: the header is not a dictionary as NumPy writes it (no %s where one "
		     "belongs)",
		     t->path, word);
}

static inline uint64_t npy_dimension(struct npy_text *t)
{
	uint64_t value = 0;

	npy_skip_space(t);
	if (t->at == t->end || *t->at < '0' || *t->at > '9')
		fail("%s: the shape in the header is not made of numbers", t->path);
	for (; t->at < t->end && *t->at >= '0' && *t->at <= '9'; t->at++) {
		value = 10 * value + (uint64_t)(*t->at - '0');
		if (value >= NPY_MAX_DIM)
			fail("%s: a dimension in the header is 2^31 or more", t->path);
	}
	return value;
}

/* 'descr': '<f4' or '<f8'. */
static inline void npy_descr(struct npy_text *t, struct matrix *m)
{
	if (npy_accept(t, "'<f8'"))
		m->is_double = true;
	else if (npy_accept(t, "'<f4'"))
		m->is_double = false;
	else
		fail("%s: the elements are neither float32 nor float64 in little-endian order; "
		     "convert with numpy.save(file, array.astype('<f4'))",
		     t->path);
}

static inline bool npy_bool(struct npy_text *t)
{
	if (npy_accept(t, "True"))
		return true;
	npy_expect(t, "False");
	return false;
}

static inline void npy_shape(struct npy_text *t, struct matrix *m)
{
	npy_expect(t, "(");
	m->rows = npy_dimension(t);
	npy_expect(t, ",");
	npy_skip_space(t);
	if (npy_accept(t, ")"))
		fail("%s: the array has one dimension; a matrix has two", t->path);
	m->columns = npy_dimension(t);
	npy_accept(t, ",");
	if (!npy_accept(t, ")"))
		fail("%s: the array has more than two dimensions", t->path);
	if (m->rows == 0 || m->columns == 0)
		fail("%s: the matrix is empty", t->path);
}

/* Read the dictionary; each of its three keys stands there once. */
static inline void npy_dictionary(struct npy_text *t, struct matrix *m)
{
	bool fortran = false;
	unsigned seen = 0, key;

	npy_expect(t, "{");
	while (!npy_accept(t, "}")) {
		key = npy_accept(t, "'descr'")		 ? 1
		      : npy_accept(t, "'fortran_order'") ? 2
		      : npy_accept(t, "'shape'")	 ? 4
							 : 0;
		if (key == 0 || (seen & key))
			fail("%s: the header has an unknown or a repeated key", t->path);
		seen |= key;
		npy_expect(t, ":");
		if (key == 1)
			npy_descr(t, m);
		else if (key == 2)
			fortran = npy_bool(t);
		else
			npy_shape(t, m);
		if (!npy_accept(t, ",")) {
			npy_expect(t, "}");
			break;
		}
	}
	if (seen != 7)
		fail("%s: the header lacks 'descr', 'fortran_order' or 'shape'", t->path);
	m->row_step = fortran ? 1 : m->columns;
	m->column_step = fortran ? m->rows : 1;
}

/* Where the header of @m ends, after checking that it ends inside the file. */
static inline size_t npy_header_end(const struct matrix *m, size_t *start_out)
{
	const unsigned char *b = m->base;
	uint64_t length;

	if (m->bytes < 12 || memcmp(b, NPY_MAGIC, 6) != 0)
		fail("%s: not a .npy file", m->path);
	if (b[6] < 1 || b[6] > 3)
		fail("%s: version %u of the .npy format is not known", m->path, b[6]);
	*start_out = b[6] == 1 ? 10 : 12;
	length = b[8] | (uint64_t)b[9] << 8;
	if (b[6] > 1)
		length |= (uint64_t)b[10] << 16 | (uint64_t)b[11] << 24;
	if (length > m->bytes - *start_out)
		fail("%s: the header claims %llu bytes, more than the file has", m->path,
		     (unsigned long long)length);
	return *start_out + (size_t)length;
}

/* Map the matrix in @path, read-only. */
static inline struct matrix npy_open(const char *path)
{
	struct matrix m = {.path = path};
	struct npy_text text;
	uint64_t need;
	size_t start, end;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st))
		fail("%s: %m", path);
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		fail("%s: not a regular file with something in it", path);
	m.bytes = (size_t)st.st_size;
	m.device = st.st_dev;
	m.inode = st.st_ino;
	m.base = mmap(NULL, m.bytes, PROT_READ, MAP_SHARED, fd, 0);
	if (m.base == MAP_FAILED)
		fail("%s: can't be mapped: %m", path);
	close(fd);

	end = npy_header_end(&m, &start);
	text = (struct npy_text){(char *)m.base + start, (char *)m.base + end, path};
	npy_dictionary(&text, &m);
	/* Both dimensions are below 2^31, so only the last step can overflow. */
	if (__builtin_mul_overflow(m.rows * m.columns, element_bytes(m.is_double), &need) ||
	    need > m.bytes - end)
		fail("%s: the header promises %llu x %llu elements, more than the file has", path,
		     (unsigned long long)m.rows, (unsigned long long)m.columns);
	if (end % element_bytes(m.is_double))
		fail("%s: the elements are not aligned; load and save it with a current NumPy",
		     path);
	m.data = (char *)m.base + end;
	return m;
}

/* Make @path a .npy file of that shape in C order and map it, shared and writable. */
static inline struct matrix npy_create(const char *path, uint64_t rows, uint64_t columns,
				       bool is_double)
{
	struct matrix m = {path, NULL, rows, columns, columns, 1, is_double, NULL, 0, 0, 0};
	/* version 1.0, 118 bytes follow */
	static const char start[10] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0};
	char header[128];
	uint64_t bytes;
	struct stat st;
	int length, fd, err;

	memset(header, ' ', sizeof(header));
	memcpy(header, start, sizeof(start));
	length = snprintf(header + 10, 118,
			  "{'descr': '<f%d', 'fortran_order': False, 'shape': (%llu, %llu), }",
			  is_double ? 8 : 4, (unsigned long long)rows, (unsigned long long)columns);
	header[10 + length] = ' ';
	header[127] = '\n';
	if (__builtin_mul_overflow(rows * columns, element_bytes(is_double), &bytes) ||
	    bytes > INT64_MAX - sizeof(header))
		fail("%s: %llu x %llu is too large", path, (unsigned long long)rows,
		     (unsigned long long)columns);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0 || fstat(fd, &st))
		fail("%s: %m", path);
	/* Take the space now: a full disk is an error here, and a SIGBUS later. */
	m.bytes = sizeof(header) + bytes;
	err = posix_fallocate(fd, 0, (off_t)m.bytes);
	if (err)
		fail("%s: no room for %zu bytes: %s", path, m.bytes, strerror(err));
	m.base = mmap(NULL, m.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (m.base == MAP_FAILED)
		fail("%s: can't be mapped: %m", path);
	close(fd);
	memcpy(m.base, header, sizeof(header));
	m.data = (char *)m.base + sizeof(header);
	m.device = st.st_dev;
	m.inode = st.st_ino;
	return m;
}

static inline void npy_close(struct matrix *m)
{
	munmap(m->base, m->bytes);
	m->base = m->data = NULL;
}

#endif
