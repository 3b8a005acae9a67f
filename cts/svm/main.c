/* SPDX-License-Identifier: MIT */
/*
 * System SVM on any OpenCL device: the address of any memory of the process is
 * the kernel's address.
 *
 *   cts-svm            run every case, each in a process of its own
 *   cts-svm CASE...    run these cases, in this process when it is one
 *   cts-svm --list     names and subjects
 *
 * Status: 0 passed, 1 a case failed, 77 skipped: no device takes plain pointers
 * (or, for a single case, the machine lacks what it needs).
 */
#include "svm.h"
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CASE_SECONDS 120

static const struct svm_case *const tables[] = {memory_cases,  mapping_cases, fault_cases,
						process_cases, atomic_cases,  api_cases};
#define NUM_TABLES (sizeof(tables) / sizeof(tables[0]))

static const struct svm_case *find_case(const char *name)
{
	for (size_t t = 0; t < NUM_TABLES; t++)
		for (const struct svm_case *c = tables[t]; c->name; c++)
			if (strcmp(c->name, name) == 0)
				return c;
	die("no case is called '%s'; see --list", name);
}

/* The first device with fine-grained system SVM and atomics, on any platform. */
static bool find_device(cl_device_id *device_out)
{
	const cl_device_svm_capabilities need =
		CL_DEVICE_SVM_FINE_GRAIN_SYSTEM | CL_DEVICE_SVM_ATOMICS;
	cl_platform_id platforms[16];
	cl_device_id devices[16];
	cl_uint num_platforms = 0, num_devices;
	cl_device_svm_capabilities svm;

	clGetPlatformIDs(16, platforms, &num_platforms);
	for (cl_uint p = 0; p < num_platforms && p < 16; p++) {
		num_devices = 0;
		clGetDeviceIDs(platforms[p], CL_DEVICE_TYPE_ALL, 16, devices, &num_devices);
		for (cl_uint d = 0; d < num_devices && d < 16; d++) {
			svm = 0;
			clGetDeviceInfo(devices[d], CL_DEVICE_SVM_CAPABILITIES, sizeof(svm), &svm,
					NULL);
			if ((svm & need) == need) {
				*device_out = devices[d];
				return true;
			}
		}
	}
	return false;
}

static int run_case(const struct svm_case *c)
{
	struct svm s = {0};

	alarm(CASE_SECONDS); /* a hang is a failure */
	if (!find_device(&s.device))
		return skipped("no device with fine-grained system SVM and atomics");
	svm_reopen(&s);
	return c->run(&s);
}

/* In a child, so that one case can't disturb the next. */
static int run_apart(const struct svm_case *c)
{
	double start = now_s();
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(run_case(c));
	if (child < 0 || waitpid(child, &status, 0) < 0)
		die("no process for the case");
	if (WIFSIGNALED(status))
		fprintf(stderr, "%s: killed by signal %d\n", c->name, WTERMSIG(status));
	status = WIFEXITED(status) ? WEXITSTATUS(status) : FAIL;
	printf("%-8s %-24s %6.2f s\n",
	       status == PASS	? "passed"
	       : status == SKIP ? "skipped"
				: "FAILED",
	       c->name, now_s() - start);
	return status;
}

static void count(int status, unsigned counts[3])
{
	counts[status == PASS ? 0 : status == SKIP ? 2 : 1]++;
}

static int run_all(int argc, char **argv)
{
	unsigned counts[3] = {0};

	setvbuf(stdout, NULL, _IONBF, 0);
	for (int i = 1; i < argc; i++)
		count(run_apart(find_case(argv[i])), counts);
	for (size_t t = 0; argc == 1 && t < NUM_TABLES; t++)
		for (const struct svm_case *c = tables[t]; c->name; c++)
			count(run_apart(c), counts);
	printf("%u passed, %u failed, %u skipped\n", counts[0], counts[1], counts[2]);
	return counts[1] ? FAIL : counts[0] ? PASS : SKIP;
}

static int list(void)
{
	for (size_t t = 0; t < NUM_TABLES; t++)
		for (const struct svm_case *c = tables[t]; c->name; c++)
			printf("%-24s %s\n", c->name, c->what);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return list();
	if (argc == 2)
		return run_case(find_case(argv[1]));
	return run_all(argc, argv);
}
