/* SPDX-License-Identifier: MIT */
/* Memory seen in unusual ways: as other types, through tables, in steps from lane to lane. */
#include "gen_internal.h"

static void line(struct gen *gen, struct place place, const char *text)
{
	gen_indent(gen, place);
	OUT(gen, "%s\n", text);
}

/* A private array as elements of another size; the compiler makes nothing of types
 * (-fno-strict-aliasing). */
static void other_type(struct gen *gen, struct place place)
{
	static const enum type types[] = {UCHAR, CHAR, USHORT, SHORT, ULONG};
	enum type type = types[gen_random(gen, 5)];
	unsigned count = 32 / gen_type_bytes(type);

	gen_indent(gen, place);
	OUT(gen, "private %s *p = (private %s *)pr;\n", gen_type_names[type], gen_type_names[type]);
	gen_indent(gen, place);
	OUT(gen, "p[");
	gen_index(gen, count);
	OUT(gen, "] %s ", gen_chance(gen, 50) ? "=" : "^=");
	gen_value(gen, type, 1);
	OUT(gen, ";\n");
	gen_indent(gen, place);
	OUT(gen, "x += (uint)p[");
	gen_index(gen, count);
	OUT(gen, "];\n");
}

static void pointer_table(struct gen *gen, struct place place)
{
	line(gen, place, "private uint *table[4] = {pr, pr + 2, &x, pr + 4};");
	gen_indent(gen, place);
	OUT(gen, "if (");
	gen_condition(gen);
	OUT(gen, ")\n");
	gen_indent(gen, place);
	OUT(gen, "\ttable[");
	gen_index(gen, 4);
	OUT(gen, "] = &y;\n");
	gen_indent(gen, place);
	OUT(gen, "*table[");
	gen_index(gen, 4);
	OUT(gen, "] ^= ");
	gen_value(gen, UINT, 1);
	OUT(gen, ";\n");
	line(gen, place, "z += (uint)(table[1] != table[3]) + *table[3];");
}

static void union_view(struct gen *gen, struct place place)
{
	line(gen, place, "union { ulong l[2]; uint i[4]; ushort s[8]; uchar b[16]; } v;");
	gen_indent(gen, place);
	OUT(gen, "v.l[0] = ");
	gen_value(gen, ULONG, 1);
	OUT(gen, ";\n");
	gen_indent(gen, place);
	OUT(gen, "v.l[1] = ");
	gen_value(gen, ULONG, 1);
	OUT(gen, ";\n");
	gen_indent(gen, place);
	OUT(gen, gen_chance(gen, 50) ? "v.s[" : "v.b[");
	gen_index(gen, 8);
	OUT(gen, "] = (uchar)y;\n");
	gen_indent(gen, place);
	OUT(gen, "x ^= v.i[");
	gen_index(gen, 4);
	OUT(gen, "] + v.s[");
	gen_index(gen, 8);
	OUT(gen, "];\n");
}

/* Several neighbouring elements of a work-item's own. */
static void own_run(struct gen *gen, struct place place)
{
	unsigned first = gen_random(gen, 12), count = gen_random(gen, 4) + 1;
	bool backwards = gen_chance(gen, 25);

	gen_indent(gen, place);
	if (gen_chance(gen, 40)) {
		for (unsigned i = 0; i < count; i++)
			OUT(gen, "out[g * 16 + %u] = %c + %u; ",
			    first + (backwards ? count - 1 - i : i), "xyz"[gen_random(gen, 3)], i);
		OUT(gen, "\n");
		return;
	}
	OUT(gen, "for (uint i = 0; i < ");
	if (gen_chance(gen, 50))
		OUT(gen, "%u", count);
	else
		OUT(gen, "(x & 3)");
	OUT(gen, "; i++)\n");
	gen_indent(gen, place);
	switch (gen_random(gen, 4)) {
	case 0:
		OUT(gen, "\tout[g * 16 + %u + i] = in[i + %u] ^ y;\n", first, first);
		break;
	case 1:
		OUT(gen, "\tpr[i] = out[g * 16 + %u - i] + z;\n", first + 4);
		break;
	case 2:
		OUT(gen, "\tz += out[g * 16 + %u + i] * (i + 1);\n", first);
		break;
	default:
		OUT(gen, "\tout[g * 16 + 2 * i + %u] += pr[%u + i];\n", first / 2, first % 4);
	}
}

