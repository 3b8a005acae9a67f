/* SPDX-License-Identifier: MIT */
/* Statements without control flow of their own, or nearly. */
#include "gen_internal.h"

static const unsigned vector_lanes[] = {2, 3, 4, 8, 16};

static void assign_float(struct gen *gen, const struct variable *variable)
{
	static const char *const operators[] = {"+", "-", "*"};

	OUT(gen, "%s = ", variable->name);
	gen_exact(gen, variable->type);
	OUT(gen, " %s ", operators[gen_random(gen, 3)]);
	gen_exact(gen, variable->type);
	if (gen_chance(gen, 40)) {
		OUT(gen, " + ");
		gen_exact(gen, variable->type);
	}
	OUT(gen, ";\n");
}

static void assign_vector(struct gen *gen, const struct variable *variable)
{
	if (gen_chance(gen, 35)) {
		OUT(gen, "%s.s%x = ", variable->name, gen_random(gen, variable->lanes));
		if (variable->type == FLOAT)
			gen_exact(gen, FLOAT);
		else
			gen_value(gen, variable->type, 1);
	} else if (gen_chance(gen, 20)) {
		unsigned first = gen_random(gen, variable->lanes - 1);

		OUT(gen, "%s.s%x%x = ", variable->name, first + 1, first);
		gen_vector(gen, variable->type, 2, 1);
	} else {
		OUT(gen, "%s = ", variable->name);
		gen_vector(gen, variable->type, variable->lanes, 0);
	}
	OUT(gen, ";\n");
}

static void assign_integer(struct gen *gen, const struct variable *variable)
{
	static const char *const operators[] = {"+=", "-=", "^=", "|=", "*=", "&="};

	if (gen_chance(gen, 35) && !gen_type_signed(variable->type) &&
	    gen_type_bytes(variable->type) >= 4)
		OUT(gen, "%s %s ", variable->name, operators[gen_random(gen, 6)]);
	else
		OUT(gen, "%s = ", variable->name);
	gen_value(gen, variable->type, 0);
	OUT(gen, ";\n");
}

void gen_simple(struct gen *gen, struct place place)
{
	const struct variable *variable;
	bool before = gen->uniform;

	if (gen_chance(gen, 20)) {
		OUT(gen, "pr[");
		gen_index(gen, gen->private_words);
		OUT(gen, "] %s ", gen_chance(gen, 50) ? "=" : "^=");
		gen_value(gen, UINT, 1);
		OUT(gen, ";\n");
		return;
	}
	do {
		variable = &gen->variables[gen_random(gen, gen->count)];
	} while (variable->fixed || (variable->uniform && !place.uniform));
	gen->uniform |= variable->uniform;
	if (variable->lanes > 1) {
		assign_vector(gen, variable);
	} else if (variable->type == BOOL) {
		OUT(gen, "%s = ", variable->name);
		gen_condition(gen);
		OUT(gen, ";\n");
	} else if (variable->type >= FLOAT) {
		assign_float(gen, variable);
	} else {
		assign_integer(gen, variable);
	}
	gen->uniform = before;
}

static void store_own(struct gen *gen, struct place place)
{
	static const struct {
		const char *place;
		unsigned count;
		enum type type;
	} own[] = {
		{"out[g * 16 + ", 16, UINT}, {"oa[g * 16 + ", 16, UINT}, {"ol[g * 2 + ", 2, ULONG},
		{"ob[g * 3 + ", 3, UCHAR},   {"os[g + ", 1, USHORT},	 {"o1[g + ", 1, UINT},
		{"pb[", 16, UCHAR},	     {"big[", 512, UINT},
	};
	unsigned which = gen_random(gen, gen->private_words > 64 ? 8 : 7);

	(void)place;
	OUT(gen, "%s", own[which].place);
	gen_index(gen, own[which].count);
	OUT(gen, "] %s ", gen_chance(gen, 60) ? "=" : "^=");
	gen_value(gen, own[which].type, 0);
	OUT(gen, ";\n");
}

