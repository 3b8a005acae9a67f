/* SPDX-License-Identifier: MIT */
#include "front/check.h"

#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "front/log.h"

/* How a function stands in the walk along calls. */
enum mark {
	UNSEEN,
	ON_PATH, /* its callees are being walked: meeting it again is recursion */
	DONE,
};

/*
 * struct visit - a function whose callees are being walked.
 * @next: the instruction to look at next.
 */
struct visit {
	LLVMValueRef function;
	LLVMValueRef next;
};

/*
 * struct walk - the walk over the call graph, without recursion of its own.
 * @functions, @marks: the functions of the module by address, and where they stand.
 * @count, @room: functions with a body; room for them.
 * @path: from the start to the current function, @depth of them.
 */
struct walk {
	LLVMValueRef *functions;
	unsigned char *marks;
	size_t count;
	size_t room;
	struct visit *path;
	size_t depth;
};

static int by_address(const void *a, const void *b)
{
	LLVMValueRef x = *(const LLVMValueRef *)a, y = *(const LLVMValueRef *)b;

	return x < y ? -1 : x > y;
}

static unsigned char *mark_of(struct walk *walk, LLVMValueRef function)
{
	LLVMValueRef *found = bsearch(&function, walk->functions, walk->count,
				      sizeof(*walk->functions), by_address);

	return found ? &walk->marks[found - walk->functions] : NULL;
}

/* Line @number of @source. */
static const char *source_line(const char *source, size_t bytes, unsigned number, int *length_out)
{
	const char *end = source + bytes, *line = source, *stop;

	for (; number > 1; number--) {
		line = memchr(line, '\n', end - line);
		if (!line)
			return NULL;
		line++;
	}
	stop = memchr(line, '\n', end - line);
	*length_out = (int)((stop ? stop : end) - line);
	return line;
}

static void quote_line(struct cwc_writer *log, LLVMMetadataRef file, unsigned line, unsigned column)
{
	unsigned bytes = 0;
	const char *source = file ? LLVMDIFileGetSource(file, &bytes) : NULL;
	const char *text;
	int length = 0;

	if (!source || !bytes)
		return;
	text = source_line(source, bytes, line, &length);
	if (!text)
		return;
	cwc_log_add(log, "%5u | %.*s\n      | ", line, length, text);
	for (unsigned i = 1; i < column && (int)i <= length; i++)
		cwc_log_add(log, "%c", text[i - 1] == '\t' ? '\t' : ' ');
	cwc_log_add(log, "^\n");
}

/* "file:line:column: error: text", then the source line, for a call. */
static void complain(struct cwc_writer *log, LLVMValueRef instruction, const char *text,
		     const char *name)
{
	LLVMMetadataRef at = LLVMInstructionGetDebugLoc(instruction);
	LLVMMetadataRef scope = at ? LLVMDILocationGetScope(at) : NULL;
	LLVMMetadataRef file = scope ? LLVMDIScopeGetFile(scope) : NULL;
	unsigned line = at ? LLVMDILocationGetLine(at) : 0;
	unsigned column = at ? LLVMDILocationGetColumn(at) : 0;
	unsigned bytes = 0;
	const char *path = file ? LLVMDIFileGetFilename(file, &bytes) : NULL;

	if (path && line)
		cwc_log_add(log, "%.*s:%u:%u: ", (int)bytes, path, line, column);
	cwc_log_add(log, "error: %s '%s'\n", text, name);
	if (path && line)
		quote_line(log, file, line, column);
}

static const char *name_of(LLVMValueRef function)
{
	static const char hidden[] = "__clang_ocl_kern_imp_";
	size_t bytes;
	const char *name = LLVMGetValueName2(function, &bytes);

	return strncmp(name, hidden, sizeof(hidden) - 1) ? name : name + sizeof(hidden) - 1;
}

/* The function that @instruction calls, or NULL. */
static LLVMValueRef callee_of(LLVMValueRef instruction)
{
	LLVMValueRef callee;

	if (LLVMGetInstructionOpcode(instruction) != LLVMCall)
		return NULL;
	callee = LLVMGetCalledValue(instruction);
	return LLVMIsAFunction(callee);
}

static void enter(struct walk *walk, LLVMValueRef function, unsigned char *mark)
{
	LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function);

	*mark = ON_PATH;
	if (walk->depth == walk->room)
		return;
	walk->path[walk->depth++] =
		(struct visit){function, block ? LLVMGetFirstInstruction(block) : NULL};
}

