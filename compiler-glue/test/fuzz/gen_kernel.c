/* SPDX-License-Identifier: MIT */
/* The frame of a kernel: parameters, variables, and what it leaves in memory. */
#include <stdio.h>

#include "gen_internal.h"

const char gen_prelude[] =
	"struct S { uint a; uchar b[4]; ushort c[2]; uint e; ulong d; float f; uint h; };\n"
	"constant uint constant_words[16] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3};\n"
	"constant uchar constant_bytes[16] = {200, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5, 90, 4, 5, 2};\n"
	"constant ulong constant_longs[16] = {1, ~0ul, 0x100000000ul, 5, 7, 11};\n"
	"#define PARAMETERS global const uint *in, global uint *out, global uint *oa, "
	"global uint *o1, \\\n"
	"\tglobal ulong *ol, global uchar *ob, global ushort *os, global float *of, \\\n"
	"\tglobal double *od, global struct S *gs, volatile global uint *acc, global uint *np, \\\n"
	"\tlocal uint *lp, uint u, uint zero, ulong w, uchar cb, uint4 uv, struct S bs\n"
	"#ifdef REFERENCE\n"
	"struct arguments {\n"
	"\tglobal const uint *in; global uint *out, *oa, *o1; global ulong *ol; global uchar *ob;\n"
	"\tglobal ushort *os; global float *of; global double *od; global struct S *gs;\n"
	"\tvolatile global uint *acc; global uint *np; local uint *lp;\n"
	"\tuint u __attribute__((aligned(8))); uint zero __attribute__((aligned(8))); ulong w;\n"
	"\tuchar cb __attribute__((aligned(8))); uint4 uv; struct S bs;\n"
	"};\n"
	"#define ENTRY(k) void ref_##k(const struct arguments *a) { k(a->in, a->out, a->oa, a->o1, \\\n"
	"\ta->ol, a->ob, a->os, a->of, a->od, a->gs, a->acc, a->np, a->lp, a->u, a->zero, a->w, \\\n"
	"\ta->cb, a->uv, a->bs); }\n"
	"#else\n"
	"#define ENTRY(k)\n"
	"#endif\n\n";

unsigned gen_dims(uint64_t seed)
{
	struct gen gen = {.random = seed ^ 0xd1b54a32d192ed03u};
	static const unsigned char dims[] = {1, 1, 1, 2, 2, 3};

	return dims[gen_random(&gen, sizeof(dims))];
}

static void helper(struct gen *gen, unsigned number)
{
	struct place place = {.depth = 1, .loops = 1, .may_return = true};

	OUT(gen,
	    "static uint %s_h%u(global const uint *in, uint u, uint x, uint y, private uint *pr)\n{\n",
	    gen->name, number);
	gen->helper = true;
	gen_variable(gen, "x", UINT, 1, false, false);
	gen_variable(gen, "y", UINT, 1, false, false);
	gen->budget = 6;
	gen_block(gen, place, 4);
	gen->helper = false;
	gen->count = 0;
	OUT(gen, "\treturn x * 5 + y;\n}\n\n");
}

static void identifiers(struct gen *gen)
{
	static const char *const linear[] = {"size_t", "uint", "int", "ulong"};
	static const char *const line[] = {
		"get_global_id(0)",
		"get_global_id(0)",
		("get_group_id(0) * get_enqueued_local_size(0) + get_local_id(0) + "
		 "get_global_offset(0)"),
	};

	if (gen->dims == 1) {
		OUT(gen, "\t%s g = %s;\n", linear[gen_random(gen, 4)], line[gen_random(gen, 3)]);
		OUT(gen, "\tuint lid = get_local_id(0), lsz = get_local_size(0);\n");
		return;
	}
	OUT(gen, "\tuint gx = get_global_size(0) + get_global_offset(0);\n"
		 "\tuint gy = get_global_size(1) + get_global_offset(1);\n");
	OUT(gen,
	    gen->dims == 2 ? "\t%s g = get_global_id(0) + gx * get_global_id(1);\n"
			   : "\t%s g = get_global_id(0) + gx * (get_global_id(1) + gy * "
			     "get_global_id(2));\n",
	    linear[gen_random(gen, 4)]);
	OUT(gen, "\tuint lx = get_local_size(0), ly = get_local_size(1), lz = get_local_size(2);\n"
		 "\tuint lid = get_local_id(0) + lx * (get_local_id(1) + ly * get_local_id(2));\n"
		 "\tuint lsz = lx * ly * lz;\n");
}

