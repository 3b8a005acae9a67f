/* SPDX-License-Identifier: MIT */
#include "build.h"

#include <err.h>
#include <fcntl.h>
#include <llvm-c/BitReader.h>
#include <llvm-c/BitWriter.h>
#include <llvm-c/Core.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_ARGS 64

/* An argument list under construction. */
struct command {
	const char *args[MAX_ARGS];
	unsigned count;
};

static void add(struct command *command, const char *const *args)
{
	for (; *args; args++) {
		if (command->count + 1 == MAX_ARGS)
			errx(1, "too many arguments");
		command->args[command->count++] = *args;
	}
	command->args[command->count] = NULL;
}

static int run(const struct command *command, bool quiet)
{
	posix_spawn_file_actions_t actions;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	if (quiet)
		posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	status = posix_spawnp(&pid, command->args[0], &actions, NULL,
			      (char *const *)(void *)command->args, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (status) {
		fprintf(stderr, "%s: %s\n", command->args[0], strerror(status));
		return -1;
	}
	while (waitpid(pid, &status, 0) < 0)
		;
	return status ? -1 : 0;
}

static const char clang_headers[] = FUZZ_RESOURCES "/include";
static const char extensions[] = "-cl-ext=" FUZZ_CL_EXT;
static const char library_source[] = FUZZ_SOURCE_DIR "/host_library.cl";

static const char *const front_args[] = {
	FUZZ_CLANG,
	"-cc1",
	"-x",
	"cl",
	"-cl-std=CL3.0",
	"-resource-dir",
	FUZZ_RESOURCES,
	"-internal-isystem",
	clang_headers,
	"-ffp-contract=off",
	"-w",
	NULL,
};
static const char *const user_args[] = {
	"-fdeclare-opencl-builtins",
	"-finclude-default-header",
	NULL,
};
static const char *const host_args[] = {
	"-triple", "x86_64-linux-gnu", "-O1", "-fwrapv", "-relaxed-aliasing", "-mrelocation-model",
	"pic",	   "-pic-level",       "2",   NULL,
};
static const char *const checks[] = {
	"-fsanitize=array-bounds,bool,enum,integer-divide-by-zero,null,return,signed-integer-overflow,"
	"unreachable,float-cast-overflow",
	"-fsanitize-trap=array-bounds,bool,enum,integer-divide-by-zero,null,return,"
	"signed-integer-overflow,unreachable,float-cast-overflow",
	"-ftrivial-auto-var-init=zero",
	NULL,
};

int build_ir(const char *source, const char *bitcode, bool check, bool quiet)
{
	struct command command = {0};

	add(&command, front_args);
	add(&command, user_args);
	if (check)
		add(&command, (const char *[]){"-ftrivial-auto-var-init=zero", NULL});
	add(&command,
	    (const char *[]){"-triple", "spirv64", extensions, "-O2", "-disable-llvm-passes",
			     "-cl-kernel-arg-info", "-emit-llvm-bc", source, "-o", bitcode, NULL});
	return run(&command, quiet);
}

int build_library(const char *object)
{
	struct command command = {0};

	add(&command, front_args);
	add(&command, host_args);
	add(&command, (const char *[]){"-cl-ext=+all", "-emit-obj", "-include", "opencl-c-base.h",
				       library_source, "-o", object, NULL});
	return run(&command, false);
}

/*
 * Clang marks all functions of OpenCL C as never entered twice, so a variable in local
 * memory that is written before it is read may become one of the function's own.  The
 * reference's work-items enter a function one after the other and meet in its barriers.
 */
static int allow_reentry(const char *bitcode)
{
	unsigned kind = LLVMGetEnumAttributeKindForName("norecurse", strlen("norecurse"));
	LLVMContextRef context = LLVMContextCreate();
	LLVMMemoryBufferRef buffer = NULL;
	LLVMModuleRef module = NULL;
	int status = -1;

	if (LLVMCreateMemoryBufferWithContentsOfFile(bitcode, &buffer, NULL) ||
	    LLVMParseBitcodeInContext2(context, buffer, &module))
		goto out;
	for (LLVMValueRef function = LLVMGetFirstFunction(module); function;
	     function = LLVMGetNextFunction(function))
		LLVMRemoveEnumAttributeAtIndex(
			function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, kind);
	status = LLVMWriteBitcodeToFile(module, bitcode);
	LLVMDisposeModule(module);
out:
	if (buffer)
		LLVMDisposeMemoryBuffer(buffer);
	LLVMContextDispose(context);
	return status;
}

/* @source to @bitcode as clang gives it to the optimiser. */
static int reference_ir(const char *source, const char *bitcode, bool check, bool quiet)
{
	struct command command = {0};

	add(&command, front_args);
	add(&command, user_args);
	add(&command, host_args);
	if (check)
		add(&command, checks);
	add(&command, (const char *[]){"-cl-ext=+all", "-DREFERENCE", "-disable-llvm-passes",
				       "-emit-llvm-bc", source, "-o", bitcode, NULL});
	return run(&command, quiet) || allow_reentry(bitcode) ? -1 : 0;
}

static int reference_object(const char *bitcode, const char *object, bool quiet)
{
	struct command command = {0};

	add(&command, (const char *[]){FUZZ_CLANG, "-cc1", "-x", "ir", "-ffp-contract=off", NULL});
	add(&command, host_args);
	add(&command, (const char *[]){"-emit-obj", bitcode, "-o", object, NULL});
	return run(&command, quiet);
}

int build_reference(const char *source, const char *library, const char *object, bool check,
		    bool quiet)
{
	struct command link = {0};
	char bitcode[4096], part[4096];
	int status;

	snprintf(bitcode, sizeof(bitcode), "%s.bc", object);
	snprintf(part, sizeof(part), "%s.o", object);
	status = reference_ir(source, bitcode, check, quiet);
	if (!status)
		status = reference_object(bitcode, part, quiet);
	unlink(bitcode);
	if (status)
		return status;
	add(&link, (const char *[]){"ld", "-shared", part, library, "-o", object, NULL});
	status = run(&link, quiet);
	unlink(part);
	return status;
}
