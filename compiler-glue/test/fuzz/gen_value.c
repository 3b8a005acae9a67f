/* SPDX-License-Identifier: MIT */
/* Scalar expressions and conditions. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gen_internal.h"

const char *const gen_type_names[TYPES] = {
	"char", "uchar", "short", "ushort", "int",  "uint",
	"long", "ulong", "float", "double", "bool",
};

uint32_t gen_random(struct gen *gen, uint32_t below)
{
	uint64_t word = gen->random += 0x9e3779b97f4a7c15u;

	word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9u;
	word = (word ^ word >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)((word ^ word >> 31) >> 32) % below;
}

bool gen_chance(struct gen *gen, unsigned percent)
{
	return gen_random(gen, 100) < percent;
}

unsigned gen_type_bytes(enum type type)
{
	static const unsigned char bytes[TYPES] = {1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 1};

	return bytes[type];
}

bool gen_type_signed(enum type type)
{
	return type == CHAR || type == SHORT || type == INT || type == LONG;
}

void gen_variable(struct gen *gen, const char *name, enum type type, unsigned lanes, bool uniform,
		  bool fixed)
{
	struct variable *variable = &gen->variables[gen->count];

	if (gen->count == GEN_MAX_VARIABLES)
		return;
	snprintf(variable->name, sizeof(variable->name), "%s", name);
	variable->type = type;
	variable->lanes = lanes;
	variable->uniform = uniform;
	variable->fixed = fixed;
	gen->count++;
}

/* The visible scalar or vector of @lanes whose type is from @low to @high; any of them. */
static const struct variable *find(struct gen *gen, enum type low, enum type high, unsigned lanes)
{
	const struct variable *found = NULL;
	unsigned count = 0;

	for (unsigned i = 0; i < gen->count; i++) {
		const struct variable *variable = &gen->variables[i];

		if (variable->type < low || variable->type > high || variable->lanes != lanes ||
		    (gen->uniform && !variable->uniform))
			continue;
		if (!gen_random(gen, ++count))
			found = variable;
	}
	return found;
}

const struct variable *gen_find(struct gen *gen, enum type type, unsigned lanes)
{
	return find(gen, type, type, lanes);
}

static void constant(struct gen *gen, enum type type)
{
	static const uint32_t edges[] = {0,   1,   2,	       31,	   32,	       127,   128,
					 255, 256, 0x7fffffff, 0x80000000, 0xffffffff, 0xffff};
	uint32_t word = gen_chance(gen, 60)
				? gen_random(gen, 20)
				: edges[gen_random(gen, sizeof(edges) / sizeof(*edges))];

	if (gen_type_bytes(type) == 8)
		OUT(gen, "(%s)0x%" PRIx64 "ul", gen_type_names[type],
		    (uint64_t)word << (gen_chance(gen, 30) ? 29 : 0));
	else if (type == UINT)
		OUT(gen, "%uu", word);
	else
		OUT(gen, "(%s)%uu", gen_type_names[type], word);
}

void gen_index(struct gen *gen, unsigned count)
{
	enum type type = gen_chance(gen, 15) ? ULONG : UINT;

	if (gen_chance(gen, 20)) {
		OUT(gen, "%u", gen_random(gen, count));
		return;
	}
	OUT(gen, "((");
	gen_value(gen, type, 2);
	OUT(gen, (count & (count - 1)) ? ") %% %uu)" : ") & %uu)",
	    (count & (count - 1)) ? count : count - 1);
}

/* A uniform integer that is no variable. */
static void uniform_leaf(struct gen *gen)
{
	static const char *const leaves[] = {
		"u",
		"uv.y",
		"(uint)w",
		"(uint)cb",
		"bs.e",
		"bs.h",
		"(uint)get_group_id(0)",
		"(uint)get_local_size(0)",
		"(uint)get_num_groups(0)",
		"uv.s3",
		"(uint)(w >> 32)",
		"(uint)get_group_id(1)",
		"(uint)get_global_size(0)",
		"get_work_dim()",
		"(uint)get_global_offset(0)",
		"(uint)get_enqueued_local_size(0)",
	};

	if (gen_chance(gen, 25)) {
		OUT(gen, "in[");
		gen_index(gen, 64);
		OUT(gen, "]");
	} else {
		OUT(gen, "%s",
		    leaves[gen->helper ? 0 : gen_random(gen, sizeof(leaves) / sizeof(*leaves))]);
	}
}

static void vector_component(struct gen *gen)
{
	static const unsigned lanes[] = {2, 3, 4, 8, 16};
	unsigned count = lanes[gen_random(gen, 5)];
	const struct variable *variable = gen_find(gen, UINT, count);

	if (!variable) {
		OUT(gen, "x");
		return;
	}
	OUT(gen, "%s.s%x", variable->name, gen_random(gen, count));
}

