/* SPDX-License-Identifier: MIT */
/*
 * Accesses at a small constant distance: whole vectors and shuffles in place of gathers
 * and scatters.  All lanes are active.
 */
#include "internal.h"

#define MAX_STEP 8

/*
 * Load elements [first, first + count) behind @base, count a multiple of the width,
 * as one long vector.
 */
static val_t load_run(struct cwc_body *body, val_t inst, type_t element, val_t base, unsigned count)
{
	struct cwc_unit *unit = body->unit;
	val_t load = LLVMBuildLoad2(unit->builder, LLVMVectorType(element, count), base, "");

	LLVMSetAlignment(load, (unsigned)cwc_bytes(unit, element) < LLVMGetAlignment(inst)
				       ? (unsigned)cwc_bytes(unit, element)
				       : LLVMGetAlignment(inst));
	cwc_mark_space(unit, load, cwc_space_of(LLVMGetOperand(inst, 0)));
	return load;
}

/* Every lane's vector follows the one before: load all and pick each component. */
static void load_packed(struct cwc_body *body, val_t inst, type_t element, val_t base,
			unsigned count, unsigned step)
{
	struct cwc_unit *unit = body->unit;
	unsigned width = unit->width;
	/* the last lane's padding element, if any, stays untouched */
	unsigned total = (width - 1) * step + count;
	int lanes[CWC_MOST_LANES];
	val_t run = load_run(body, inst, element, base, total);

	for (unsigned c = 0; c < count; c++) {
		for (unsigned i = 0; i < width; i++)
			lanes[i] = (int)(i * step + c);
		cwc_set_vector(body, inst, c, cwc_shuffle(unit, run, NULL, lanes, width));
	}
}

/* One element for each lane, @step elements apart: a few vectors, each giving some lanes. */
static void load_sparse(struct cwc_body *body, val_t inst, type_t element, val_t base,
			unsigned step)
{
	struct cwc_unit *unit = body->unit;
	unsigned width = unit->width, last = (width - 1) * step;
	val_t result = NULL;
	int lanes[CWC_MOST_LANES];

	for (unsigned part = 0; part < step; part++) {
		/* the last part ends with the last element, nothing behind it is touched */
		unsigned first = part == step - 1 ? last + 1 - width : part * width;
		uint64_t offset = first * cwc_bytes(unit, element);
		val_t run = load_run(body, inst, element,
				     cwc_offset(unit, base, cwc_i64(unit, offset)), width);

		for (unsigned i = 0; i < width; i++) {
			bool mine = i * step / width == part ||
				    (part == step - 1 && i * step / width >= part);

			if (!result)
				lanes[i] = mine ? (int)(i * step - first) : -1;
			else
				lanes[i] = mine ? (int)(width + i * step - first) : (int)i;
		}
		result = result ? cwc_shuffle(unit, result, run, lanes, width)
				: cwc_shuffle(unit, run, NULL, lanes, width);
	}
	cwc_set_vector(body, inst, 0, result);
}

/* @count vectors of @parts elements each, one behind the other; @count is a power of two. */
static val_t concatenate(struct cwc_unit *unit, val_t *pieces, unsigned count, unsigned parts)
{
	int lanes[CWC_MOST_LANES];

	for (; count > 1; count /= 2, parts *= 2)
		for (size_t i = 0; i < count / 2; i++) {
			for (unsigned l = 0; l < 2 * parts; l++)
				lanes[l] = (int)l;
			pieces[i] = cwc_shuffle(unit, pieces[2 * i], pieces[2 * i + 1], lanes,
						2 * parts);
		}
	return pieces[0];
}

/*
 * Within each 16 bytes: element @unit_size * k + i of the result is from @a for even k and
 * from @b for odd ones, out of the lower or @upper half.
 */
static val_t unpack(struct cwc_unit *unit, val_t a, val_t b, unsigned parts, unsigned size,
		    bool upper)
{
	int lanes[CWC_MOST_LANES];

	for (unsigned l = 0; l < unit->width; l++) {
		unsigned in = l % parts, k = in / size;
		unsigned from = (upper ? parts / 2 : 0) + k / 2 * size + in % size;

		lanes[l] = (int)(l - in + from + (k & 1 ? unit->width : 0));
	}
	return cwc_shuffle(unit, a, b, lanes, unit->width);
}

/* Transpose each square of @parts rows and columns. */
static void transpose(struct cwc_unit *unit, val_t *rows, unsigned parts)
{
	val_t low[2], high[2];

	if (parts == 2) {
		low[0] = unpack(unit, rows[0], rows[1], 2, 1, false);
		rows[1] = unpack(unit, rows[0], rows[1], 2, 1, true);
		rows[0] = low[0];
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		low[i] = unpack(unit, rows[2 * i], rows[2 * i + 1], 4, 1, false);
		high[i] = unpack(unit, rows[2 * i], rows[2 * i + 1], 4, 1, true);
	}
	rows[0] = unpack(unit, low[0], low[1], 4, 2, false);
	rows[1] = unpack(unit, low[0], low[1], 4, 2, true);
	rows[2] = unpack(unit, high[0], high[1], 4, 2, false);
	rows[3] = unpack(unit, high[0], high[1], 4, 2, true);
}

