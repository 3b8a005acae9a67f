/* SPDX-License-Identifier: MIT */
/* Ranges of addresses that aren't, for every ioctl that takes one. */
#include "uapi.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/*
 * struct range - a range that none of them takes
 * @start_add: to the start of valid memory; @start: instead of it, if not 0
 * @beyond: @start is an offset from the end of what the device reaches
 */
struct range {
	const char *name;
	uint64_t start_add;
	uint64_t start;
	uint64_t length;
	bool beyond;
};

static const struct range ranges[] = {
	{"empty", 0, 0, 0, false},
	{"odd-start", 1, 0, KT_PAGE, false},
	{"half-page-start", KT_PAGE / 2, 0, KT_PAGE, false},
	{"odd-length", 0, 0, KT_PAGE + 1, false},
	{"short", 0, 0, 1, false},
	{"whole", 0, 0, -KT_PAGE, false},
	{"wraps", 0, -KT_PAGE, 2 * KT_PAGE, false},
	{"ends-at-zero", 0, -KT_PAGE, KT_PAGE, false},
	{"kernel", 0, 0xffff888000000000, KT_PAGE, false},
	{"beyond", 0, 0, KT_PAGE, true},
	{"non-canonical", 0, 0x0200000000000000, KT_PAGE, false},
	{"over-the-top", 0, -KT_PAGE, 2 * KT_PAGE, true},
	{"top-bit", 0, 1ull << 63, KT_PAGE, false},
};

enum taker {
	TAKE_ADVISE,
	TAKE_MIGRATE_IN,
	TAKE_MIGRATE_OUT,
	TAKE_RESIDENCY,
	TAKE_ATTRS,
	TAKE_ACCESS
};

static const char *const taker_names[] = {
	[TAKE_ADVISE] = "advise",
	[TAKE_MIGRATE_IN] = "migrate-in",
	[TAKE_MIGRATE_OUT] = "migrate-out",
	[TAKE_RESIDENCY] = "residency",
	[TAKE_ATTRS] = "attrs",
	[TAKE_ACCESS] = "access",
};

static int take(struct uapi *u, enum taker taker, uint64_t start, uint64_t length)
{
	static char data[65536];
	union uapi_arg arg = {0};
	enum uapi_which which = UAPI_QUERY;

	if (taker == TAKE_ADVISE)
		which = UAPI_ADVISE;
	else if (taker == TAKE_MIGRATE_IN || taker == TAKE_MIGRATE_OUT)
		which = UAPI_MIGRATE;
	uapi_calls[which].make(u, &arg);
	/* start and length lead in each of the three structs. */
	arg.query.start = start;
	arg.query.length = length;
	if (which == UAPI_MIGRATE) {
		arg.migrate.location = taker == TAKE_MIGRATE_IN ? DRM_CAUSEWAY_LOCATION_DEVICE
								: DRM_CAUSEWAY_LOCATION_SYSTEM;
	} else if (which == UAPI_QUERY) {
		arg.query.data = (uintptr_t)data;
		arg.query.count = 64;
		arg.query.type = taker == TAKE_RESIDENCY ? DRM_CAUSEWAY_QUERY_RESIDENCY
				 : taker == TAKE_ATTRS	 ? DRM_CAUSEWAY_QUERY_ATTRS
							 : DRM_CAUSEWAY_QUERY_ACCESS;
	}
	return kt_ioctl(u->vm.fd, uapi_calls[which].request, &arg);
}

/*
 * struct taken - a range and who gets it
 */
struct taken {
	const struct range *range;
	enum taker taker;
};

static int expected(struct uapi *u, enum taker taker, int error)
{
	bool moves = taker == TAKE_MIGRATE_IN || taker == TAKE_MIGRATE_OUT;

	return moves && !kt_can_migrate(&u->vm) ? -EOPNOTSUPP : error;
}

