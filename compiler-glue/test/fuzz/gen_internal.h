/* SPDX-License-Identifier: MIT */
/* What the generator's files share. */
#ifndef CWC_FUZZ_GEN_INTERNAL_H
#define CWC_FUZZ_GEN_INTERNAL_H

#include "gen.h"

enum type { CHAR, UCHAR, SHORT, USHORT, INT, UINT, LONG, ULONG, FLOAT, DOUBLE, BOOL, TYPES };

#define GEN_MAX_VARIABLES 64
#define GEN_MAX_HELPERS	  3

/*
 * struct variable - one that generated code may read.
 * @name, @type: its declaration.
 * @lanes: 1 for a scalar, else elements of a vector.
 * @uniform: the same in the whole group.
 * @fixed: not to be assigned (counters, parameters).
 */
struct variable {
	char name[8];
	enum type type;
	unsigned lanes;
	bool uniform, fixed;
};

/*
 * struct place - where in the control flow a statement stands.
 * @depth: nesting of blocks; @loops: of loops.
 * @uniform: the whole group comes here together.
 * @barriers: barriers are allowed in this part of the kernel.
 * @may_break, @may_continue, @may_return: with any condition.
 * @may_break_uniform: with a uniform condition, at uniform places.
 */
struct place {
	unsigned depth, loops;
	bool uniform, barriers;
	bool may_break, may_continue, may_return, may_break_uniform;
};

/*
 * struct gen - the state of one kernel.
 * @text: where it goes.
 * @random: state of the random numbers.
 * @features: enum gen_features of this kernel.
 * @dims: dimensions.
 * @variables: visible ones, @count of them.
 * @serial: numbers labels, counters, temporaries.
 * @budget: statements left.
 * @uniform: expressions must be uniform.
 * @helper: inside a helper function: only its parameters are there.
 * @helpers: ordinary ones that exist; @barrier_helpers: with barriers.
 * @private_words: elements of the private array pr, a power of two.
 */
struct gen {
	struct text *text;
	uint64_t random;
	const char *name;
	unsigned features, dims;
	struct variable variables[GEN_MAX_VARIABLES];
	unsigned count, serial;
	int budget;
	bool uniform, helper;
	unsigned helpers, barrier_helpers;
	unsigned private_words;
};

#define OUT(gen, ...) text_add((gen)->text, __VA_ARGS__)

/* Random numbers. */
uint32_t gen_random(struct gen *gen, uint32_t below);
bool gen_chance(struct gen *gen, unsigned percent);
static inline bool gen_has(const struct gen *gen, unsigned feature)
{
	return gen->features & feature;
}

extern const char *const gen_type_names[TYPES];
unsigned gen_type_bytes(enum type type);
bool gen_type_signed(enum type type);

/* Variables; gen_find() gives one that fits, or NULL. */
void gen_variable(struct gen *gen, const char *name, enum type type, unsigned lanes, bool uniform,
		  bool fixed);
const struct variable *gen_find(struct gen *gen, enum type type, unsigned lanes);

/* Expressions: each adds one operand, in parentheses where needed. */
void gen_value(struct gen *gen, enum type type, unsigned depth);
void gen_index(struct gen *gen, unsigned count); /* an unsigned below @count */
void gen_exact(struct gen *gen, enum type type); /* float or double, a small integer */
void gen_condition(struct gen *gen);		 /* may have a side effect on the right of && */
void gen_vector(struct gen *gen, enum type type, unsigned lanes, unsigned depth);

/* Statements. */
void gen_indent(struct gen *gen, struct place place);
void gen_statement(struct gen *gen, struct place place);
void gen_block(struct gen *gen, struct place place, unsigned most);
void gen_simple(struct gen *gen, struct place place);
void gen_data(struct gen *gen, struct place place);
void gen_memory(struct gen *gen, struct place place);
void gen_group(struct gen *gen, struct place place); /* barriers; at uniform places only */
void gen_helper(struct gen *gen, unsigned number);
void gen_barrier_helper(struct gen *gen, unsigned number);

#endif
