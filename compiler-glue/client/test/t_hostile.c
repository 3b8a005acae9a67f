/* SPDX-License-Identifier: MIT */
/* Sources that bring a compiler down: each fails with a log, and the next build works. */
#include "helper.h"

#define DEADLINE_MS 4000

static char *repeat(const char *before, const char *part, size_t times, const char *middle,
		    const char *part_after, const char *after)
{
	size_t bytes = strlen(before) + strlen(middle) + strlen(after) +
		       times * (strlen(part) + strlen(part_after)) + 1;
	char *text = malloc(bytes), *end = text;

	end = stpcpy(end, before);
	for (size_t i = 0; i < times; i++)
		end = stpcpy(end, part);
	end = stpcpy(end, middle);
	for (size_t i = 0; i < times; i++)
		end = stpcpy(end, part_after);
	stpcpy(end, after);
	return text;
}

static char *macro_bomb(void)
{
	char *text = calloc(1, 4096), *end = text;

	end += sprintf(end, "#define M0 x+x\n");
	for (int i = 1; i < 40; i++)
		end += sprintf(end, "#define M%d M%d+M%d\n", i, i - 1, i - 1);
	sprintf(end, "kernel void k(global int *p, int x) { *p = M39; }\n");
	return text;
}

static void survives(struct cwc_client *client, const char *name, char *source)
{
	double begin = seconds();
	char *log;
	struct cwc_ir *ir = build_source(client, source, &log);
	double took = seconds() - begin;

	printf("%s: %.2f s: %.*s\n", name, took, log ? (int)strcspn(log, "\n") : 7,
	       log ? log : "no log!");
	EXPECT(!ir && log && *log);
	EXPECT(took < DEADLINE_MS / 1000.0 * 3 + 2);
	cwc_ir_put(ir);
	free(log);
	free(source);
	ir = build_source(client, saxpy, &log);
	EXPECT(ir);
	cwc_ir_put(ir);
	free(log);
}

int main(void)
{
	struct cwc_client *client;

	if (!have_compiler())
		return SKIP;
	client = make_client(NULL, DEADLINE_MS);
	survives(client, "200,000 minus signs",
		 repeat("kernel void k(global int *p) { *p = ", "- ", 200000, "*p", "", "; }"));
	survives(client, "200,000 parentheses",
		 repeat("kernel void k(global int *p) { *p = ", "(", 200000, "*p", ")", "; }"));
	survives(client, "sum of 100,000 terms",
		 repeat("kernel void k(global int *p) { *p = 0", "+p[1]", 100000, "", "", "; }"));
	survives(client, "20,000 nested blocks",
		 repeat("kernel void k(global int *p) {", "{", 20000, "*p = 1;", "}", "}"));
	survives(client, "macro bomb", macro_bomb());
	survives(client, "binary rubbish", repeat("\x01\xff\xfe", "\x80", 1000, "", "", ""));
	cwc_client_destroy(client);
	return failures != 0;
}
