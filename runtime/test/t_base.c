/* SPDX-License-Identifier: MIT */
/* base/: lists, hashes, memory, settings, log groups. */
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/config.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/ref.h"
#include "test.h"

struct item {
	int number;
	struct cw_list link;
};

static void test_list(void)
{
	struct item items[4];
	struct cw_list head;
	struct cw_list other;
	int expected = 0;

	cw_list_init(&head);
	cw_list_init(&other);
	CHECK(cw_list_is_empty(&head));
	CHECK(!cw_list_pop(&head));
	for (int i = 0; i < 4; i++) {
		items[i].number = i;
		cw_list_add_tail(i < 2 ? &head : &other, &items[i].link);
	}
	cw_list_splice_tail(&head, &other);
	CHECK(cw_list_is_empty(&other));
	cw_list_for_each_safe(node, next, &head)
	{
		CHECK_EQ(cw_container_of(node, struct item, link)->number, expected++);
		if (expected == 2)
			cw_list_del(node);
	}
	CHECK_EQ(expected, 4);
	cw_list_del(&items[1].link);
	CHECK(cw_list_pop(&head) == &items[0].link);
	CHECK(cw_list_pop(&head) == &items[2].link);
	CHECK(cw_list_pop(&head) == &items[3].link);
	CHECK(cw_list_is_empty(&head));
}

static void test_hash(void)
{
	CHECK(cw_hash64("x", 1) != cw_hash64("x", 2));
	CHECK(cw_hash64("ab", 2) != cw_hash64("ba", 2));
	CHECK_EQ(cw_hash64("abc", 3), cw_hash64("abc", 3));
	CHECK(cw_hash_mix(1) >> 32 != cw_hash_mix(2) >> 32);
}

static void test_memory(void)
{
	static const size_t sizes[] = {
		1, 100, 4096, CW_MEMORY_HUGE - 1, CW_MEMORY_HUGE, CW_MEMORY_HUGE + 5};

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (size_t alignment = 1; alignment <= 4 * CW_MEMORY_HUGE; alignment *= 8) {
			char *memory = cw_memory_alloc(sizes[i], alignment);

			REQUIRE(memory);
			CHECK_EQ((uintptr_t)memory % alignment, 0);
			memory[0] = 1;
			memory[sizes[i] - 1] = 1;
			cw_memory_free(memory, sizes[i]);
		}
	}
	CHECK(!cw_memory_alloc(SIZE_MAX, 128));
	CHECK(!cw_memory_alloc(SIZE_MAX / 2, 128));
	cw_memory_free(NULL, 1);
}

static void test_config(void)
{
	uint64_t number = 7;
	bool flag = false;

	CHECK(cw_config_parse_bytes("3M", &number));
	CHECK_EQ(number, 3 << 20);
	CHECK(cw_config_parse_bytes("0x10k", &number));
	CHECK_EQ(number, 16 << 10);
	CHECK(!cw_config_parse_bytes("99999999999T", &number));
	CHECK(!cw_config_parse_bytes("3MB", &number));
	CHECK(!cw_config_parse_bytes("", &number));
	CHECK(!cw_config_parse_uint("-1", &number));
	CHECK(!cw_config_parse_uint("1 ", &number));
	CHECK_EQ(number, 16 << 10);
	CHECK(cw_config_parse_bool("On", &flag) && flag);
	CHECK(cw_config_parse_bool("0", &flag) && !flag);
	CHECK(!cw_config_parse_bool("2", &flag));
	/* From the environment: a good one, and one that keeps its default. */
	CHECK_EQ(cw_config()->cpu_threads, 3);
	CHECK(cw_config()->cpu_affinity);
}

static void test_log_groups(void)
{
	bool help;
	unsigned all = cw_log_parse("all", &help);
	unsigned none = cw_log_parse("none", &help);

	CHECK_EQ(none, 0);
	CHECK_EQ(all, (1u << CW_LOG_COUNT) - 1);
	CHECK(!help);
	CHECK_EQ(cw_log_parse("none,api, check", &help), 1u << CW_LOG_API | 1u << CW_LOG_CHECK);
	CHECK_EQ(cw_log_parse("all,-api", &help), all & ~(1u << CW_LOG_API));
	CHECK_EQ(cw_log_parse("nonsense", &help), cw_log_parse("", &help));
	cw_log_parse("api,help", &help);
	CHECK(help);
	CHECK(cw_log_enabled(CW_LOG_SVM));
	CHECK(!cw_log_enabled(CW_LOG_API));
}

static void test_cleanup(void)
{
	char *kept;
	{
		char *text cw_free = strdup("kept");

		kept = cw_steal(text);
		CHECK(!text);
	}
	CHECK(!strcmp(kept, "kept"));
	free(kept);
}

static void test_ref(void)
{
	atomic_uint refs;

	cw_ref_init(&refs);
	cw_ref_get(&refs);
	CHECK(!cw_ref_put(&refs));
	CHECK(cw_ref_put(&refs));
}

int main(void)
{
	setenv("CAUSEWAY_CPU_THREADS", "3", 1);
	setenv("CAUSEWAY_CPU_AFFINITY", "perhaps", 1);
	setenv("CAUSEWAY_DEBUG", "svm", 1);
	test_list();
	test_hash();
	test_memory();
	test_config();
	test_log_groups();
	test_cleanup();
	test_ref();
	return test_result();
}
