/* SPDX-License-Identifier: MIT */
/* CWC_BUILD: source text to program IR. */
#include <llvm-c/BitWriter.h>
#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>
#include <stdlib.h>
#include <string.h>

#include "client/ir.h"
#include "front/check.h"
#include "front/front.h"
#include "front/log.h"
#include "front/metadata.h"
#include "spmd/spmd.h"
#include "worker/build.h"
#include "worker/requests.h"

#define CWC_EXTENSION(name, major, minor, patch) ",+" #name
#define CWC_FEATURE(name, major, minor, patch)	 ",+" #name

/* What every program is compiled with; its own options follow. */
static const char *const base_args[] = {
	"-triple",
	"spirv64",
	"-x",
	"cl",
	"-cl-ext=-all"
#include "features.def"
	,
	"-fdeclare-opencl-builtins",
	"-finclude-default-header",
	"-internal-isystem",
	CWC_FRONT_BASE,
	"-I",
	CWC_FRONT_HEADERS,
	"-nostdsysteminc",
	"-O2",
	"-disable-llvm-passes",
	"-cl-kernel-arg-info",
	"-debug-info-kind=line-tables-only",
	"-dwarf-version=5",
	"-gembed-source",
	"-ferror-limit",
	"50",
	"-fmessage-length=0",
	"-main-file-name",
	CWC_FRONT_SOURCE,
	"-U__IMAGE_SUPPORT__",
	"-U__SPIRV__",
	"-U__SPIRV64__",
	"-U__SPIRV",
	"-U__SPIRV64",
	"-D__OPENCL_VERSION__=300",
};

#define NUM_BASE (sizeof(base_args) / sizeof(*base_args))

/* struct build - a request, taken apart; all pointers lead into it. */
struct build {
	uint32_t flags;
	struct cwc_front_input input;
	const char **args;
	struct cwc_front_file *files;
};

static bool read_args(struct cwc_reader *in, struct build *build)
{
	unsigned count = cwc_get_count(in, sizeof(uint64_t));

	build->args = calloc(NUM_BASE + count, sizeof(*build->args));
	if (!build->args)
		return false;
	memcpy(build->args, base_args, sizeof(base_args));
	for (unsigned i = 0; i < count; i++) {
		build->args[NUM_BASE + i] = cwc_get_string(in);
		if (!build->args[NUM_BASE + i])
			return false;
	}
	build->input.args = build->args;
	build->input.num_args = NUM_BASE + count;
	return true;
}

static bool read_files(struct cwc_reader *in, struct build *build)
{
	unsigned count = cwc_get_count(in, 2 * sizeof(uint64_t));

	build->files = calloc(count + 1, sizeof(*build->files));
	if (!build->files)
		return false;
	for (unsigned i = 0; i < count; i++) {
		build->files[i].name = cwc_get_string(in);
		build->files[i].text = cwc_get_string(in);
		if (!build->files[i].name || !build->files[i].text)
			return false;
	}
	build->input.files = build->files;
	build->input.num_files = count;
	return true;
}

static bool read_build(struct cwc_reader *in, struct build *build)
{
	build->flags = cwc_get_u32(in);
	if (!read_args(in, build) || !read_files(in, build))
		return false;
	build->input.source = cwc_get_string(in);
	return build->input.source && cwc_reader_is_done(in);
}

static bool has_program_variables(LLVMModuleRef module)
{
	for (LLVMValueRef variable = LLVMGetFirstGlobal(module); variable;
	     variable = LLVMGetNextGlobal(variable)) {
		if (LLVMGetPointerAddressSpace(LLVMTypeOf(variable)) == 1)
			return true;
	}
	return false;
}

/* The block of program-scope variables of a complete program. */
static bool add_globals(struct cwc_worker *worker, LLVMModuleRef module, struct cwc_ir_facts *facts,
			void **object_out, struct cwc_reply *reply)
{
	struct cwc_spmd *spmd;
	char *error = NULL;

	if (facts->kind != CWC_IR_EXECUTABLE || !has_program_variables(module))
		return true;
	spmd = cwc_worker_spmd(worker, reply);
	if (!spmd)
		return false;
	if (cwc_spmd_globals(spmd, facts->bitcode, facts->bitcode_bytes, object_out,
			     &facts->globals_object_bytes, &facts->globals_bytes, &error)) {
		cwc_log_add(&reply->log, "error: %s\n", error ? error : "out of memory");
		free(error);
		return false;
	}
	facts->globals = *object_out;
	return true;
}

void cwc_finish_program(struct cwc_worker *worker, LLVMModuleRef module, struct cwc_ir_facts *facts,
			struct cwc_reply *reply)
{
	LLVMMemoryBufferRef bitcode;
	void *object = NULL;

	if (!cwc_check_module(module, cwc_worker_names(worker), facts->kind == CWC_IR_EXECUTABLE,
			      &reply->log))
		return;
	if (facts->kind == CWC_IR_EXECUTABLE)
		LLVMStripModuleDebugInfo(module);
	bitcode = LLVMWriteBitcodeToMemoryBuffer(module);
	facts->bitcode = LLVMGetBufferStart(bitcode);
	facts->bitcode_bytes = LLVMGetBufferSize(bitcode);
	if (add_globals(worker, module, facts, &object, reply)) {
		cwc_ir_write(&reply->result, facts);
		reply->kind = CWC_DONE;
	}
	free(object);
	LLVMDisposeMemoryBuffer(bitcode);
}

static void build_module(struct cwc_worker *worker, const struct build *build, LLVMModuleRef module,
			 struct cwc_reply *reply)
{
	struct cwc_kernels kernels;
	struct cwc_ir_facts facts = {
		.kind = build->flags & CWC_BUILD_COMPLETE ? CWC_IR_EXECUTABLE : CWC_IR_COMPILED,
		.flags = build->flags & CWC_BUILD_OPT_DISABLE ? CWC_IR_OPT_DISABLE : 0,
	};

	cwc_leave_out_kernels(module, &reply->log);
	if (!cwc_kernels_collect(module, build->flags & CWC_BUILD_ARG_INFO,
				 build->flags & CWC_BUILD_UNIFORM, &kernels)) {
		facts.kernels = kernels.info;
		facts.num_kernels = kernels.count;
		cwc_finish_program(worker, module, &facts, reply);
	}
	cwc_kernels_finish(&kernels);
}

void cwc_do_build(struct cwc_worker *worker, struct cwc_reader *in, struct cwc_reply *reply)
{
	struct build build = {0};
	struct cwc_front_output output = {0};
	LLVMContextRef context = LLVMContextCreate();

	if (!read_build(in, &build)) {
		cwc_log_add(&reply->log, "error: malformed request\n");
	} else {
		cwc_front_compile(context, &build.input, &output);
		reply->files = output.files;
		cwc_put_raw(&reply->log, output.log, output.log ? strlen(output.log) : 0);
		free(output.log);
		if (output.module) {
			build_module(worker, &build, output.module, reply);
			LLVMDisposeModule(output.module);
		}
	}
	LLVMContextDispose(context);
	free(build.args);
	free(build.files);
}
