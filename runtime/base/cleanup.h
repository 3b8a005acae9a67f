/* SPDX-License-Identifier: MIT */
/* Resources that give themselves back when their variable leaves its scope. */
#ifndef CW_CLEANUP_H
#define CW_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

/* Call @function with the address of the variable when it goes out of scope. */
#define cw_cleanup(function) __attribute__((cleanup(function)))

static inline void cw_cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void cw_cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* char *text cw_free = NULL; */
#define cw_free	 cw_cleanup(cw_cleanup_free)
/* int fd cw_close = -1; */
#define cw_close cw_cleanup(cw_cleanup_close)

/* Hand the pointer on: yields its value and leaves NULL, so that its cleanup does nothing. */
#define cw_steal(pointer)                                                                          \
	({                                                                                         \
		__typeof__(pointer) *cw_steal_from = &(pointer);                                   \
		__typeof__(pointer) cw_stolen = *cw_steal_from;                                    \
		*cw_steal_from = NULL;                                                             \
		cw_stolen;                                                                         \
	})

static inline int cw_steal_fd(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}

#endif
