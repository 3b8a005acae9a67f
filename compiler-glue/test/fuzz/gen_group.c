/* SPDX-License-Identifier: MIT */
/* Statements in which the whole work-group takes part. */
#include "gen_internal.h"

static void line(struct gen *gen, struct place place, const char *text)
{
	gen_indent(gen, place);
	OUT(gen, "%s\n", text);
}

static void wait(struct gen *gen, struct place place)
{
	static const char *const fences[] = {
		"barrier(CLK_LOCAL_MEM_FENCE);",
		"barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);",
	};

	line(gen, place, fences[gen_chance(gen, 20)]);
}

/* Each work-item writes its place, then reads another's. */
static void exchange(struct gen *gen, struct place place)
{
	const char *array = gen_chance(gen, 60) ? "lm" : "lp";

	gen_indent(gen, place);
	if (gen_chance(gen, 30)) {
		OUT(gen, "if (");
		gen_condition(gen);
		OUT(gen, ") ");
	}
	OUT(gen, "%s[lid] = ", array);
	gen_value(gen, UINT, 1);
	OUT(gen, ";\n");
	wait(gen, place);
	gen_indent(gen, place);
	if (gen_chance(gen, 60)) {
		OUT(gen, "%c ^= %s[(lid + %u) %% lsz];\n", "xyz"[gen_random(gen, 3)], array,
		    gen_random(gen, 40));
	} else {
		OUT(gen, "%c += %s[(", "xyz"[gen_random(gen, 3)], array);
		gen_value(gen, UINT, 1);
		OUT(gen, ") %% lsz];\n");
	}
	wait(gen, place);
}

/* A value that is uniform, though only this generator knows. */
static void broadcast(struct gen *gen, struct place place)
{
	gen_indent(gen, place);
	OUT(gen, "if (lid == %s)\n", gen_chance(gen, 50) ? "0" : "lsz - 1");
	gen_indent(gen, place);
	OUT(gen, "\tlone = ");
	gen_value(gen, UINT, 1);
	OUT(gen, ";\n");
	wait(gen, place);
	line(gen, place, gen_chance(gen, 50) ? "q0 = lone;" : "q1 ^= lone;");
	wait(gen, place);
}

/* One work-item, by itself or a loop, looks at what all have written. */
static void by_one(struct gen *gen, struct place place)
{
	unsigned number = gen->serial++;
	bool before = gen->uniform;

	gen_indent(gen, place);
	OUT(gen, "lm[lid] = ");
	gen_value(gen, UINT, 1);
	OUT(gen, ";\n");
	wait(gen, place);
	gen_indent(gen, place);
	OUT(gen, "if (lid == (");
	gen->uniform = true;
	gen_value(gen, UINT, 1);
	gen->uniform = before;
	OUT(gen, ") %% lsz) {\n");
	place.depth++;
	gen_indent(gen, place);
	OUT(gen, "uint i%u = 0;\n", number);
	line(gen, place, "do {");
	gen_indent(gen, place);
	OUT(gen, "\t%s lm[i%u];\n", gen_chance(gen, 50) ? "x +=" : "y = y * 3 ^", number);
	gen_indent(gen, place);
	OUT(gen, "} while (++i%u < lsz", number);
	if (gen_chance(gen, 30))
		OUT(gen, " && x %% 13 != 1");
	OUT(gen, ");\n");
	line(gen, place, "lone = x ^ y;");
	place.depth--;
	line(gen, place, "}");
	wait(gen, place);
	line(gen, place, gen_chance(gen, 50) ? "q1 ^= lone;" : "z += lone;");
	wait(gen, place);
}

static void count(struct gen *gen, struct place place)
{
	line(gen, place, "if (lid == 0)");
	line(gen, place, "\tlone = u;");
	wait(gen, place);
	gen_indent(gen, place);
	OUT(gen, "if (");
	gen_condition(gen);
	OUT(gen, ")\n");
	gen_indent(gen, place);
	if (gen_has(gen, GEN_LIBRARY))
		OUT(gen, "\tatomic_add(&lone, ");
	else
		OUT(gen, "\t__opencl_atomic_fetch_add((volatile local atomic_uint *)&lone, ");
	gen_value(gen, UINT, 1);
	OUT(gen, gen_has(gen, GEN_LIBRARY) ? ");\n"
					   : ", memory_order_relaxed, memory_scope_work_group);\n");
	wait(gen, place);
	line(gen, place, "z += lone;");
	wait(gen, place);
}

static void scan(struct gen *gen, struct place place)
{
	unsigned number = gen->serial++;

	gen_indent(gen, place);
	OUT(gen, "lm[lid] = ");
	gen_value(gen, UINT, 1);
	OUT(gen, ";\n");
	gen_indent(gen, place);
	OUT(gen, "for (uint i%u = 1; i%u < lsz; i%u <<= 1) {\n", number, number, number);
	place.depth++;
	line(gen, place, "uint t = 0;");
	wait(gen, place);
	gen_indent(gen, place);
	OUT(gen, "if (lid >= i%u)\n", number);
	gen_indent(gen, place);
	OUT(gen, "\tt = lm[lid - i%u];\n", number);
	wait(gen, place);
	line(gen, place, "lm[lid] += t;");
	place.depth--;
	line(gen, place, "}");
	wait(gen, place);
	line(gen, place, "y ^= lm[lsz - 1 - lid];");
	wait(gen, place);
}