/* Neighbouring places written and read in turn, through pointers that may be the same. */
static void own_pieces(struct gen *gen, struct place place)
{
	static const char *const stores[] = {
		"out[g * 16 + %u] = %c;",	"oa[g * 16 + %u] ^= %c;",
		"gs[g].b[%u & 3] = (uchar)%c;", "gs[g].c[%u & 1] = (ushort)%c;",
		"ol[g * 2 + (%u & 1)] = %c;",	"ob[g * 3 + (%u & 1)] = (uchar)%c;",
		"pb[%u] = (uchar)%c;",		"pr[%u & 7] += %c;",
	};
	static const char *const loads[] = {
		"%c += out[g * 16 + %u];",
		"%c ^= oa[g * 16 + %u];",
		"%c += gs[g].b[%u & 3];",
		"%c ^= (uint)ol[g * 2 + (%u & 1)];",
		"%c += ob[g * 3 + %u %% 3];",
		"%c ^= in[g %% 16 * 4 + %u %% 4];",
		"%c += pb[%u];",
		"%c ^= pr[%u & 7];",
	};
	unsigned kind = gen_random(gen, 8), at = gen_random(gen, 12);

	for (unsigned i = gen_random(gen, 5) + 2; i; i--) {
		char name = "xyz"[gen_random(gen, 3)];

		if (gen_chance(gen, 25))
			kind = gen_random(gen, 8);
		gen_indent(gen, place);
		if (gen_chance(gen, 60))
			OUT(gen, stores[kind], at, name);
		else
			OUT(gen, loads[kind], name, at);
		OUT(gen, "\n");
		at = gen_chance(gen, 80) ? (at + 1) % 16 : gen_random(gen, 16);
	}
}

/* Indices that go up by a step from lane to lane and wrap in a narrow type. */
static void linear_index(struct gen *gen, struct place place)
{
	static const char *const forms[] = {
		"in[(uchar)(g + %u) & 63]",
		"in[(g * %u + lid) & 63]",
		"in[63 - (lid + %u & 63)]",
		"in[(ushort)(g * %u) %% 64]",
		"in[((char)(g * %u) >> 2) + 32]",
		"in[((uint)g + %uu - 77u) & 63u]",
		"in[(lid ^ %u) & 63]",
		"in[(lid | %u) %% 63]",
		"in[(lid >> 1) + %u & 63]",
	};

	gen_indent(gen, place);
	OUT(gen, "%c ^= ", "xyz"[gen_random(gen, 3)]);
	OUT(gen, forms[gen_random(gen, sizeof(forms) / sizeof(*forms))], gen_random(gen, 90));
	OUT(gen, ";\n");
	if (gen_chance(gen, 40)) {
		gen_indent(gen, place);
		OUT(gen, "if ((uint)g >= %uu)\n", 7u);
		gen_indent(gen, place);
		OUT(gen, "\ty += out[((uint)g + 0xfffffff9u + 7u) * 16 + %u];\n",
		    gen_random(gen, 16));
	}
}

static void table_lookup(struct gen *gen, struct place place)
{
	static const char *const tables[] = {"constant_words", "constant_bytes", "constant_longs"};

	gen_indent(gen, place);
	OUT(gen, "%c += (uint)%s[", "xyz"[gen_random(gen, 3)], tables[gen_random(gen, 3)]);
	gen_index(gen, 16);
	OUT(gen, "];\n");
}

static void private_vector(struct gen *gen, struct place place)
{
	unsigned lanes = gen_chance(gen, 50) ? 4 : 3;

	if (!gen_has(gen, GEN_LIBRARY)) {
		table_lookup(gen, place);
		return;
	}
	gen_indent(gen, place);
	OUT(gen, "uint%u t = vload%u(0, pr + ", lanes, lanes);
	gen_index(gen, 5);
	OUT(gen, ");\n");
	gen_indent(gen, place);
	OUT(gen, "vstore%u(t + x, 0, pr + ", lanes);
	gen_index(gen, 5);
	OUT(gen, ");\n");
}

static void struct_loop(struct gen *gen, struct place place)
{
	if (!gen_has(gen, GEN_STRUCT)) {
		other_type(gen, place);
		return;
	}
	gen_indent(gen, place);
	OUT(gen, "for (uint i = 0; i < 3; i++) {\n");
	place.depth++;
	gen_indent(gen, place);
	OUT(gen, "private struct S *p = ");
	gen_condition(gen);
	OUT(gen, " ? &sa[i] : &s1;\n");
	line(gen, place, "p->b[i] += (uchar)x;");
	line(gen, place, "p->d ^= p->a + p->c[i & 1];");
	gen_indent(gen, place);
	OUT(gen, "if (");
	gen_condition(gen);
	OUT(gen, ")\n");
	line(gen, place, "\t*p = gs[g];");
	line(gen, place, "y += p->h;");
	place.depth--;
	line(gen, place, "}");
}

void gen_memory(struct gen *gen, struct place place)
{
	static void (*const kinds[])(struct gen *, struct place) = {
		other_type,   pointer_table,  union_view,  own_run,    own_run,	   linear_index,
		table_lookup, private_vector, struct_loop, own_pieces, own_pieces,
	};

	OUT(gen, "{\n");
	place.depth++;
	kinds[gen_random(gen, sizeof(kinds) / sizeof(*kinds))](gen, place);
	place.depth--;
	gen_indent(gen, place);
	OUT(gen, "}\n");
}