static void load_reversed(struct cwc_body *body, val_t inst, type_t element, val_t base)
{
	struct cwc_unit *unit = body->unit;
	int64_t back = -(int64_t)(unit->width - 1) * (int64_t)cwc_bytes(unit, element);
	int lanes[CWC_MOST_LANES];
	val_t run = load_run(body, inst, element,
			     cwc_offset(unit, base, cwc_i64(unit, (uint64_t)back)), unit->width);

	for (unsigned i = 0; i < unit->width; i++)
		lanes[i] = (int)(unit->width - 1 - i);
	cwc_set_vector(body, inst, 0, cwc_shuffle(unit, run, NULL, lanes, unit->width));
}

/*
 * Pieces of 16 bytes, @parts elements each, @stride bytes apart: lane parts * q + j goes to
 * quarter q of vector j, then each quarter is transposed.
 */
static void load_rows(struct cwc_body *body, val_t inst, type_t element, val_t base, int64_t stride,
		      unsigned first, unsigned parts)
{
	struct cwc_unit *unit = body->unit;
	unsigned quarters = unit->width / parts;
	int64_t shift = (int64_t)(first * cwc_bytes(unit, element));
	val_t rows[4] = {NULL};

	for (unsigned j = 0; j < parts; j++) {
		val_t pieces[CWC_MOST_LANES] = {NULL};

		for (unsigned q = 0; q < quarters; q++) {
			int64_t offset = (int64_t)(parts * q + j) * stride + shift;

			pieces[q] = load_run(
				body, inst, element,
				cwc_offset(unit, base, cwc_i64(unit, (uint64_t)offset)), parts);
		}
		rows[j] = concatenate(unit, pieces, quarters, parts);
	}
	transpose(unit, rows, parts);
	for (unsigned c = 0; c < parts; c++)
		cwc_set_vector(body, inst, first + c, rows[c]);
}

bool cwc_strided_load(struct cwc_body *body, val_t inst, val_t base, int64_t stride)
{
	struct cwc_unit *unit = body->unit;
	unsigned count = cwc_components(LLVMTypeOf(inst));
	type_t element = cwc_target_type(unit, cwc_component_type(LLVMTypeOf(inst), 0));
	int64_t bytes = (int64_t)cwc_bytes(unit, element), step = stride / bytes;

	if (stride % bytes)
		return false;
	if (count == 1 && step == -1)
		load_reversed(body, inst, element, base);
	else if (count == 1 && step > 1 && step <= 4)
		load_sparse(body, inst, element, base, (unsigned)step);
	else if (count > 1 && count <= 4 && step == count)
		load_packed(body, inst, element, base, count, (unsigned)step);
	else if (count > 1 && count % (16 / (unsigned)bytes) == 0 && bytes >= 4)
		for (unsigned c = 0; c < count; c += 16 / (unsigned)bytes)
			load_rows(body, inst, element, base, stride, c, 16 / (unsigned)bytes);
	else
		return false;
	return true;
}

/* Components of all lanes in memory order. */
static val_t packed(struct cwc_body *body, val_t value, unsigned count)
{
	struct cwc_unit *unit = body->unit;
	unsigned width = unit->width, have = 1;
	val_t parts[16];
	int lanes[16 * CWC_MOST_LANES];

	for (unsigned c = 0; c < count; c++)
		parts[c] = cwc_vector(body, value, c);
	/* concatenate in pairs, then permute once */
	for (; have < count; have *= 2)
		for (unsigned c = 0; c + have < count; c += 2 * have) {
			for (unsigned i = 0; i < 2 * have * width; i++)
				lanes[i] = (int)i;
			parts[c] = cwc_shuffle(unit, parts[c], parts[c + have], lanes,
					       2 * have * width);
		}
	for (unsigned i = 0; i < count * width; i++)
		lanes[i] = (int)(i % count * width + i / count);
	return cwc_shuffle(unit, parts[0], NULL, lanes, count * width);
}

bool cwc_strided_store(struct cwc_body *body, val_t inst, val_t base, int64_t stride)
{
	struct cwc_unit *unit = body->unit;
	val_t value = LLVMGetOperand(inst, 0), store;
	unsigned count = cwc_components(LLVMTypeOf(value));
	type_t element = cwc_target_type(unit, cwc_component_type(LLVMTypeOf(value), 0));
	unsigned bytes = (unsigned)cwc_bytes(unit, element);

	/* bytes between the lanes are not ours to write */
	if (count < 2 || (count & (count - 1)) || stride != (int64_t)count * bytes ||
	    count > MAX_STEP)
		return false;
	store = LLVMBuildStore(unit->builder, packed(body, value, count), base);
	LLVMSetAlignment(store, bytes < LLVMGetAlignment(inst) ? bytes : LLVMGetAlignment(inst));
	cwc_mark_space(unit, store, cwc_space_of(LLVMGetOperand(inst, 1)));
	return true;
}
