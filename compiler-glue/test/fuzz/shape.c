/* SPDX-License-Identifier: MIT */
#include "shape.h"

#include <inttypes.h>
#include <stdio.h>

static const uint16_t lines[] = {1, 2, 3, 5, 7, 8, 13, 16, 17, 24, 31, 32, 33, 64, 100, 256};
static const uint16_t planes[][2] = {
	{16, 16}, {1, 64}, {7, 5}, {5, 1}, {4, 4}, {8, 3}, {17, 2}, {2, 9}, {32, 2}, {3, 3},
};
static const uint16_t boxes[][3] = {
	{7, 5, 3}, {2, 2, 2}, {4, 1, 9}, {1, 1, 8}, {16, 2, 2}, {5, 4, 3}, {1, 7, 2},
};

static uint32_t draw(uint64_t *state, uint32_t below)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 40) % below;
}

static void local_size(struct shape *shape, uint64_t *state)
{
	unsigned line = draw(state, sizeof(lines) / sizeof(*lines));
	unsigned plane = draw(state, sizeof(planes) / sizeof(*planes));
	unsigned box = draw(state, sizeof(boxes) / sizeof(*boxes));

	for (unsigned i = 0; i < 3; i++) {
		shape->local[i] = 1;
		if (shape->dims == 1 && i == 0)
			shape->local[i] = lines[line];
		else if (shape->dims == 2 && i < 2)
			shape->local[i] = planes[plane][i];
		else if (shape->dims == 3)
			shape->local[i] = boxes[box][i];
	}
}

void shapes_pick(struct shape shapes[SHAPES], unsigned dims, const unsigned local[3], uint64_t seed)
{
	uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;

	for (unsigned s = 0; s < SHAPES; s++) {
		struct shape *shape = &shapes[s];

		*shape = (struct shape){.dims = dims};
		local_size(shape, &state);
		for (unsigned i = 0; i < 3 && local[0]; i++)
			shape->local[i] = local[i];
		for (unsigned i = 0; i < 3; i++) {
			unsigned most = dims == 1 ? 4 : 2;
			uint64_t groups = i < dims ? draw(&state, most) + 1 : 1;

			shape->global[i] = shape->local[i] * groups;
			/* The last group may be smaller. */
			if (i < dims && s % 2)
				shape->global[i] -= draw(&state, (uint32_t)shape->local[i]);
			if (i < dims && s % 3 == 2)
				shape->offset[i] = draw(&state, 9);
		}
	}
}

uint64_t shape_span(const struct shape *shape)
{
	return (shape->global[0] + shape->offset[0]) * (shape->global[1] + shape->offset[1]) *
	       (shape->global[2] + shape->offset[2]);
}

uint64_t shape_local_items(const struct shape *shape)
{
	return shape->local[0] * shape->local[1] * shape->local[2];
}

uint64_t shape_groups(const struct shape *shape, unsigned dim)
{
	return (shape->global[dim] + shape->local[dim] - 1) / shape->local[dim];
}

const char *shape_name(const struct shape *shape, char *text, unsigned bytes)
{
	const uint64_t *g = shape->global, *o = shape->offset, *l = shape->local;

	snprintf(text, bytes,
		 "%" PRIu64 "x%" PRIu64 "x%" PRIu64 "+%" PRIu64 ",%" PRIu64 ",%" PRIu64 "/%" PRIu64
		 "x%" PRIu64 "x%" PRIu64,
		 g[0], g[1], g[2], o[0], o[1], o[2], l[0], l[1], l[2]);
	return text;
}