static void struct_field(struct gen *gen)
{
	static const char *const objects[] = {"s0", "s1", "bs"};

	if (gen_chance(gen, 30)) {
		OUT(gen, "sa[");
		gen_index(gen, 3);
		OUT(gen, "]");
	} else {
		OUT(gen, "%s", objects[gen_random(gen, 3)]);
	}
	switch (gen_random(gen, 5)) {
	case 0:
		OUT(gen, ".b[");
		gen_index(gen, 4);
		OUT(gen, "]");
		return;
	case 1:
		OUT(gen, ".c[");
		gen_index(gen, 2);
		OUT(gen, "]");
		return;
	default:
		OUT(gen, ".%c", "aeh"[gen_random(gen, 3)]);
	}
}

static void varying_leaf(struct gen *gen)
{
	static const char *const leaves[] = {
		"(uint)g",
		"(uint)get_global_id(0)",
		"(uint)get_local_id(0)",
		"lid",
		"(uint)get_local_id(1)",
		"(uint)get_global_id(1)",
		"(uint)get_local_id(2)",
	};
	unsigned kind = gen_random(gen, 100);

	if (kind < 20 || gen->helper) {
		OUT(gen, gen_chance(gen, 50) ? "in[" : "pr[");
		gen_index(gen, gen->private_words < 64 ? gen->private_words : 64);
		OUT(gen, "]");
	} else if (kind < 35) {
		OUT(gen, "pb[");
		gen_index(gen, 16);
		OUT(gen, "]");
	} else if (kind < 50 && gen_has(gen, GEN_VECTOR)) {
		vector_component(gen);
	} else if (kind < 62 && gen_has(gen, GEN_STRUCT)) {
		struct_field(gen);
	} else if (kind < 72 && gen->helpers && gen->helpers <= GEN_MAX_HELPERS) {
		OUT(gen, "%s_h%u(in, u, ", gen->name, gen_random(gen, gen->helpers));
		gen_value(gen, UINT, 3);
		OUT(gen, ", ");
		gen_value(gen, UINT, 3);
		OUT(gen, ", pr)");
	} else {
		OUT(gen, "%s", leaves[gen_random(gen, sizeof(leaves) / sizeof(*leaves))]);
	}
}

static void leaf(struct gen *gen, enum type type)
{
	const struct variable *variable = gen_find(gen, type, 1);
	unsigned kind = gen_random(gen, 100);

	if (kind < 45 && variable) {
		OUT(gen, "%s", variable->name);
		return;
	}
	if (kind < 60) {
		constant(gen, type);
		return;
	}
	OUT(gen, "(%s)", gen_type_names[type]);
	variable = kind < 70 ? find(gen, CHAR, ULONG, 1) : NULL;
	if (variable)
		OUT(gen, "%s", variable->name);
	else if (kind < 80 || gen->uniform)
		uniform_leaf(gen);
	else
		varying_leaf(gen);
}

static void divide(struct gen *gen, enum type type, unsigned depth)
{
	bool is_signed = gen_type_signed(type);

	OUT(gen, "(");
	gen_value(gen, type, depth + 1);
	OUT(gen, gen_chance(gen, 50) ? " / " : " %% ");
	if (gen_chance(gen, 25)) {
		OUT(gen, "(%s)%u)", gen_type_names[type], gen_random(gen, 100) + 1);
	} else if (is_signed && gen_chance(gen, 40)) {
		OUT(gen, "((");
		gen_value(gen, type, depth + 1);
		OUT(gen, " & 7) - 9))");
	} else {
		OUT(gen, "((");
		gen_value(gen, type, depth + 1);
		OUT(gen, is_signed ? " & 63) | 1))" : ") | 1))");
	}
}

static void library_call(struct gen *gen, enum type type, unsigned depth)
{
	static const char *const binary[] = {"min",  "max",    "add_sat", "sub_sat",
					     "hadd", "mul_hi", "rotate",  "rhadd"};

	if (gen_chance(gen, 20)) {
		OUT(gen, "%s(", gen_chance(gen, 50) ? "popcount" : "clz");
		gen_value(gen, type, depth + 1);
		OUT(gen, ")");
		return;
	}
	OUT(gen, "%s(", binary[gen_random(gen, 8)]);
	gen_value(gen, type, depth + 1);
	OUT(gen, ", ");
	gen_value(gen, type, depth + 1);
	OUT(gen, ")");
}