static void integers(struct gen *gen)
{
	OUT(gen, "\tuint x = in[g & 63], y = (uint)g * 7u, z = (uint)g ^ 3u;\n"
		 "\tuint q0 = u * 3, q1 = in[u & 63];\n\tulong q2 = w;\n");
	gen_variable(gen, "x", UINT, 1, false, false);
	gen_variable(gen, "y", UINT, 1, false, false);
	gen_variable(gen, "z", UINT, 1, false, false);
	gen_variable(gen, "q0", UINT, 1, true, false);
	gen_variable(gen, "q1", UINT, 1, true, false);
	gen_variable(gen, "q2", ULONG, 1, true, false);
	for (enum type type = CHAR; type <= ULONG; type++) {
		char name[8];

		if (type == UINT || gen_chance(gen, 50))
			continue;
		snprintf(name, sizeof(name), "k%u", type);
		OUT(gen, "\t%s %s = (%s)(g * %u - x);\n", gen_type_names[type], name,
		    gen_type_names[type], gen_random(gen, 9));
		gen_variable(gen, name, type, 1, false, false);
	}
	if (gen_chance(gen, 60)) {
		OUT(gen, "\tbool t0 = x > 40, t1 = u > 3;\n");
		gen_variable(gen, "t0", BOOL, 1, false, false);
		gen_variable(gen, "t1", BOOL, 1, true, false);
	}
	if (gen_has(gen, GEN_FLOAT)) {
		OUT(gen, "\tfloat f0 = (float)(x & 63);\n\tdouble d0 = (double)(y & 127);\n");
		gen_variable(gen, "f0", FLOAT, 1, false, false);
		gen_variable(gen, "d0", DOUBLE, 1, false, false);
	}
}

static void vectors(struct gen *gen)
{
	static const enum type types[] = {UINT, UINT, UINT, UCHAR, USHORT, INT, ULONG, FLOAT};
	static const unsigned lanes[] = {2, 2, 3, 3, 4, 4, 4, 8, 8, 16};
	unsigned count = gen_random(gen, 3) + 1;

	for (unsigned i = 0; i < count; i++) {
		enum type type = types[gen_random(gen, 8)];
		unsigned n = lanes[gen_random(gen, 10)];
		char name[8];

		snprintf(name, sizeof(name), "v%c", 'a' + i);
		OUT(gen, "\t%s%u %s = (%s%u)(%s)(x & 255);\n", gen_type_names[type], n, name,
		    gen_type_names[type], n, gen_type_names[type]);
		gen_variable(gen, name, type, n, false, false);
	}
	OUT(gen, "\tuint4 pv[4] = {uv, uv + 1u, uv * x, (uint4)(x, y, z, 3)};\n");
}

static void arrays(struct gen *gen)
{
	OUT(gen, "\tuint pr[%u];\n\tuchar pb[16];\n", gen->private_words);
	OUT(gen, "\tfor (uint i = 0; i < %u; i++)\n\t\tpr[i] = i * x + 1;\n", gen->private_words);
	OUT(gen, "\tfor (uint i = 0; i < 16; i++)\n\t\tpb[i] = (uchar)(i ^ y);\n");
	if (gen->private_words > 64)
		OUT(gen, "\tuint big[512];\n\tfor (uint i = 0; i < 512; i++)\n"
			 "\t\tbig[i] = z - i;\n");
	if (gen_has(gen, GEN_STRUCT))
		OUT(gen, "\tstruct S s0 = bs, s1 = {1, {2, 3, 4, 5}, {6, 7}, 8, x, 9, y}, sa[3];\n"
			 "\tfor (uint i = 0; i < 3; i++)\n\t\tsa[i] = s1;\n");
	if (gen_has(gen, GEN_VECTOR))
		vectors(gen);
	if (gen_has(gen, GEN_BARRIER))
		OUT(gen,
		    "\tlocal uint lm[1024], lone, lcopy[32];\n\tlm[lid] = x;\n\tlp[lid] = y;\n");
}

