/* SPDX-License-Identifier: MIT */
/* Calls: barriers, work-item functions, intrinsics and library functions. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

/* Of an intrinsic that is compiled; it has one at least. */
#define MOST_ARGUMENTS 4

bool cwc_call_is_ignored(const char *name)
{
	static const char *const ignored[] = {
		"llvm.lifetime", "llvm.assume",	   "llvm.experimental.noalias.scope.decl",
		"llvm.dbg",	 "llvm.donothing", "llvm.prefetch",
		"llvm.fake.use", "llvm.invariant", "llvm.var.annotation",
	};

	for (unsigned i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		if (!strncmp(name, ignored[i], strlen(ignored[i])))
			return true;
	return false;
}

/* An LLVM intrinsic that only computes. */
bool cwc_is_pure_intrinsic(val_t call)
{
	const char *name = cwc_callee(call);

	return !strncmp(name, "llvm.", 5) && LLVMGetTypeKind(LLVMTypeOf(call)) != LLVMVoidTypeKind;
}

bool cwc_call_is_barrier(const char *name)
{
	return !strcmp(name, "_Z7barrierj") || !strncmp(name, "_Z18work_group_barrierj", 23);
}

/*
 * The chunk waits here for the others: a call at the end of a block, which fission.c
 * cuts the code at.
 */
void cwc_emit_barrier(struct cwc_body *body)
{
	struct cwc_unit *unit = body->unit;
	type_t type = LLVMFunctionType(unit->void_type, NULL, 0, 0);
	val_t function = LLVMGetNamedFunction(unit->module, CWC_BARRIER_NAME);
	LLVMBasicBlockRef behind;

	if (!function)
		function = LLVMAddFunction(unit->module, CWC_BARRIER_NAME, type);
	LLVMBuildCall2(unit->builder, type, function, NULL, 0, "");
	behind = cwc_new_block(body, "behind");
	LLVMBuildBr(unit->builder, behind);
	LLVMPositionBuilderAtEnd(unit->builder, behind);
}

/* Which arguments of an intrinsic are immediate, so the same for all lanes by its definition. */
static bool is_immediate(const char *name, unsigned index)
{
	static const struct {
		const char *name;
		unsigned index;
	} immediate[] = {
		{"llvm.abs.", 1},	 {"llvm.ctlz.", 1}, {"llvm.cttz.", 1},
		{"llvm.is.fpclass.", 1}, {"llvm.powi.", 1},
	};

	for (unsigned i = 0; i < sizeof(immediate) / sizeof(immediate[0]); i++)
		if (index == immediate[i].index &&
		    !strncmp(name, immediate[i].name, strlen(immediate[i].name)))
			return true;
	return false;
}

/* The name without its type suffixes, and how many types it is overloaded on. */
static unsigned base_name(const char *name, char *base, size_t size)
{
	static const struct {
		const char *name;
		unsigned types;
	} two[] = {
		{"llvm.fptosi.sat", 2}, {"llvm.fptoui.sat", 2}, {"llvm.ldexp", 2},
		{"llvm.powi", 2},	{"llvm.frexp", 2},	{"llvm.lround", 2},
		{"llvm.lrint", 2},	{"llvm.scmp", 2},	{"llvm.ucmp", 2},
		{"llvm.llrint", 2},	{"llvm.llround", 2},
	};

	for (unsigned i = 0; i < sizeof(two) / sizeof(two[0]); i++) {
		size_t length = strlen(two[i].name);

		if (!strncmp(name, two[i].name, length) && name[length] == '.') {
			snprintf(base, size, "%s", two[i].name);
			return 2;
		}
	}
	snprintf(base, size, "%s", name);
	if (strrchr(base, '.') > base + 4)
		*strrchr(base, '.') = 0;
	return 1;
}

static type_t struct_or_value(type_t type)
{
	return LLVMGetTypeKind(type) == LLVMStructTypeKind ? LLVMStructGetTypeAtIndex(type, 0)
							   : type;
}

/* The types that @base is overloaded on, given the emitted result and @count arguments. */
static void overloads(const char *base, type_t result, val_t *args, unsigned count, type_t *types)
{
	types[0] = struct_or_value(result);
	types[1] = LLVMTypeOf(args[0]);
	if (count > 1 && (!strcmp(base, "llvm.ldexp") || !strcmp(base, "llvm.powi")))
		types[1] = LLVMTypeOf(args[1]);
	else if (!strcmp(base, "llvm.frexp"))
		types[1] = LLVMStructGetTypeAtIndex(result, 1);
	else if (!strcmp(base, "llvm.is.fpclass") || !strncmp(base, "llvm.vector.reduce", 18))
		types[0] = LLVMTypeOf(args[0]);
}

/* A structure of vectors for a structure of scalars. */
static type_t widened(struct cwc_unit *unit, type_t type)
{
	type_t fields[4];
	unsigned count;

	if (LLVMGetTypeKind(type) != LLVMStructTypeKind)
		return cwc_vector_type(unit, cwc_component_type(type, 0));
	count = LLVMCountStructElementTypes(type);
	for (unsigned i = 0; i < count && i < 4; i++)
		fields[i] = cwc_vector_type(unit, LLVMStructGetTypeAtIndex(type, i));
	return LLVMStructTypeInContext(unit->context, fields, count, 0);
}

static void emit_vector_intrinsic(struct cwc_body *body, val_t call, const char *name,
				  unsigned count)
{
	struct cwc_unit *unit = body->unit;
	type_t type = LLVMTypeOf(call), result_type = widened(unit, type), types[2];
	bool structure = LLVMGetTypeKind(type) == LLVMStructTypeKind;
	unsigned rounds = structure ? 1 : cwc_components(type);
	char base[96];
	unsigned type_count = base_name(name, base, sizeof(base));

	for (unsigned c = 0; c < rounds; c++) {
		val_t args[MOST_ARGUMENTS], result;

		for (unsigned i = 0; i < count; i++)
			args[i] = is_immediate(name, i)
					  ? cwc_scalar(body, LLVMGetOperand(call, i))
					  : cwc_vector(body, LLVMGetOperand(call, i), c);
		overloads(base, result_type, args, count, types);
		result = cwc_intrinsic(unit, base, types, type_count, args, count);
		if (LLVMCanValueUseFastMathFlags(result) && LLVMCanValueUseFastMathFlags(call))
			LLVMSetFastMathFlags(result, LLVMGetFastMathFlags(call));
		for (unsigned f = 0; structure && f < cwc_components(type); f++)
			cwc_set_vector(body, call, f,
				       LLVMBuildExtractValue(unit->builder, result, f, ""));
		if (!structure)
			cwc_set_vector(body, call, c, result);
	}
}

static void emit_scalar_intrinsic(struct cwc_body *body, val_t call, const char *name,
				  unsigned count)
{
	struct cwc_unit *unit = body->unit;
	type_t types[2];
	char base[96];
	unsigned type_count = base_name(name, base, sizeof(base));
	val_t args[MOST_ARGUMENTS], result;

	for (unsigned i = 0; i < count; i++)
		args[i] = cwc_scalar(body, LLVMGetOperand(call, i));
	overloads(base, LLVMTypeOf(call), args, count, types);
	result = cwc_intrinsic(unit, base, types, type_count, args, count);
	if (LLVMCanValueUseFastMathFlags(result) && LLVMCanValueUseFastMathFlags(call))
		LLVMSetFastMathFlags(result, LLVMGetFastMathFlags(call));
	cwc_set_scalar(body, call, result);
}

/* Lane-wise reduction of each lane's own short vector. */
static bool emit_own_reduction(struct cwc_body *body, val_t call, const char *name)
{
	static const struct {
		const char *name;
		LLVMOpcode opcode;
		const char *intrinsic;
	} kinds[] = {
		{"llvm.vector.reduce.add.", LLVMAdd, NULL},
		{"llvm.vector.reduce.mul.", LLVMMul, NULL},
		{"llvm.vector.reduce.and.", LLVMAnd, NULL},
		{"llvm.vector.reduce.or.", LLVMOr, NULL},
		{"llvm.vector.reduce.xor.", LLVMXor, NULL},
		{"llvm.vector.reduce.smax.", LLVMCall, "llvm.smax"},
		{"llvm.vector.reduce.smin.", LLVMCall, "llvm.smin"},
		{"llvm.vector.reduce.umax.", LLVMCall, "llvm.umax"},
		{"llvm.vector.reduce.umin.", LLVMCall, "llvm.umin"},
	};
	struct cwc_unit *unit = body->unit;
	val_t vector = LLVMGetOperand(call, 0), args[2];

	for (unsigned k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		if (strncmp(name, kinds[k].name, strlen(kinds[k].name)) != 0)
			continue;
		args[0] = cwc_vector(body, vector, 0);
		for (unsigned c = 1; c < cwc_components(LLVMTypeOf(vector)); c++) {
			type_t type = LLVMTypeOf(args[0]);

			args[1] = cwc_vector(body, vector, c);
			args[0] =
				kinds[k].intrinsic
					? cwc_intrinsic(unit, kinds[k].intrinsic, &type, 1, args, 2)
					: LLVMBuildBinOp(unit->builder, kinds[k].opcode, args[0],
							 args[1], "");
		}
		cwc_set_vector(body, call, 0, args[0]);
		return true;
	}
	return false;
}

static void emit_intrinsic(struct cwc_body *body, val_t call, const char *name)
{
	bool is_void = LLVMGetTypeKind(LLVMTypeOf(call)) == LLVMVoidTypeKind;
	unsigned count = LLVMGetNumArgOperands(call);

	if (!strcmp(name, "llvm.trap") || !strcmp(name, "llvm.debugtrap") ||
	    !strcmp(name, "llvm.ubsantrap"))
		cwc_intrinsic(body->unit, "llvm.trap", NULL, 0, NULL, 0);
	else if (is_void || !count || count > MOST_ARGUMENTS)
		cwc_fail(body->unit, "intrinsic '%s' is not supported", name);
	else if (cwc_value(body, call)->shape <= CWC_SHAPE_UNIFORM)
		emit_scalar_intrinsic(body, call, name, count);
	else if (!emit_own_reduction(body, call, name))
		emit_vector_intrinsic(body, call, name, count);
}

void cwc_emit_call(struct cwc_body *body, val_t call, val_t mask)
{
	const char *name = cwc_callee(call);

	if (cwc_call_is_ignored(name))
		return;
	if (!*name) {
		cwc_fail(body->unit, "function pointers are not supported");
	} else if (cwc_call_is_barrier(name)) {
		cwc_emit_barrier(body);
	} else if (cwc_work_item_query(name) >= 0) {
		cwc_emit_work_item(body, call);
	} else if (!strcmp(name, "__cw_address_space")) {
		cwc_emit_address_space(body, call);
	} else if (cwc_cross_lane_shape(name) >= 0) {
		cwc_emit_cross_lane(body, call, mask);
	} else if (!strcmp(name, "printf")) {
		cwc_emit_printf(body, call, mask);
	} else if (!strncmp(name, "llvm.", 5)) {
		emit_intrinsic(body, call, name);
	} else if (!cwc_emit_heavy(body, call, mask)) {
		cwc_fail(body->unit, "undefined function '%s'", name);
	}
}