static void group_function(struct gen *gen, struct place place)
{
	static const char *const uniform[] = {"reduce_add", "reduce_max", "reduce_min"};
	static const char *const varying[] = {"scan_inclusive_add", "scan_exclusive_add",
					      "scan_inclusive_max", "scan_exclusive_min"};

	gen_indent(gen, place);
	if (gen_chance(gen, 40))
		OUT(gen, "q1 = work_group_%s(", uniform[gen_random(gen, 3)]);
	else if (gen_chance(gen, 20))
		OUT(gen, "q0 += work_group_%s(", gen_chance(gen, 50) ? "any" : "all");
	else
		OUT(gen, "x = work_group_%s(", varying[gen_random(gen, 4)]);
	gen_value(gen, UINT, 1);
	OUT(gen, ");\n");
}

static void async_copy(struct gen *gen, struct place place)
{
	unsigned number = gen->serial++;
	bool before = gen->uniform;

	gen_indent(gen, place);
	OUT(gen, "event_t e%u = async_work_group_copy(lcopy, in + ", number);
	gen->uniform = true;
	gen_index(gen, 32);
	gen->uniform = before;
	OUT(gen, ", 32, 0);\n");
	gen_indent(gen, place);
	OUT(gen, "wait_group_events(1, &e%u);\n", number);
	gen_indent(gen, place);
	OUT(gen, "z ^= lcopy[");
	gen_index(gen, 32);
	OUT(gen, "];\n");
	wait(gen, place);
}

static void helper_call(struct gen *gen, struct place place)
{
	gen_indent(gen, place);
	OUT(gen, "y ^= %s_b%u(in, lm, lid, lsz, u, ", gen->name,
	    gen_random(gen, gen->barrier_helpers));
	gen_value(gen, UINT, 1);
	OUT(gen, ", q0, pr);\n");
}

/* Through global memory; a row of work-items only. */
static void global_exchange(struct gen *gen, struct place place)
{
	line(gen, place, "barrier(CLK_GLOBAL_MEM_FENCE);");
	line(gen, place, "x ^= o1[g - lid + (lid + 1) % lsz];");
	line(gen, place, "barrier(CLK_GLOBAL_MEM_FENCE);");
}

void gen_group(struct gen *gen, struct place place)
{
	unsigned kind = gen_random(gen, 12);

	OUT(gen, "{\n");
	place.depth++;
	wait(gen, place);
	if (kind < 3)
		exchange(gen, place);
	else if (kind == 4 && gen_has(gen, GEN_ATOMIC))
		count(gen, place);
	else if (kind == 5 && !place.loops)
		scan(gen, place);
	else if (kind == 6 && gen_has(gen, GEN_LIBRARY))
		group_function(gen, place);
	else if (kind == 7 && gen_has(gen, GEN_LIBRARY))
		async_copy(gen, place);
	else if (kind == 8 && gen->barrier_helpers && !gen->helper)
		helper_call(gen, place);
	else if (kind == 9 && gen->dims == 1)
		global_exchange(gen, place);
	else if (kind == 10)
		by_one(gen, place);
	else
		broadcast(gen, place);
	place.depth--;
	line(gen, place, "}");
}

void gen_barrier_helper(struct gen *gen, unsigned number)
{
	struct place place = {.depth = 1};

	OUT(gen,
	    "static uint %s_b%u(global const uint *in, local uint *lm, uint lid, uint lsz, uint u,\n"
	    "\t\tuint x, uint q, private uint *pr)\n{\n\tuint y = u;\n",
	    gen->name, number);
	wait(gen, place);
	line(gen, place, "lm[lid] = x;");
	if (gen_chance(gen, 50))
		line(gen, place, "for (uint i = 0; i < (q & 3); i++) {");
	else
		line(gen, place,
		     "for (uint i = 0; i < 3; i++) {\n\t\tif ((q >> i) & 1)\n\t\t\tbreak;");
	place.depth++;
	wait(gen, place);
	line(gen, place, "uint t = lm[(lid + i + 1) % lsz];");
	wait(gen, place);
	line(gen, place, "lm[lid] = t + pr[i];");
	gen->helper = true;
	gen_variable(gen, "x", UINT, 1, false, false);
	gen_variable(gen, "y", UINT, 1, false, false);
	place.loops = 1;
	gen_block(gen, place, 2);
	place.depth--;
	line(gen, place, "}");
	wait(gen, place);
	line(gen, place, "if (q > 3000000000u)");
	line(gen, place, "\treturn x;");
	line(gen, place, "y += lm[lsz - 1 - lid];");
	wait(gen, place);
	line(gen, place, "return x ^ y;\n}\n");
	gen->helper = false;
	gen->count = 0;
}
