/* SPDX-License-Identifier: MIT */
/*
 * The dispatch table that every handle points to.
 *
 * The two tagged slots tell a loader of cl_khr_icd 2.0 to ask
 * clIcdGetFunctionAddressForPlatformKHR for each function and to dispatch
 * through a table of its own.  Older loaders use this one and never look at
 * those slots: they answer both calls themselves.
 */
#include "api/api.h"
#include "core/platform.h"

const cl_icd_dispatch cw_dispatch = {
#define CW_ENTRY(name)	      .name = cw_api_##name,
#define CW_TAGGED_ENTRY(name) .name = (cl_api_##name)CL_ICD2_TAG_KHR,
#define CW_NO_ENTRY(name)     .name = NULL,
#include "api/entry-points.def"
};

/* A slot that the list lacks would be a crash for whoever calls it. */
enum {
#define CW_ENTRY(name)	  SLOT_##name,
#define CW_NO_ENTRY(name) SLOT_##name,
#include "api/entry-points.def"
	SLOT_COUNT
};
_Static_assert(sizeof(cl_icd_dispatch) == SLOT_COUNT * sizeof(void *), "every slot is listed");
