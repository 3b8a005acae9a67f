/* SPDX-License-Identifier: MIT */
/* Emission of bodies: what body.c asks of its neighbours. */
#ifndef CWC_SPMD_BODY_H
#define CWC_SPMD_BODY_H

#include "internal.h"

/*
 * flatten.c: may the region from block @index up to @join run under its mask even if no
 * lane is active, and is that cheaper than to test for one?
 */
bool cwc_worth_flattening(struct cwc_body *body, int index, int join);

#endif