static void bad_range(const void *param)
{
	const struct taken *t = param;
	struct uapi u;
	uint64_t start;
	int err;

	uapi_open(&u);
	start = t->range->start ? t->range->start : (uintptr_t)u.memory + t->range->start_add;
	if (t->range->beyond)
		start = u.vm.info.va_end + t->range->start;
	err = take(&u, t->taker, start, t->range->length);
	/* Which of two mistakes is told first is the driver's choice. */
	if (err != -EINVAL)
		KT_EQ(err, expected(&u, t->taker, -EINVAL));
	KT_EQ(take(&u, t->taker, (uintptr_t)u.memory, UAPI_BYTES), expected(&u, t->taker, 0));
}

/* A range that is unmapped, or has a hole: told, and nothing else happens. */
static void unmapped_range(const void *param)
{
	enum taker taker = ((const struct taken *)param)->taker;
	bool queries = taker >= TAKE_RESIDENCY;
	struct uapi u;

	uapi_open(&u);
	kt_unmap(u.memory + 2 * KT_PAGE, KT_PAGE);
	KT_EQ(take(&u, taker, (uintptr_t)u.memory, UAPI_BYTES),
	      queries ? 0 : expected(&u, taker, -ENXIO));
	KT_EQ(take(&u, taker, (uintptr_t)u.memory + 2 * KT_PAGE, KT_PAGE),
	      queries ? 0 : expected(&u, taker, -ENXIO));
	/* The rest of a range with a hole is there for MIGRATE. */
	KT_EQ(take(&u, taker, (uintptr_t)u.memory + 3 * KT_PAGE, KT_PAGE), expected(&u, taker, 0));
	KT_EQ(kt_wrong(u.memory + 3 * KT_PAGE, UAPI_PAGES - 3, KT_PAGE, 4), 0);
}

static void hole_sets_nothing(const void *param)
{
	struct uapi u;

	(void)param;
	uapi_open(&u);
	kt_unmap(u.memory + 2 * KT_PAGE, KT_PAGE);
	KT_EQ(take(&u, TAKE_ADVISE, (uintptr_t)u.memory, UAPI_BYTES), -ENXIO);
	KT_EQ(kt_counter(&u.vm, DRM_CAUSEWAY_COUNTER_ATTR_RANGES), 0);
}

static void hole_moves_rest(const void *param)
{
	struct drm_causeway_migrate result;
	struct uapi u;

	(void)param;
	uapi_open(&u);
	kt_unmap(u.memory + 2 * KT_PAGE, KT_PAGE);
	KT_EQ(kt_migrate(&u.vm, u.memory, UAPI_BYTES, DRM_CAUSEWAY_LOCATION_DEVICE, &result),
	      -ENXIO);
	KT_EQ(kt_device_pages(&u.vm, u.memory, 2 * KT_PAGE), 2);
	KT_EQ(kt_device_pages(&u.vm, u.memory + 3 * KT_PAGE, (UAPI_PAGES - 3) * KT_PAGE),
	      UAPI_PAGES - 3);
}

/* Attributes: types, values, the same twice; all or nothing. */
struct attr_case {
	const char *name;
	struct drm_causeway_attr attrs[3];
	uint32_t count;
};

