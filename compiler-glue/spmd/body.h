/* SPDX-License-Identifier: MIT */
/* Emission of bodies: what body.c asks of its neighbours. */
#ifndef CWC_SPMD_BODY_H
#define CWC_SPMD_BODY_H

#include "internal.h"

/* flatten.c: is it cheaper to run block @index under its mask than to test for any lane? */
bool cwc_worth_flattening(struct cwc_body *body, int index);

#endif
