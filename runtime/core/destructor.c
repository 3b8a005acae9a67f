/* SPDX-License-Identifier: MIT */
#include "core/destructor.h"

#include <stdlib.h>

bool cw_destructor_add(struct cw_destructor **list, void (*function)(void), void *user)
{
	struct cw_destructor *destructor = malloc(sizeof(*destructor));

	if (!destructor)
		return false;
	destructor->function = function;
	destructor->user = user;
	destructor->next = __atomic_load_n(list, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(list, &destructor->next, destructor, true,
					    __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		;
	return true;
}

void cw_destructors_run(struct cw_destructor **list, void *owner,
			void (*call)(void *owner, const struct cw_destructor *destructor))
{
	struct cw_destructor *destructor = __atomic_exchange_n(list, NULL, __ATOMIC_ACQUIRE);

	while (destructor) {
		struct cw_destructor *next = destructor->next;

		call(owner, destructor);
		free(destructor);
		destructor = next;
	}
}