static void load_own(struct gen *gen, struct place place)
{
	static const char *const sources[] = {"out[g * 16 + ", "oa[g * 16 + "};

	(void)place;
	OUT(gen, "%c ^= ", "xyz"[gen_random(gen, 3)]);
	if (gen_chance(gen, 30)) {
		OUT(gen, "ob[g * 3 + ");
		gen_index(gen, 3);
	} else if (gen->private_words > 64 && gen_chance(gen, 50)) {
		OUT(gen, "big[");
		gen_index(gen, 512);
	} else {
		OUT(gen, "%s", sources[gen_random(gen, 2)]);
		gen_index(gen, 16);
	}
	OUT(gen, "];\n");
}

static void store_float(struct gen *gen, struct place place)
{
	enum type type = gen_chance(gen, 50) ? FLOAT : DOUBLE;

	(void)place;
	OUT(gen, type == FLOAT ? "of[g] = " : "od[g] = ");
	gen_exact(gen, type);
	OUT(gen, " * ");
	gen_exact(gen, type);
	if (gen_chance(gen, 50)) {
		OUT(gen, " - (");
		gen_condition(gen);
		OUT(gen, " ? ");
		gen_exact(gen, type);
		OUT(gen, " : 3)");
	}
	OUT(gen, ";\n");
}

/* An access that would fault and that no work-item gets to, perhaps in a loop. */
static void nobody(struct gen *gen, struct place place, unsigned number)
{
	static const char *const indices[] = {"0", "x", "y", "q0"};
	const char *index = indices[gen_random(gen, 4)];
	bool loop = gen_chance(gen, 40);

	OUT(gen, "if ((v%u & zero) != 0) {\n", number);
	place.depth++;
	gen_indent(gen, place);
	if (loop)
		OUT(gen, "uint l%u = 0; do ", number);
	if (gen_chance(gen, 50))
		OUT(gen, "np[%s] = z;", index);
	else
		OUT(gen, "z ^= np[%s];", index);
	if (loop)
		OUT(gen, " while (++l%u < %s);", number, gen_chance(gen, 50) ? "u" : "x");
	OUT(gen, "\n");
	place.depth--;
	gen_indent(gen, place);
	OUT(gen, "}\n");
}

/* Accesses and divisions that would fault in lanes that do not execute them. */
static void guarded(struct gen *gen, struct place place)
{
	unsigned number = gen->serial++;

	OUT(gen, "{\n");
	place.depth++;
	gen_indent(gen, place);
	OUT(gen, "%s v%u = ", gen_chance(gen, 30) ? "ulong" : "uint", number);
	gen_value(gen, UINT, 1);
	OUT(gen, ";\n");
	gen_indent(gen, place);
	switch (gen_random(gen, 7)) {
	case 0:
		OUT(gen, "if (v%u < 64)\n", number);
		gen_indent(gen, place);
		OUT(gen, "\tx += in[v%u];\n", number);
		break;
	case 1:
		OUT(gen, "if (v%u != 0)\n", number);
		gen_indent(gen, place);
		OUT(gen, "\ty = z %s (uint)v%u;\n", gen_chance(gen, 50) ? "/" : "%", number);
		break;
	case 2:
	case 3:
		nobody(gen, place, number);
		break;
	case 4:
		OUT(gen, "int d%u = (int)x;\n", number);
		gen_indent(gen, place);
		OUT(gen, "x = v%u > 1 && (int)v%u != -1 ? (uint)(d%u %s (int)v%u) : y;\n", number,
		    number, number, gen_chance(gen, 50) ? "/" : "%", number);
		break;
	case 5:
		OUT(gen, "x += v%u < %uu ? pr[v%u] : 3u;\n", number, gen->private_words, number);
		break;
	default:
		OUT(gen, "if (v%u > 5 && 1000u / (uint)v%u > 17u && in[(uint)v%u & 63u] > y)\n",
		    number, number, number);
		gen_indent(gen, place);
		OUT(gen, "\to1[g] += v%u;\n", number);
	}
	place.depth--;
	gen_indent(gen, place);
	OUT(gen, "}\n");
}