/* The instruction after @instruction in its function. */
static LLVMValueRef following(LLVMValueRef instruction)
{
	LLVMValueRef next = LLVMGetNextInstruction(instruction);
	LLVMBasicBlockRef block;

	if (next)
		return next;
	block = LLVMGetNextBasicBlock(LLVMGetInstructionParent(instruction));
	return block ? LLVMGetFirstInstruction(block) : NULL;
}

static bool walk_from(struct walk *walk, LLVMValueRef start, struct cwc_writer *log)
{
	unsigned char *mark = mark_of(walk, start);
	bool ok = true;

	if (*mark != UNSEEN)
		return true;
	enter(walk, start, mark);
	while (walk->depth) {
		struct visit *visit = &walk->path[walk->depth - 1];
		LLVMValueRef instruction = visit->next, callee;

		if (!instruction) {
			*mark_of(walk, visit->function) = DONE;
			walk->depth--;
			continue;
		}
		visit->next = following(instruction);
		callee = callee_of(instruction);
		mark = callee ? mark_of(walk, callee) : NULL;
		if (!mark || *mark == DONE)
			continue;
		if (*mark == UNSEEN) {
			enter(walk, callee, mark);
			continue;
		}
		complain(log, instruction, "OpenCL C has no recursion: this calls back into",
			 name_of(callee));
		ok = false;
	}
	return ok;
}

static size_t count_functions(LLVMModuleRef module)
{
	size_t count = 0;

	for (LLVMValueRef function = LLVMGetFirstFunction(module); function;
	     function = LLVMGetNextFunction(function))
		count++;
	return count;
}

static bool walk_module(struct walk *walk, LLVMModuleRef module, struct cwc_writer *log)
{
	LLVMValueRef function;
	bool ok = true;

	for (function = LLVMGetFirstFunction(module); function;
	     function = LLVMGetNextFunction(function)) {
		if (!LLVMIsDeclaration(function) && walk->count < walk->room)
			walk->functions[walk->count++] = function;
	}
	qsort(walk->functions, walk->count, sizeof(*walk->functions), by_address);
	for (function = LLVMGetFirstFunction(module); function && ok;
	     function = LLVMGetNextFunction(function)) {
		if (!LLVMIsDeclaration(function))
			ok = walk_from(walk, function, log);
	}
	return ok;
}

static bool check_recursion(LLVMModuleRef module, struct cwc_writer *log)
{
	size_t most = count_functions(module) + 1;
	struct walk walk = {
		.room = most,
		.functions = calloc(most, sizeof(*walk.functions)),
		.marks = calloc(most, 1),
		.path = calloc(most, sizeof(*walk.path)),
	};
	bool ok = walk.functions && walk.marks && walk.path && walk_module(&walk, module, log);

	free(walk.functions);
	free(walk.marks);
	free(walk.path);
	return ok;
}

/* What clang makes of features that this implementation does not have. */
static const struct {
	const char *prefix;
	const char *feature;
} unsupported[] = {
	{"__read_pipe", "pipes are not supported: call of"},
	{"__write_pipe", "pipes are not supported: call of"},
	{"__reserve_", "pipes are not supported: call of"},
	{"__commit_", "pipes are not supported: call of"},
	{"__work_group_reserve_", "pipes are not supported: call of"},
	{"__sub_group_reserve_", "pipes are not supported: call of"},
	{"__get_pipe_", "pipes are not supported: call of"},
	{"__enqueue_kernel", "enqueuing kernels from a kernel is not supported: call of"},
	{"__get_kernel_", "enqueuing kernels from a kernel is not supported: call of"},
	{"__translate_sampler_initializer", "images and samplers are not supported: call of"},
};

static const char *why_unsupported(const char *name)
{
	for (size_t i = 0; i < sizeof(unsupported) / sizeof(*unsupported); i++) {
		if (!strncmp(name, unsupported[i].prefix, strlen(unsupported[i].prefix)))
			return unsupported[i].feature;
	}
	if (!strncmp(name, "_Z", 2) && strstr(name, "ocl_image"))
		return "images are not supported: call of";
	return NULL;
}

/* What the work-group compiler itself puts in, so that no library has it. */
static const char *const work_group_functions[] = {
	"_Z12get_work_dimv",
	"_Z15get_global_sizej",
	"_Z13get_global_idj",
	"_Z14get_local_sizej",
	"_Z23get_enqueued_local_sizej",
	"_Z12get_local_idj",
	"_Z14get_num_groupsj",
	"_Z12get_group_idj",
	"_Z17get_global_offsetj",
	"_Z18get_sub_group_sizev",
	"_Z22get_max_sub_group_sizev",
	"_Z18get_num_sub_groupsv",
	"_Z27get_enqueued_num_sub_groupsv",
	"_Z16get_sub_group_idv",
	"_Z22get_sub_group_local_idv",
	"_Z7barrierj",
	"_Z18work_group_barrierj",
	"_Z18work_group_barrierj12memory_scope",
};

