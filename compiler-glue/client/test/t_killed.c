/* SPDX-License-Identifier: MIT */
/*
 * Workers that are killed while they build, threads that build at once, a
 * process that forks: every build gets its own right answer.
 */
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "helper.h"

static struct cwc_client *client;
static atomic_bool stop;

/* A worker's process number: its command is causeway-cc and its session is not ours. */
static pid_t find_worker(void)
{
	DIR *listing = opendir("/proc");
	struct dirent *found;
	pid_t worker = 0;

	while (listing && !worker && (found = readdir(listing))) {
		char path[300], name[32] = "";
		FILE *file;

		snprintf(path, sizeof(path), "/proc/%s/comm", found->d_name);
		file = strtol(found->d_name, NULL, 10) > 0 ? fopen(path, "r") : NULL;
		if (!file)
			continue;
		if (fgets(name, sizeof(name), file) && !strcmp(name, "causeway-cc\n"))
			worker = (pid_t)strtol(found->d_name, NULL, 10);
		fclose(file);
	}
	if (listing)
		closedir(listing);
	return worker;
}

static void *kill_workers(void *arg)
{
	(void)arg;
	while (!atomic_load(&stop)) {
		pid_t worker = find_worker();

		if (worker)
			kill(worker, SIGKILL);
		usleep(20000);
	}
	return NULL;
}

static void build_one(long number, int i)
{
	char source[256], want[32], *log;
	struct cwc_ir *ir;

	snprintf(want, sizeof(want), "k%ld_%d", number, i);
	snprintf(source, sizeof(source), "kernel void %s(global float *p) { *p = sin(*p) + %d; }",
		 want, i);
	ir = build_source(client, source, &log);
	EXPECT(ir || (log && strstr(log, "killed for")));
	EXPECT(!ir || !strcmp(cwc_ir_facts(ir)->kernels[0].name, want));
	cwc_ir_put(ir);
	free(log);
}

static void *build_some(void *arg)
{
	for (int i = 0; i < 20; i++)
		build_one((long)arg, i);
	return NULL;
}

static void build_on_threads(void)
{
	pthread_t threads[4];

	for (long i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, build_some, (void *)i);
	for (long i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

/* A child after fork() has workers of its own; the parent's go on. */
static void check_fork(void)
{
	int status = -1;
	char *log;
	struct cwc_ir *ir;
	pid_t child = fork();

	if (!child) {
		ir = build_source(client, saxpy, &log);
		_exit(ir ? 0 : 1);
	}
	waitpid(child, &status, 0);
	EXPECT(WIFEXITED(status) && !WEXITSTATUS(status));
	ir = build_source(client, saxpy, &log);
	EXPECT(ir);
	cwc_ir_put(ir);
	free(log);
	/* The workers are nobody's children. */
	EXPECT(waitpid(-1, &status, WNOHANG) < 0);
}

static void *build_bomb(void *arg)
{
	char source[4096], *end = source, *log;
	struct cwc_ir *ir;

	(void)arg;
	end += sprintf(end, "#define M0 x+x\n");
	for (int i = 1; i < 40; i++)
		end += sprintf(end, "#define M%d M%d+M%d\n", i, i - 1, i - 1);
	sprintf(end, "kernel void k(global int *p, int x) { *p = M39; }\n");
	ir = build_source(client, source, &log);
	EXPECT(!ir && log && strstr(log, "stopped"));
	free(log);
	return NULL;
}

/* A build that takes as long as it may delays nobody else's. */
static void check_long_build(void)
{
	struct cwc_client *patient = client;
	double begin = seconds();
	pthread_t bomb;

	client = make_client(NULL, 4000);
	pthread_create(&bomb, NULL, build_bomb, NULL);
	usleep(200000);
	build_some((void *)77);
	EXPECT(seconds() - begin < 3);
	pthread_join(bomb, NULL);
	EXPECT(seconds() - begin >= 3.9);
	cwc_client_destroy(client);
	client = patient;
}

int main(void)
{
	pthread_t killer;

	if (!have_compiler())
		return SKIP;
	client = make_client(NULL, 20000);
	build_on_threads();
	check_fork();
	check_long_build();
	pthread_create(&killer, NULL, kill_workers, NULL);
	build_on_threads();
	atomic_store(&stop, true);
	pthread_join(killer, NULL);
	check_fork();
	cwc_client_destroy(client);
	return failures != 0;
}