static void ternary(struct gen *gen, enum type type, unsigned depth)
{
	OUT(gen, "(%s)(", gen_type_names[type]);
	gen_condition(gen);
	OUT(gen, " ? ");
	gen_value(gen, type, depth + 1);
	OUT(gen, " : ");
	gen_value(gen, type, depth + 1);
	OUT(gen, ")");
}

/* Wrapping arithmetic, in the unsigned type of at least 32 bits, cast back. */
static void arithmetic(struct gen *gen, enum type type, unsigned depth)
{
	const char *wide = gen_type_bytes(type) == 8 ? "ulong" : "uint";
	static const char *const operations[] = {"+", "-", "*", "^", "&", "|", "+", "*"};

	OUT(gen, "(%s)((%s)", gen_type_names[type], wide);
	gen_value(gen, type, depth + 1);
	OUT(gen, " %s (%s)", operations[gen_random(gen, 8)], wide);
	gen_value(gen, type, depth + 1);
	OUT(gen, ")");
}

static void shift(struct gen *gen, enum type type, unsigned depth)
{
	/* OpenCL takes the amount modulo the width; a signed left shift goes through unsigned. */
	if (gen_chance(gen, 50)) {
		OUT(gen, "(%s)(", gen_type_names[type]);
		gen_value(gen, type, depth + 1);
		OUT(gen, " >> ");
	} else {
		OUT(gen, "(%s)((%s)", gen_type_names[type],
		    gen_type_bytes(type) == 8 ? "ulong" : "uint");
		gen_value(gen, type, depth + 1);
		OUT(gen, " << ");
	}
	gen_value(gen, UINT, depth + 1);
	OUT(gen, ")");
}

void gen_value(struct gen *gen, enum type type, unsigned depth)
{
	unsigned kind = gen_random(gen, 100);

	if (depth > 3 || kind < 36 + 12 * depth) {
		leaf(gen, type);
	} else if (kind < 44 + 12 * depth && depth < 3) {
		/* Another width, converted. */
		OUT(gen, "(%s)", gen_type_names[type]);
		gen_value(gen, (enum type)gen_random(gen, ULONG + 1), depth + 1);
	} else if (kind < 75) {
		arithmetic(gen, type, depth);
	} else if (kind < 83) {
		shift(gen, type, depth);
	} else if (kind < 89) {
		OUT(gen, "(%s)", gen_type_names[type]);
		divide(gen, type, depth);
	} else if (kind < 94 || !gen_has(gen, GEN_LIBRARY)) {
		ternary(gen, type, depth + 1);
	} else {
		library_call(gen, type, depth);
	}
}

void gen_exact(struct gen *gen, enum type type)
{
	const struct variable *variable = gen_find(gen, type, 1);

	if (variable && gen_chance(gen, 50)) {
		/* Variables may hold larger integers. */
		OUT(gen, "(%s)((int)%s & 255)", gen_type_names[type], variable->name);
		return;
	}
	OUT(gen, "(%s)((", gen_type_names[type]);
	gen_value(gen, INT, 2);
	OUT(gen, " & 255) - %u)", gen_random(gen, 128));
}

static void comparison(struct gen *gen)
{
	static const char *const operators[] = {"<", ">", "==", "!=", "<=", ">="};
	enum type type = gen_chance(gen, 50) ? UINT : (enum type)gen_random(gen, ULONG + 1);

	OUT(gen, "(");
	if (gen_chance(gen, 30)) {
		OUT(gen, "(");
		gen_value(gen, type, 2);
		OUT(gen, " & %u) %s %u)", 1u << gen_random(gen, 4), operators[gen_random(gen, 6)],
		    gen_random(gen, 4));
		return;
	}
	if (gen_has(gen, GEN_FLOAT) && gen_chance(gen, 15)) {
		gen_exact(gen, FLOAT);
		OUT(gen, " %s ", operators[gen_random(gen, 6)]);
		gen_exact(gen, FLOAT);
	} else {
		gen_value(gen, type, 2);
		OUT(gen, " %s ", operators[gen_random(gen, 6)]);
		gen_value(gen, type, 2);
	}
	OUT(gen, ")");
}

void gen_condition(struct gen *gen)
{
	const struct variable *flag = gen_find(gen, BOOL, 1);
	unsigned kind = gen_random(gen, 100);

	if (kind < 12 && flag) {
		OUT(gen, "%s", flag->name);
	} else if (kind < 20) {
		OUT(gen, "(");
		comparison(gen);
		OUT(gen, gen_chance(gen, 50) ? " && " : " || ");
		comparison(gen);
		OUT(gen, ")");
	} else if (kind < 25) {
		OUT(gen, "!");
		comparison(gen);
	} else {
		comparison(gen);
	}
}
