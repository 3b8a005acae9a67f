/* SPDX-License-Identifier: MIT */
/* The job: a line a fact, "WORD REST"; a test's fields are separated by tabs. */
#include "guest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct job job = {.mode = "run", .build = "/", .terminal = "", .parameters = ""};

static bool add_test(char *rest)
{
	struct test *test = &job.tests[job.test_count];
	const char *user, *seconds;

	if (job.test_count == MAX_TEST)
		return false;
	test->name = strsep(&rest, "\t");
	user = strsep(&rest, "\t");
	seconds = strsep(&rest, "\t");
	test->parameters = strsep(&rest, "\t");
	test->command = rest;
	if (!rest)
		return false;
	test->root = !strcmp(user, "root");
	test->seconds = strtoul(seconds, NULL, 10);
	job.test_count++;
	return true;
}

static bool add(const char **list, size_t *count, const char *what)
{
	if (*count == MAX_LIST)
		return false;
	list[(*count)++] = what;
	return true;
}

static bool add_line(char *line)
{
	const char *word = strsep(&line, " ");

	if (!line)
		line = "";
	if (!strcmp(word, "mode"))
		job.mode = line;
	else if (!strcmp(word, "build"))
		job.build = line;
	else if (!strcmp(word, "terminal"))
		job.terminal = line;
	else if (!strcmp(word, "driver"))
		job.driver = line;
	else if (!strcmp(word, "parameters"))
		job.parameters = line;
	else if (!strcmp(word, "disk"))
		job.disk = true;
	else if (!strcmp(word, "leaks"))
		job.leaks = true;
	else if (!strcmp(word, "module"))
		return add(job.modules, &job.module_count, line);
	else if (!strcmp(word, "env"))
		return add(job.environment, &job.environment_count, line);
	else if (!strcmp(word, "test"))
		return add_test(line);
	else
		return false;
	return true;
}

bool job_read(const char *path)
{
	struct stat info;
	char *text, *line;

	if (stat(path, &info))
		return false;
	text = malloc(info.st_size + 1);
	if (!text || file_read(path, text, info.st_size + 1) != info.st_size)
		return false;
	while ((line = strsep(&text, "\n"))) {
		if (*line && !add_line(line)) {
			fprintf(stderr, "init: not understood: %s\n", line);
			return false;
		}
	}
	return true;
}
