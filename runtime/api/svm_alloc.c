/* SPDX-License-Identifier: MIT */
/* Allocating SVM: OpenCL 3.0, 5.6.1.  These calls have no error codes; the log says why. */
#include "api/api.h"
#include "api/check.h"
#include "core/context.h"
#include "core/svm.h"

#define ACCESS_FLAGS (CL_MEM_READ_WRITE | CL_MEM_READ_ONLY | CL_MEM_WRITE_ONLY)
#define SVM_FLAGS    (CL_MEM_SVM_FINE_GRAIN_BUFFER | CL_MEM_SVM_ATOMICS)

static cl_int check_flags(const struct cw_context *context, cl_svm_mem_flags flags)
{
	cl_device_svm_capabilities svm = cw_context_svm(context);

	CW_CHECK(svm, CL_INVALID_OPERATION, "no device of the context has SVM");
	CW_CHECK(cw_flags_are_valid(flags, ACCESS_FLAGS | SVM_FLAGS), CL_INVALID_VALUE,
		 "flags 0x%lx has unknown bits", (unsigned long)flags);
	CW_CHECK(cw_at_most_one(flags, ACCESS_FLAGS), CL_INVALID_VALUE,
		 "flags 0x%lx has more than one kind of access", (unsigned long)flags);
	CW_CHECK(!(flags & CL_MEM_SVM_ATOMICS) || flags & CL_MEM_SVM_FINE_GRAIN_BUFFER,
		 CL_INVALID_VALUE, "CL_MEM_SVM_ATOMICS without CL_MEM_SVM_FINE_GRAIN_BUFFER");
	CW_CHECK(!(flags & CL_MEM_SVM_FINE_GRAIN_BUFFER) || svm & CL_DEVICE_SVM_FINE_GRAIN_BUFFER,
		 CL_INVALID_OPERATION, "no device of the context has fine-grained buffers");
	CW_CHECK(!(flags & CL_MEM_SVM_ATOMICS) || svm & CL_DEVICE_SVM_ATOMICS, CL_INVALID_OPERATION,
		 "no device of the context has SVM atomics");
	return CL_SUCCESS;
}

static cl_int svm_alloc(cl_context context, cl_svm_mem_flags flags, size_t size, cl_uint alignment,
			void **pointer_out)
{
	CW_CHECK_CONTEXT(context);
	CW_TRY(check_flags(cw_context(context), flags));
	CW_CHECK(size, CL_INVALID_BUFFER_SIZE, "size is 0");
	CW_CHECK(size <= cw_context_max_alloc(cw_context(context)), CL_INVALID_BUFFER_SIZE,
		 "size %zu is over CL_DEVICE_MAX_MEM_ALLOC_SIZE", size);
	CW_CHECK(!(alignment & (alignment - 1)) && alignment <= CW_SVM_MAX_ALIGNMENT,
		 CL_INVALID_VALUE, "alignment %u is not a power of two up to 2^30", alignment);
	*pointer_out = cw_svm_alloc(cw_context(context), flags, size, alignment);
	CW_CHECK(*pointer_out, CL_OUT_OF_RESOURCES, "no memory for %zu bytes", size);
	return CL_SUCCESS;
}

void *CL_API_CALL cw_api_clSVMAlloc(cl_context context, cl_svm_mem_flags flags, size_t size,
				    cl_uint alignment)
{
	void *pointer = NULL;

	CW_API();
	(void)svm_alloc(context, flags, size, alignment, &pointer);
	return pointer;
}

static cl_int svm_free(cl_context context, void *pointer)
{
	CW_CHECK_CONTEXT(context);
	CW_CHECK(!pointer || cw_svm_free(cw_context(context), pointer), CL_INVALID_VALUE,
		 "%p did not come from clSVMAlloc of this context", pointer);
	return CL_SUCCESS;
}

void CL_API_CALL cw_api_clSVMFree(cl_context context, void *svm_pointer)
{
	CW_API();
	(void)svm_free(context, svm_pointer);
}
