/* SPDX-License-Identifier: MIT */
#include "client/client.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/cache.h"
#include "client/files.h"
#include "client/hash.h"
#include "client/pool.h"
#include "client/process.h"
#include "client/protocol.h"
#include "client/wire.h"

/*
 * struct cwc_client - see the header.  Constant after creation but for what
 * the pool and the cache guard themselves.
 * @identity: names the compiler and its library in cache keys.
 */
struct cwc_client {
	struct cwc_pool *pool;
	struct cwc_cache *cache;
	unsigned char identity[CWC_HASH_BYTES];
};

struct cwc_client *cwc_client_create(const struct cwc_client_options *options)
{
	struct cwc_pool_options pool = {
		.compiler = options->compiler,
		.deadline_ms = options->deadline_ms,
		.memory_bytes = options->memory_bytes,
		.max_workers = options->max_workers,
		.log = options->log,
	};
	struct cwc_client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->pool = cwc_pool_create(&pool);
	if (!client->pool) {
		free(client);
		return NULL;
	}
	client->cache = cwc_cache_open(options->cache_directory, options->cache_bytes);
	if (client->cache)
		cwc_compiler_identity(options->compiler, client->identity);
	return client;
}

void cwc_client_destroy(struct cwc_client *client)
{
	if (!client)
		return;
	cwc_cache_close(client->cache);
	cwc_pool_destroy(client->pool);
	free(client);
}

void cwc_client_warm(struct cwc_client *client)
{
	cwc_pool_warm(client->pool);
}

void cwc_client_unload(struct cwc_client *client)
{
	cwc_pool_drain(client->pool);
}

static int copy_log(const char *log, char **log_out)
{
	*log_out = strdup(log);
	return *log_out ? 0 : -ENOMEM;
}

/*
 * What a build leaves in the cache: its log, the state of the files that it
 * looked for, and the IR.  0 if the entry is there and still true.
 */
static int load_build(struct cwc_client *client, const unsigned char key[CWC_HASH_BYTES],
		      struct cwc_ir **ir_out, char **log_out)
{
	size_t bytes, serial_bytes;
	void *data = cwc_cache_load(client->cache, key, &bytes);
	struct cwc_reader in = cwc_reader_of(data, data ? bytes : 0);
	const char *log = cwc_get_string(&in);
	const char *files = cwc_get_string(&in);
	uint64_t state = cwc_get_u64(&in);
	const void *serial = cwc_get_blob(&in, &serial_bytes);
	int error = -ENOENT;

	if (data && cwc_reader_is_done(&in) && (!files || cwc_files_state(files) == state))
		error = cwc_ir_read(serial, serial_bytes, ir_out);
	if (!error)
		error = copy_log(log ? log : "", log_out);
	free(data);
	return error;
}

static void store_build(struct cwc_client *client, const unsigned char key[CWC_HASH_BYTES],
			const struct cwc_answer *answer)
{
	struct cwc_writer entry = {0};

	cwc_put_string(&entry, answer->log);
	cwc_put_string(&entry, *answer->files ? answer->files : NULL);
	cwc_put_u64(&entry, cwc_files_state(answer->files));
	cwc_put_blob(&entry, answer->result, answer->result_bytes);
	if (!entry.failed)
		cwc_cache_store(client->cache, key, entry.data, entry.bytes);
	cwc_writer_finish(&entry);
}

static int read_answer(const struct cwc_answer *answer, struct cwc_ir **ir_out, char **log_out)
{
	const char *log = answer->log;
	int error = -EINVAL;

	if (answer->kind == CWC_DONE) {
		error = cwc_ir_read(answer->result, answer->result_bytes, ir_out);
		if (error)
			log = "error: the compile worker's program cannot be read\n";
	}
	*log_out = strdup(log);
	if (!*log_out) {
		cwc_ir_put(*ir_out);
		*ir_out = NULL;
		return -ENOMEM;
	}
	return error;
}

/* Ask for an IR: from the cache when @key is not NULL and it is there, else from a worker. */
static int ask_for_ir(struct cwc_client *client, uint32_t kind, const struct cwc_writer *request,
		      bool cached, struct cwc_ir **ir_out, char **log_out)
{
	unsigned char key[CWC_HASH_BYTES];
	struct cwc_answer answer;
	struct cwc_hash hash;
	int error;

	*ir_out = NULL;
	*log_out = NULL;
	if (request->failed)
		return -ENOMEM;
	cached = cached && client->cache;
	if (cached) {
		cwc_hash_begin(&hash);
		cwc_hash_add(&hash, client->identity, sizeof(client->identity));
		cwc_hash_add_u64(&hash, kind);
		cwc_hash_add_field(&hash, request->data, request->bytes);
		cwc_hash_end(&hash, key);
		if (!load_build(client, key, ir_out, log_out))
			return 0;
	}
	error = cwc_pool_ask(client->pool, kind, request, &answer);
	if (error)
		return error;
	error = read_answer(&answer, ir_out, log_out);
	if (!error && cached)
		store_build(client, key, &answer);
	cwc_answer_finish(&answer);
	return error;
}

static uint32_t build_flags(const struct cwc_build *build)
{
	return (build->complete ? CWC_BUILD_COMPLETE : 0) |
	       (build->options->arg_info ? CWC_BUILD_ARG_INFO : 0) |
	       (build->options->uniform_groups ? CWC_BUILD_UNIFORM : 0) |
	       (build->options->opt_disable ? CWC_BUILD_OPT_DISABLE : 0);
}