static void structure(struct gen *gen, struct place place)
{
	(void)place;
	switch (gen_random(gen, 9)) {
	case 0:
		OUT(gen, "s1 = s0;\n");
		return;
	case 1:
		OUT(gen, "sa[");
		gen_index(gen, 3);
		OUT(gen, "] = s%u;\n", gen_random(gen, 2));
		return;
	case 2:
		OUT(gen, "s0 = ");
		gen_condition(gen);
		OUT(gen, " ? s1 : sa[");
		gen_index(gen, 3);
		OUT(gen, "];\n");
		return;
	case 3:
		OUT(gen, "gs[g] = s%u;\n", gen_random(gen, 2));
		return;
	case 4:
		OUT(gen, "s1 = %s;\n", gen_chance(gen, 50) ? "bs" : "gs[g]");
		return;
	case 5:
		OUT(gen, "s0.b[");
		gen_index(gen, 4);
		OUT(gen, "] = ");
		gen_value(gen, UCHAR, 1);
		break;
	case 6:
		OUT(gen, "sa[");
		gen_index(gen, 3);
		OUT(gen, "].c[");
		gen_index(gen, 2);
		OUT(gen, "] = ");
		gen_value(gen, USHORT, 1);
		break;
	case 7:
		OUT(gen, "(");
		gen_condition(gen);
		OUT(gen, " ? &s0 : &s1)->d = ");
		gen_value(gen, ULONG, 1);
		break;
	default:
		OUT(gen, "gs[g].%c = ", "aeh"[gen_random(gen, 3)]);
		gen_value(gen, UINT, 1);
	}
	OUT(gen, ";\n");
}

static void vector_memory(struct gen *gen, struct place place)
{
	unsigned lanes = vector_lanes[gen_random(gen, 5)];
	unsigned kind = gen_random(gen, 6);

	(void)place;
	if (kind == 0 && gen_has(gen, GEN_LIBRARY)) {
		OUT(gen, "vstore%u(", lanes);
		gen_vector(gen, UINT, lanes, 1);
		OUT(gen, ", 0, out + g * 16);\n");
	} else if (kind == 1 && gen_has(gen, GEN_LIBRARY)) {
		OUT(gen, "vstore3(");
		gen_vector(gen, UCHAR, 3, 1);
		OUT(gen, ", g, ob);\n");
	} else if (kind <= 2) {
		OUT(gen, "((global uint4 *)out)[g * 4 + ");
		gen_index(gen, 4);
		OUT(gen, "] = ");
		gen_vector(gen, UINT, 4, 1);
		OUT(gen, ";\n");
	} else if (kind == 3) {
		OUT(gen, "pv[");
		gen_index(gen, 4);
		OUT(gen, "] = ");
		gen_vector(gen, UINT, 4, 1);
		OUT(gen, ";\n");
	} else if (kind == 4) {
		OUT(gen, "pv[");
		gen_index(gen, 4);
		OUT(gen, "].%s = ", gen_chance(gen, 50) ? "y" : "s2");
		gen_value(gen, UINT, 1);
		OUT(gen, ";\n");
	} else {
		OUT(gen, "x ^= pv[");
		gen_index(gen, 4);
		OUT(gen, "].s%u + ((global uint4 *)out)[g * 4 + ", gen_random(gen, 4));
		gen_index(gen, 4);
		OUT(gen, "].w;\n");
	}
}

