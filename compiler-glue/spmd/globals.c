/* SPDX-License-Identifier: MIT */
/*
 * Where variables lie: program-scope ones in one block a program, the same for all
 * its kernels, and local ones in the arena of the group.
 *
 * Constants stay in the kernel's object, unless their initialiser holds an address: then
 * they need a relocation that code objects do not have, and move to the block,
 * with what they point to.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

struct place {
	val_t variable;
	uint64_t offset;
};

/*
 * struct cwc_global_layout - the block of a program, and what a unit's module uses.
 * @members: variables of the program in the order of their offsets.
 * @bound: variables of the unit's module in the block.
 * @locals: variables of the unit's module in local memory.
 * @bytes: size of the block.
 */
struct cwc_global_layout {
	struct place *members, *bound, *locals;
	size_t member_count, bound_count, local_count;
	uint64_t bytes;
};

static bool holds_address(val_t constant)
{
	if (LLVMIsAGlobalValue(constant))
		return true;
	for (int i = 0; i < LLVMGetNumOperands(constant); i++)
		if (holds_address(LLVMGetOperand(constant, (unsigned)i)))
			return true;
	return false;
}

static size_t count_variables(LLVMModuleRef module)
{
	size_t count = 0;

	for (val_t v = LLVMGetFirstGlobal(module); v; v = LLVMGetNextGlobal(v))
		count++;
	return count;
}

static bool find(const struct place *places, size_t count, val_t variable, uint64_t *offset)
{
	for (size_t i = 0; i < count; i++)
		if (places[i].variable == variable) {
			*offset = places[i].offset;
			return true;
		}
	return false;
}

static uint64_t place_variable(struct cwc_unit *unit, struct place *place, val_t variable,
			       uint64_t at, uint64_t align)
{
	uint64_t wanted = LLVMGetAlignment(variable);

	if (wanted > align)
		align = wanted;
	at = (at + align - 1) / align * align;
	*place = (struct place){variable, at};
	return at + cwc_bytes(unit, LLVMGlobalGetValueType(variable));
}

static void add_member(struct cwc_unit *unit, struct cwc_global_layout *layout, val_t variable);

static void add_referenced(struct cwc_unit *unit, struct cwc_global_layout *layout, val_t constant)
{
	if (LLVMIsAGlobalVariable(constant)) {
		add_member(unit, layout, constant);
		return;
	}
	for (int i = 0; i < LLVMGetNumOperands(constant); i++)
		add_referenced(unit, layout, LLVMGetOperand(constant, (unsigned)i));
}

static void add_member(struct cwc_unit *unit, struct cwc_global_layout *layout, val_t variable)
{
	uint64_t offset;

	if (LLVMIsDeclaration(variable) ||
	    find(layout->members, layout->member_count, variable, &offset))
		return;
	layout->bytes = place_variable(unit, &layout->members[layout->member_count++], variable,
				       layout->bytes, 8);
	add_referenced(unit, layout, LLVMGetInitializer(variable));
}

static bool belongs_in_block(val_t variable)
{
	unsigned space = LLVMGetPointerAddressSpace(LLVMTypeOf(variable));

	if (LLVMIsDeclaration(variable) || space == CWC_SPACE_LOCAL ||
	    !strncmp(cwc_name(variable), "llvm.", 5))
		return false;
	return space == CWC_SPACE_GLOBAL || holds_address(LLVMGetInitializer(variable));
}

/* The same for every kernel of @program, since it looks at nothing else. */
struct cwc_global_layout *cwc_globals_layout(struct cwc_unit *unit, LLVMModuleRef program)
{
	struct cwc_global_layout *layout = cwc_alloc(1, sizeof(*layout));

	layout->members = cwc_alloc(count_variables(program), sizeof(*layout->members));
	for (val_t v = LLVMGetFirstGlobal(program); v; v = LLVMGetNextGlobal(v))
		if (belongs_in_block(v))
			add_member(unit, layout, v);
	return layout;
}

void cwc_globals_layout_free(struct cwc_global_layout *layout)
{
	if (!layout)
		return;
	free(layout->members);
	free(layout->bound);
	free(layout->locals);
	free(layout);
}

uint64_t cwc_globals_bytes(const struct cwc_global_layout *layout)
{
	return layout->bytes;
}

/* Find the program's variables, imported by name, in the unit's module. */
void cwc_globals_bind(struct cwc_unit *unit)
{
	struct cwc_global_layout *layout = unit->globals;

	layout->bound = cwc_alloc(layout->member_count, sizeof(*layout->bound));
	for (size_t i = 0; i < layout->member_count; i++) {
		val_t variable =
			LLVMGetNamedGlobal(unit->module, cwc_name(layout->members[i].variable));

		if (variable)
			layout->bound[layout->bound_count++] =
				(struct place){variable, layout->members[i].offset};
	}
}

