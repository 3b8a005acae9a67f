/* SPDX-License-Identifier: MIT */
/*
 * Gathers and scatters of short vectors by pieces of 4 or 8 bytes, as one integer each:
 * a float2 is one access in place of two.
 */
#include "internal.h"

/* The integer type of a piece, or NULL if the vector is not made of such. */
static type_t piece_type(struct cwc_unit *unit, type_t type)
{
	uint64_t bytes = cwc_bytes(unit, cwc_component_type(type, 0));
	uint64_t total = bytes * cwc_components(type);

	if (cwc_components(type) < 2 || bytes >= 8 || cwc_is_pointer(cwc_component_type(type, 0)))
		return NULL;
	if (total % 8 == 0)
		return unit->i64;
	return total == 4 ? unit->i32 : NULL;
}

/* Elements 0, @count, 2 * @count, ... from @first on, of a vector as long as all pieces. */
static val_t every(struct cwc_unit *unit, val_t vector, unsigned first, unsigned count)
{
	int lanes[CWC_MOST_LANES];

	for (unsigned i = 0; i < unit->width; i++)
		lanes[i] = (int)(i * count + first);
	return cwc_shuffle(unit, vector, NULL, lanes, unit->width);
}

bool cwc_gather_pieces(struct cwc_body *body, val_t inst, val_t pointers, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	type_t type = LLVMTypeOf(inst), piece = piece_type(unit, type);
	type_t element = cwc_component_type(type, 0);
	unsigned count = cwc_components(type), parts;
	uint64_t bytes;

	if (!piece)
		return false;
	bytes = cwc_bytes(unit, piece);
	parts = (unsigned)(bytes / cwc_bytes(unit, element));
	for (unsigned c = 0; c < count; c += parts) {
		val_t offset = cwc_i64(unit, c / parts * bytes);
		val_t vector =
			cwc_gather(body, inst, piece, cwc_offset(unit, pointers, offset), mask);

		vector = LLVMBuildBitCast(unit->builder, vector,
					  LLVMVectorType(element, parts * unit->width), "");
		for (unsigned i = 0; i < parts; i++)
			cwc_set_vector(body, inst, c + i, every(unit, vector, i, parts));
	}
	return true;
}

/* Components [first, first + parts) of all lanes in the order of memory. */
static val_t interleaved(struct cwc_body *body, val_t value, unsigned first, unsigned parts)
{
	struct cwc_unit *unit = body->unit;
	unsigned width = unit->width, have = 1;
	int lanes[8 * CWC_MOST_LANES];
	val_t vectors[8];

	for (unsigned i = 0; i < parts; i++)
		vectors[i] = cwc_vector(body, value, first + i);
	for (; have < parts; have *= 2)
		for (unsigned i = 0; i + have < parts; i += 2 * have) {
			for (unsigned l = 0; l < 2 * have * width; l++)
				lanes[l] = (int)l;
			vectors[i] = cwc_shuffle(unit, vectors[i], vectors[i + have], lanes,
						 2 * have * width);
		}
	for (unsigned l = 0; l < parts * width; l++)
		lanes[l] = (int)(l % parts * width + l / parts);
	return cwc_shuffle(unit, vectors[0], NULL, lanes, parts * width);
}

bool cwc_scatter_pieces(struct cwc_body *body, val_t inst, val_t pointers, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	val_t value = LLVMGetOperand(inst, 0);
	type_t type = LLVMTypeOf(value), piece = piece_type(unit, type);
	unsigned count = cwc_components(type), parts;
	uint64_t bytes;

	if (!piece)
		return false;
	bytes = cwc_bytes(unit, piece);
	parts = (unsigned)(bytes / cwc_bytes(unit, cwc_component_type(type, 0)));
	for (unsigned c = 0; c < count; c += parts) {
		val_t offset = cwc_i64(unit, c / parts * bytes);
		val_t vector = LLVMBuildBitCast(unit->builder, interleaved(body, value, c, parts),
						LLVMVectorType(piece, unit->width), "");

		cwc_scatter(body, inst, vector, cwc_offset(unit, pointers, offset), mask);
	}
	return true;
}