static bool is_provided(const struct cwc_names *names, const char *name)
{
	for (size_t i = 0; i < sizeof(work_group_functions) / sizeof(*work_group_functions); i++) {
		if (!strcmp(name, work_group_functions[i]))
			return true;
	}
	if (!strcmp(name, "printf") || !strncmp(name, "llvm.", 5))
		return true;
	return names->text ? cwc_names_has(names, name) : !strncmp(name, "_Z", 2);
}

/* A call of the declaration @function, for its place in the source; NULL if none. */
static LLVMValueRef a_call_of(LLVMValueRef function)
{
	for (LLVMUseRef use = LLVMGetFirstUse(function); use; use = LLVMGetNextUse(use)) {
		LLVMValueRef user = LLVMGetUser(use);

		if (LLVMIsAInstruction(user))
			return user;
	}
	return NULL;
}

static bool check_declaration(LLVMValueRef function, const struct cwc_names *names, bool complete,
			      struct cwc_writer *log)
{
	const char *name = name_of(function);
	const char *why = why_unsupported(name);
	LLVMValueRef call;

	if (!why && (!complete || LLVMGetIntrinsicID(function) || is_provided(names, name)))
		return true;
	if (!LLVMGetFirstUse(function))
		return true;
	if (!why)
		why = "no definition of function";
	call = a_call_of(function);
	if (call)
		complain(log, call, why, name);
	else
		cwc_log_add(log, "error: %s '%s'\n", why, name);
	return false;
}

static bool check_variables(LLVMModuleRef module, struct cwc_writer *log)
{
	bool ok = true;

	for (LLVMValueRef variable = LLVMGetFirstGlobal(module); variable;
	     variable = LLVMGetNextGlobal(variable)) {
		if (!LLVMIsDeclaration(variable) || !LLVMGetFirstUse(variable))
			continue;
		cwc_log_add(log, "error: no definition of variable '%s'\n", name_of(variable));
		ok = false;
	}
	return ok;
}

/* The first parameter of @kernel of a type that is not supported, or -1. */
static int opaque_parameter(LLVMValueRef kernel)
{
	for (unsigned i = 0; i < LLVMCountParams(kernel); i++) {
		LLVMTypeRef type = LLVMTypeOf(LLVMGetParam(kernel, i));

		if (LLVMGetTypeKind(type) == LLVMTargetExtTypeKind)
			return (int)i;
	}
	return -1;
}

static bool is_kernel(LLVMValueRef function)
{
	return !LLVMIsDeclaration(function) &&
	       LLVMGetFunctionCallConv(function) == LLVMSPIRKERNELCallConv;
}

/* Remove @kernel and the function that clang puts its body in. */
static void remove_kernel(LLVMModuleRef module, LLVMValueRef kernel)
{
	char name[512];
	LLVMValueRef body;

	snprintf(name, sizeof(name), "__clang_ocl_kern_imp_%s", name_of(kernel));
	body = LLVMGetNamedFunction(module, name);
	LLVMReplaceAllUsesWith(kernel, LLVMGetPoison(LLVMTypeOf(kernel)));
	LLVMDeleteFunction(kernel);
	if (body && !LLVMGetFirstUse(body))
		LLVMDeleteFunction(body);
}

void cwc_leave_out_kernels(LLVMModuleRef module, struct cwc_writer *log)
{
	LLVMValueRef next;

	for (LLVMValueRef function = LLVMGetFirstFunction(module); function; function = next) {
		int index = is_kernel(function) ? opaque_parameter(function) : -1;

		next = LLVMGetNextFunction(function);
		if (index < 0)
			continue;
		cwc_log_add(log,
			    "warning: kernel '%s' is left out: parameter %d is an image, sampler, "
			    "pipe, event or queue, which the device does not support\n",
			    name_of(function), index);
		remove_kernel(module, function);
		next = LLVMGetFirstFunction(module);
	}
}

bool cwc_check_module(LLVMModuleRef module, const struct cwc_names *names, bool complete,
		      struct cwc_writer *log)
{
	bool ok = check_recursion(module, log);

	for (LLVMValueRef function = LLVMGetFirstFunction(module); function;
	     function = LLVMGetNextFunction(function)) {
		if (LLVMIsDeclaration(function))
			ok &= check_declaration(function, names, complete, log);
	}
	if (complete)
		ok &= check_variables(module, log);
	return ok;
}