static void pointer(struct gen *gen, struct place place)
{
	unsigned number = gen->serial++;
	unsigned kind = gen_random(gen, 5);

	OUT(gen, "{\n");
	place.depth++;
	gen_indent(gen, place);
	if (kind == 0) {
		OUT(gen, "global const uint *p%u = ", number);
		gen_condition(gen);
		OUT(gen, " ? in : in + 32;\n");
		gen_indent(gen, place);
		OUT(gen, "y += p%u[x & 31];\n", number);
	} else if (kind == 1) {
		OUT(gen, "uint *p%u = ", number);
		gen_condition(gen);
		OUT(gen, " ? (uint *)pr : (uint *)(out + g * 16);\n");
		gen_indent(gen, place);
		OUT(gen, "p%u[", number);
		gen_index(gen, gen->private_words < 16 ? gen->private_words : 16);
		OUT(gen, "] += z;\n");
	} else if (kind == 2) {
		OUT(gen, "private uint *p%u = ", number);
		gen_condition(gen);
		OUT(gen, " ? &x : &y;\n");
		gen_indent(gen, place);
		OUT(gen, "*p%u ^= ", number);
		gen_value(gen, UINT, 1);
		OUT(gen, ";\n");
	} else if (kind == 3) {
		OUT(gen, "global const uint *p%u = in;\n", number);
		gen_indent(gen, place);
		OUT(gen, "for (uint i = 0; i < (x & 7); i++)\n");
		gen_indent(gen, place);
		OUT(gen, "\tz += *p%u++;\n", number);
	} else {
		OUT(gen, "global uint *p%u = ", number);
		gen_condition(gen);
		OUT(gen, " ? o1 + g : oa + g * 16 + (y & 15);\n");
		gen_indent(gen, place);
		OUT(gen, "*p%u = *p%u * 3 + x;\n", number, number);
	}
	place.depth--;
	gen_indent(gen, place);
	OUT(gen, "}\n");
}

static void atomic(struct gen *gen, struct place place)
{
	static const char *const operations[] = {"add", "xor", "max", "or", "min", "and", "sub"};
	static const unsigned cells[] = {0, 4, 8, 12, 16, 20, 0};
	unsigned which = gen_random(gen, 7);

	(void)place;
	if (gen_has(gen, GEN_LIBRARY) && gen_chance(gen, 50)) {
		switch (gen_random(gen, 4)) {
		case 0:
			OUT(gen, "x ^= atomic_xchg(&o1[g], ");
			gen_value(gen, UINT, 1);
			OUT(gen, ");\n");
			return;
		case 1:
			OUT(gen, "y ^= atomic_cmpxchg(&out[g * 16], z, x);\n");
			return;
		default:
			OUT(gen, "atomic_%s(&acc[%u + ", operations[which], cells[which]);
			gen_index(gen, 4);
			OUT(gen, "], ");
			gen_value(gen, UINT, 1);
			OUT(gen, ");\n");
			return;
		}
	}
	OUT(gen, "__opencl_atomic_fetch_%s((volatile global atomic_uint *)&acc[%u + ",
	    operations[which], cells[which]);
	gen_index(gen, 4);
	OUT(gen, "], ");
	gen_value(gen, UINT, 1);
	OUT(gen, ", memory_order_relaxed, memory_scope_device);\n");
}

void gen_data(struct gen *gen, struct place place)
{
	static void (*const kinds[])(struct gen *, struct place) = {
		store_own,     load_own, guarded, store_own,  store_float, structure,
		vector_memory, pointer,	 atomic,  gen_simple, gen_memory,  gen_memory,
	};
	static const unsigned needed[] = {
		0,	    0,		 0,	     0, GEN_FLOAT,   GEN_STRUCT,
		GEN_VECTOR, GEN_POINTER, GEN_ATOMIC, 0, GEN_POINTER, GEN_POINTER,
	};
	unsigned kind;

	do {
		kind = gen_random(gen, sizeof(kinds) / sizeof(*kinds));
	} while (needed[kind] && !gen_has(gen, needed[kind]));
	kinds[kind](gen, place);
}
