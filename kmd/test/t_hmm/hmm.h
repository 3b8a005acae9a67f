/* SPDX-License-Identifier: MIT */
/* What the parts of t_hmm share. */
#ifndef T_HMM_H
#define T_HMM_H

#include "kt.h"

#define PAGES 256
#define BYTES (PAGES * KT_PAGE)

/*
 * struct hmm - a client; @p: memory of BYTES bytes
 */
struct hmm {
	struct kt_vm vm;
	struct kt_queue queue;
	char *p;
};

void hmm_open(struct hmm *h);
/* Moves to the device where there is a memory to move to. */
void hmm_move_in(struct hmm *h, char *p, size_t bytes);

/* Large pages that move, and exclusive access. */
void hmm_page_cases(void);

#endif
