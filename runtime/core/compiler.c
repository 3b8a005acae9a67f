/* SPDX-License-Identifier: MIT */
#include "core/compiler.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "base/config.h"
#include "base/log.h"
#include "client/client.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct cwc_client *client;

static void on_log(const char *text)
{
	cw_log(COMPILE, "%.*s", (int)strcspn(text, "\n"), text);
}

static void make(void)
{
	const struct cw_config *config = cw_config();

	client = cwc_client_create(&(struct cwc_client_options){
		.compiler = config->compiler,
		.cache_directory = config->cache_dir,
		.cache_bytes = config->cache ? config->cache_bytes : 0,
		.deadline_ms = (unsigned)config->compile_seconds * 1000,
		.memory_bytes = config->compile_memory,
		.log = on_log,
	});
}

struct cwc_client *cw_compiler(void)
{
	pthread_once(&once, make);
	return client;
}

void cw_compiler_unload(void)
{
	pthread_once(&once, make);
	if (client)
		cwc_client_unload(client);
}