static const struct attr_case attr_cases[] = {
	{"type-unknown", {{DRM_CAUSEWAY_ATTR_COUNT, 0}}, 1},
	{"type-all-ones", {{~0u, 0}}, 1},
	{"type-twice", {{DRM_CAUSEWAY_ATTR_LOCATION, 1}, {DRM_CAUSEWAY_ATTR_LOCATION, 1}}, 2},
	{"location-value", {{DRM_CAUSEWAY_ATTR_LOCATION, 3}}, 1},
	{"location-all-ones", {{DRM_CAUSEWAY_ATTR_LOCATION, ~0u}}, 1},
	{"read-mostly-value", {{DRM_CAUSEWAY_ATTR_READ_MOSTLY, 2}}, 1},
	{"atomics-value", {{DRM_CAUSEWAY_ATTR_ATOMICS, 3}}, 1},
	{"access-value", {{DRM_CAUSEWAY_ATTR_ACCESS, 3}}, 1},
	{"granule-small", {{DRM_CAUSEWAY_ATTR_GRANULE, 11}}, 1},
	{"granule-one", {{DRM_CAUSEWAY_ATTR_GRANULE, 1}}, 1},
	{"granule-large", {{DRM_CAUSEWAY_ATTR_GRANULE, 22}}, 1},
	{"granule-all-ones", {{DRM_CAUSEWAY_ATTR_GRANULE, ~0u}}, 1},
	{"second-bad", {{DRM_CAUSEWAY_ATTR_LOCATION, 1}, {DRM_CAUSEWAY_ATTR_ACCESS, 9}}, 2},
	{"third-bad", {{DRM_CAUSEWAY_ATTR_LOCATION, 1}, {DRM_CAUSEWAY_ATTR_ACCESS, 1}, {77, 0}}, 3},
};

static void bad_attr(const void *param)
{
	const struct attr_case *a = param;
	union uapi_arg arg = {0};
	struct uapi u;

	uapi_open(&u);
	uapi_calls[UAPI_ADVISE].make(&u, &arg);
	arg.advise.attrs = (uintptr_t)a->attrs;
	arg.advise.attr_count = a->count;
	KT_EQ(kt_ioctl(u.vm.fd, DRM_IOCTL_CAUSEWAY_ADVISE, &arg), -EINVAL);
	KT_EQ(kt_counter(&u.vm, DRM_CAUSEWAY_COUNTER_ATTR_RANGES), 0);
	KT_EQ(uapi_valid(&u, UAPI_ADVISE), 0);
}

static void exclusive_without(const void *param)
{
	struct uapi u;
	int err;

	(void)param;
	uapi_open(&u);
	err = kt_advise(&u.vm, u.memory, UAPI_BYTES, DRM_CAUSEWAY_ATTR_ATOMICS,
			DRM_CAUSEWAY_ATOMICS_EXCLUSIVE);
	KT_EQ(err, u.vm.info.caps & DRM_CAUSEWAY_CAP_EXCLUSIVE ? 0 : -EOPNOTSUPP);
}

void uapi_range_cases(void)
{
	static struct taken taken[(KT_COUNT(ranges) + 1) * KT_COUNT(taker_names)];
	size_t used = 0;
	char name[100];

	for (unsigned int taker = 0; taker < KT_COUNT(taker_names); taker++) {
		struct kt_case c = {.name = name};

		for (size_t i = 0; i < KT_COUNT(ranges); i++) {
			c.run = bad_range;
			c.param = &taken[used];
			taken[used++] = (struct taken){&ranges[i], taker};
			snprintf(name, sizeof(name), "range-%s-%s", taker_names[taker],
				 ranges[i].name);
			kt_add(&c);
		}
		c.run = unmapped_range;
		c.param = &taken[used];
		taken[used++] = (struct taken){NULL, taker};
		snprintf(name, sizeof(name), "range-%s-unmapped", taker_names[taker]);
		kt_add(&c);
	}
	for (size_t i = 0; i < KT_COUNT(attr_cases); i++) {
		struct kt_case c = {.name = name, .run = bad_attr, .param = &attr_cases[i]};

		snprintf(name, sizeof(name), "attr-%s", attr_cases[i].name);
		kt_add(&c);
	}
	kt_add(&(struct kt_case){.name = "attr-exclusive-without", .run = exclusive_without});
	kt_add(&(struct kt_case){.name = "range-hole-sets-nothing", .run = hole_sets_nothing});
	kt_add(&(struct kt_case){
		.name = "range-hole-moves-rest", .run = hole_moves_rest, .flags = KT_MIGRATE});
}