/* Everything that was computed reaches memory. */
static void results(struct gen *gen)
{
	OUT(gen, "\tuint r = x ^ y * 3 ^ z * 5 ^ q0 ^ q1 ^ (uint)q2;\n");
	for (unsigned i = 0; i < gen->count; i++) {
		const struct variable *variable = &gen->variables[i];

		if (variable->type >= FLOAT && variable->type != BOOL && variable->lanes == 1)
			OUT(gen, "\tr = r * 31 + (uint)(int)%s;\n", variable->name);
		else if (variable->lanes == 1)
			OUT(gen, "\tr = r * 31 + (uint)%s;\n", variable->name);
		for (unsigned e = 0; e < variable->lanes && variable->lanes > 1; e++)
			OUT(gen, "\tr = r * 31 + (uint)%s%s.s%x;\n",
			    variable->type == FLOAT ? "(int)" : "", variable->name, e);
	}
	OUT(gen, "\tfor (uint i = 0; i < %u; i++)\n\t\tr = r * 7 + pr[i];\n", gen->private_words);
	OUT(gen, "\tfor (uint i = 0; i < 16; i++)\n\t\tr = r * 7 + pb[i];\n");
	if (gen->private_words > 64)
		OUT(gen, "\tfor (uint i = 0; i < 512; i++)\n\t\tr = r * 7 + big[i];\n");
	if (gen_has(gen, GEN_STRUCT))
		OUT(gen,
		    "\tgs[g] = s0;\n\tr ^= sa[x %% 3].a + (uint)s1.d + s1.c[y & 1] + sa[1].b[2];\n");
	if (gen_has(gen, GEN_VECTOR))
		OUT(gen, "\tr += pv[x & 3].x + pv[1].y + pv[2].z;\n");
	OUT(gen, "\tout[g * 16 + 15] = r;\n");
}

static void body(struct gen *gen)
{
	bool barriers = gen_has(gen, GEN_BARRIER);
	struct place place = {
		.depth = 1,
		.uniform = true,
		.barriers = barriers,
		.may_return = !barriers,
	};

	if (gen_chance(gen, 15)) {
		if (barriers)
			OUT(gen, "\tif (in[u & 63] == 5)\n\t\treturn;\n");
		else
			OUT(gen, "\tif (g %% 7 == u %% 7)\n\t\treturn;\n");
	}
	for (unsigned i = gen_random(gen, 5) + 2; i && gen->budget > 0; i--)
		gen_statement(gen, place);
	place.barriers = false;
	place.may_return = true;
	for (unsigned i = gen_random(gen, 3); i; i--)
		gen_statement(gen, place);
}

/* Some kernels have a required local size. */
static void required_size(struct gen *gen, unsigned local[3])
{
	static const unsigned char sizes[][3] = {
		{16, 1, 1}, {64, 1, 1}, {5, 1, 1}, {1, 1, 1}, {16, 4, 1}, {8, 8, 1}, {32, 1, 2},
	};
	const unsigned char *size = sizes[gen_random(gen, 4) + (gen->dims > 1 ? 3 : 0)];

	for (unsigned i = 0; i < 3; i++)
		local[i] = size[i];
	if (!gen_chance(gen, 15) || (size[2] > 1 && gen->dims < 3))
		local[0] = local[1] = local[2] = 0;
}

void gen_kernel(struct text *text, const char *name, uint64_t seed, unsigned features)
{
	static const unsigned short words[] = {8, 8, 16, 64, 1024};
	struct gen gen = {
		.text = text,
		.random = seed,
		.name = name,
		.features = features,
		.dims = gen_dims(seed),
	};

	unsigned local[3];

	for (unsigned bit = 0; 1u << bit < GEN_ALL; bit++)
		if (gen_chance(&gen, 25))
			gen.features &= ~(1u << bit);
	gen.private_words = words[gen_random(&gen, 5)];
	required_size(&gen, local);
	OUT(&gen, "/* %s: seed %llu dims %u local %u %u %u */\n", name, (unsigned long long)seed,
	    gen.dims, local[0], local[1], local[2]);
	if (gen_has(&gen, GEN_FUNCTION)) {
		unsigned helpers = gen_random(&gen, GEN_MAX_HELPERS);

		for (unsigned i = 0; i < helpers; i++)
			helper(&gen, i);
		gen.helpers = helpers;
		gen.barrier_helpers = gen_has(&gen, GEN_BARRIER);
		if (gen.barrier_helpers)
			gen_barrier_helper(&gen, 0);
	}
	OUT(&gen, "kernel ");
	if (local[0])
		OUT(&gen, "__attribute__((reqd_work_group_size(%u, %u, %u))) ", local[0], local[1],
		    local[2]);
	OUT(&gen, "void %s(PARAMETERS)\n{\n", name);
	identifiers(&gen);
	integers(&gen);
	arrays(&gen);
	gen.budget = (int)gen_random(&gen, gen_chance(&gen, 5) ? 30 : 9) + 3;
	body(&gen);
	results(&gen);
	OUT(&gen, "}\nENTRY(%s)\n\n", name);
}