/* The macros whose value is not the program's. */
static bool depends_on_time(const char *text)
{
	return strstr(text, "__DATE__") || strstr(text, "__TIME__") ||
	       strstr(text, "__TIMESTAMP__");
}

static bool includes_files(const struct cwc_build *build)
{
	if (strstr(build->source, "include"))
		return true;
	for (unsigned i = 0; i < build->options->num_args; i++) {
		if (strstr(build->options->args[i], "include"))
			return true;
	}
	return false;
}

int cwc_client_build(struct cwc_client *client, const struct cwc_build *build,
		     struct cwc_ir **ir_out, char **log_out)
{
	struct cwc_writer request = {0};
	bool cached = !depends_on_time(build->source);
	char here[PATH_MAX];
	const char *directory = includes_files(build) ? getcwd(here, sizeof(here)) : NULL;
	int error;

	cwc_put_u32(&request, build_flags(build));
	cwc_put_u32(&request, build->options->num_args + (directory ? 2 : 0));
	for (unsigned i = 0; i < build->options->num_args; i++) {
		cwc_put_string(&request, build->options->args[i]);
		cached = cached && !depends_on_time(build->options->args[i]);
	}
	/* Last of all, #include looks in the application's current directory. */
	if (directory) {
		cwc_put_string(&request, "-I");
		cwc_put_string(&request, directory);
	}
	cwc_put_u32(&request, build->num_headers);
	for (unsigned i = 0; i < build->num_headers; i++) {
		cwc_put_string(&request, build->headers[i].name);
		cwc_put_string(&request, build->headers[i].text);
		cached = cached && !depends_on_time(build->headers[i].text);
	}
	cwc_put_string(&request, build->source);
	error = ask_for_ir(client, CWC_BUILD, &request, cached, ir_out, log_out);
	cwc_writer_finish(&request);
	return error;
}

int cwc_client_link(struct cwc_client *client, struct cwc_ir *const *irs, unsigned count,
		    enum cwc_ir_kind kind, struct cwc_ir **ir_out, char **log_out)
{
	struct cwc_writer request = {0};
	int error;

	cwc_put_u32(&request, kind);
	cwc_put_u32(&request, count);
	for (unsigned i = 0; i < count; i++) {
		size_t bytes;
		const void *serial = cwc_ir_serial(irs[i], &bytes);

		cwc_put_blob(&request, serial, bytes);
	}
	error = ask_for_ir(client, CWC_LINK, &request, true, ir_out, log_out);
	cwc_writer_finish(&request);
	return error;
}

static void codegen_key(const struct cwc_client *client, const struct cwc_ir *ir,
			const char *kernel, const struct cwc_variant *variant,
			unsigned char key[CWC_HASH_BYTES])
{
	struct cwc_hash hash;

	cwc_hash_begin(&hash);
	cwc_hash_add(&hash, client->identity, sizeof(client->identity));
	cwc_hash_add_u64(&hash, CWC_CODEGEN);
	cwc_hash_add(&hash, cwc_ir_digest(ir), CWC_HASH_BYTES);
	cwc_hash_add_string(&hash, kernel);
	cwc_hash_add_u64(&hash, variant->isa);
	cwc_hash_add_u64(&hash, variant->width);
	cwc_hash_add_u64(&hash, variant->wide_ids);
	cwc_hash_end(&hash, key);
}

static void write_codegen(struct cwc_writer *request, const struct cwc_ir *ir, const char *kernel,
			  const struct cwc_variant *variant)
{
	const struct cwc_ir_facts *facts = cwc_ir_facts(ir);

	cwc_put_string(request, kernel);
	cwc_put_u32(request, variant->isa);
	cwc_put_u32(request, variant->width);
	cwc_put_u32(request, variant->wide_ids);
	cwc_put_u32(request, facts->flags & CWC_IR_OPT_DISABLE ? 1 : 3);
	cwc_put_blob(request, facts->bitcode, facts->bitcode_bytes);
}

static int copy_result(const struct cwc_answer *answer, void **object_out, size_t *bytes_out)
{
	if (answer->kind != CWC_DONE || !answer->result_bytes)
		return -EINVAL;
	*object_out = malloc(answer->result_bytes);
	if (!*object_out)
		return -ENOMEM;
	memcpy(*object_out, answer->result, answer->result_bytes);
	*bytes_out = answer->result_bytes;
	return 0;
}

int cwc_client_codegen(struct cwc_client *client, const struct cwc_ir *ir, const char *kernel,
		       const struct cwc_variant *variant, void **object_out, size_t *bytes_out,
		       char **log_out)
{
	unsigned char key[CWC_HASH_BYTES];
	struct cwc_writer request = {0};
	struct cwc_answer answer;
	int error;

	*log_out = NULL;
	codegen_key(client, ir, kernel, variant, key);
	*object_out = cwc_cache_load(client->cache, key, bytes_out);
	if (*object_out)
		return copy_log("", log_out);
	write_codegen(&request, ir, kernel, variant);
	error = cwc_pool_ask(client->pool, CWC_CODEGEN, &request, &answer);
	cwc_writer_finish(&request);
	if (error)
		return error;
	error = copy_log(answer.log, log_out);
	if (!error)
		error = copy_result(&answer, object_out, bytes_out);
	if (!error)
		cwc_cache_store(client->cache, key, *object_out, *bytes_out);
	cwc_answer_finish(&answer);
	return error;
}