bool cwc_global_offset(const struct cwc_global_layout *layout, val_t variable, uint64_t *offset)
{
	return layout && find(layout->bound, layout->bound_count, variable, offset);
}

/* Give each used local variable its offset in the arena. */
void cwc_place_locals(struct cwc_unit *unit)
{
	struct cwc_global_layout *layout = unit->globals;

	if (!layout)
		layout = unit->globals = cwc_alloc(1, sizeof(*layout));
	layout->locals = cwc_alloc(count_variables(unit->module), sizeof(*layout->locals));
	for (val_t v = LLVMGetFirstGlobal(unit->module); v; v = LLVMGetNextGlobal(v)) {
		if (LLVMGetPointerAddressSpace(LLVMTypeOf(v)) != CWC_SPACE_LOCAL ||
		    !LLVMGetFirstUse(v))
			continue;
		unit->local_bytes = place_variable(unit, &layout->locals[layout->local_count++], v,
						   unit->local_bytes, 64);
	}
	unit->local_bytes = (unit->local_bytes + 63) / 64 * 64;
}

bool cwc_local_offset(struct cwc_unit *unit, val_t variable, uint64_t *offset)
{
	return unit->globals &&
	       find(unit->globals->locals, unit->globals->local_count, variable, offset);
}

/* The constant as it is in the object of the block: addresses are places in the block. */
static val_t relocated(struct cwc_unit *unit, val_t block, val_t constant)
{
	const struct cwc_global_layout *layout = unit->globals;
	type_t type = LLVMTypeOf(constant);
	uint64_t offset = 0;
	unsigned count;
	val_t *parts, result, index;

	if (find(layout->members, layout->member_count, constant, &offset)) {
		index = cwc_i64(unit, offset);
		return LLVMConstGEP2(unit->i8, block, &index, 1);
	}
	if (!holds_address(constant))
		return cwc_is_pointer(type) ? LLVMConstNull(unit->ptr) : constant;
	if (LLVMIsAConstantExpr(constant) && LLVMGetConstOpcode(constant) == LLVMAddrSpaceCast)
		return relocated(unit, block, LLVMGetOperand(constant, 0));
	if (LLVMIsAConstantExpr(constant) && LLVMGetConstOpcode(constant) == LLVMPtrToInt)
		return LLVMConstPtrToInt(relocated(unit, block, LLVMGetOperand(constant, 0)), type);
	if (LLVMIsAConstantExpr(constant) && LLVMGetConstOpcode(constant) != LLVMGetElementPtr) {
		cwc_fail(unit, "unsupported initialiser of a program-scope variable");
		return LLVMGetPoison(type);
	}
	count = (unsigned)LLVMGetNumOperands(constant);
	parts = cwc_alloc(count, sizeof(*parts));
	for (unsigned i = 0; i < count; i++)
		parts[i] = relocated(unit, block, LLVMGetOperand(constant, i));
	if (LLVMIsAConstantExpr(constant))
		result = LLVMConstGEP2(LLVMGetGEPSourceElementType(constant), parts[0], parts + 1,
				       count - 1);
	else if (LLVMGetTypeKind(type) == LLVMArrayTypeKind)
		result = LLVMConstArray2(LLVMTypeOf(parts[0]), parts, count);
	else if (LLVMGetTypeKind(type) == LLVMVectorTypeKind)
		result = LLVMConstVector(parts, count);
	else
		result = LLVMConstStructInContext(unit->context, parts, count,
						  LLVMIsPackedStruct(type));
	free(parts);
	return result;
}

/* Fill the unit's module with the program's block. */
void cwc_globals_emit(struct cwc_unit *unit)
{
	const struct cwc_global_layout *layout = unit->globals;
	val_t *parts = cwc_alloc(2 * layout->member_count, sizeof(*parts)), placeholder, block, all;
	uint64_t at = 0;
	unsigned count = 0;

	/* the initialiser's type is known only when it is built: refer to a stand-in first */
	placeholder = LLVMAddGlobal(unit->module, unit->i8, "block");
	for (size_t i = 0; i < layout->member_count; i++) {
		const struct place *member = &layout->members[i];
		uint64_t gap = member->offset - at;

		if (gap)
			parts[count++] = LLVMConstNull(LLVMArrayType2(unit->i8, gap));
		parts[count++] = relocated(unit, placeholder, LLVMGetInitializer(member->variable));
		at = member->offset + cwc_bytes(unit, LLVMGlobalGetValueType(member->variable));
	}
	all = LLVMConstStructInContext(unit->context, parts, count, 1);
	block = LLVMAddGlobal(unit->module, LLVMTypeOf(all), CWC_GLOBALS_SYMBOL);
	LLVMSetInitializer(block, all);
	LLVMSetAlignment(block, 4096);
	LLVMSetSection(block, ".data");
	LLVMReplaceAllUsesWith(placeholder, block);
	LLVMDeleteGlobal(placeholder);
	free(parts);
}
