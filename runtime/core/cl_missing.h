/* SPDX-License-Identifier: MIT */
/*
 * What OpenCL 3.1 and newer extensions define and the headers of 2023 lack.
 * Each constant is skipped where newer headers have it.
 */
#ifndef CW_CL_MISSING_H
#define CW_CL_MISSING_H

#include "core/cl.h"

/* cl_khr_icd 2.0: marks a dispatch table that the loader replaces by its own. */
#ifndef CL_ICD2_TAG_KHR
#define CL_ICD2_TAG_KHR ((intptr_t)0x4F50454E434C3331)
#endif

/* cl_khr_icd_unloadable */
#ifndef CL_PLATFORM_UNLOADABLE_KHR
#define CL_PLATFORM_UNLOADABLE_KHR 0x0921
#endif

#endif
