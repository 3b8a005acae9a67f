/* SPDX-License-Identifier: MIT */
/*
 * The contract between compiled code and whatever runs it: the in-process cpu
 * device and the libc-free engine of the kernel-driven device.  Nothing here
 * depends on libc or on OpenCL's headers.
 *
 * DOC: code objects
 *
 * The compiler emits one relocatable x86-64 ELF object a kernel.  It has no
 * undefined symbols and only R_X86_64_PC32 and R_X86_64_PLT32 relocations; it
 * holds no writable data.  Its entry is the global symbol CWC_ENTRY_SYMBOL, a
 * cwc_group_fn; its facts are one struct cwc_kernel_note in section
 * CWC_NOTE_SECTION (an ELF note, owner CWC_NOTE_NAME, type CWC_NOTE_KERNEL).
 *
 * Program-scope variables of a program live in one block, shared by all its
 * kernels: a second object a program, with section .data only, the symbol
 * CWC_GLOBALS_SYMBOL and R_X86_64_64 relocations into itself.  The loader
 * makes a private copy for each program and device.
 *
 * The same bytes serve the disk cache and CL_PROGRAM_BINARIES, so a reader
 * checks everything before use.
 */
#ifndef CWC_ABI_H
#define CWC_ABI_H

#include <stddef.h>
#include <stdint.h>

#define CWC_ABI_VERSION 1

#define CWC_ENTRY_SYMBOL   "cw_entry"
#define CWC_GLOBALS_SYMBOL "cw_globals"
#define CWC_NOTE_SECTION   ".note.causeway"
#define CWC_NOTE_NAME	   "Causeway"
#define CWC_NOTE_KERNEL	   1

/* The group that CWC_KERNEL_ROWS asks for. */
#define CWC_GOOD_ROWS	 16
#define CWC_GOOD_COLUMNS 128

/* Alignment of local memory, chunk frames and every local argument. */
#define CWC_ARENA_ALIGN 128

/*
 * enum cwc_isa - the instruction sets that code is compiled for.
 *
 * Chosen at run time from CPUID and XCR0; each includes those before it.
 */
enum cwc_isa {
	CWC_ISA_NONE = 0,   /* not chosen: no code has it */
	CWC_ISA_SSE4 = 1,   /* x86-64-v2: SSE4.2, POPCNT, CX16 */
	CWC_ISA_AVX2 = 2,   /* x86-64-v3: AVX2, FMA, BMI2 */
	CWC_ISA_AVX512 = 3, /* x86-64-v4: AVX-512 F, BW, CD, DQ, VL */
};

/* Bits of cwc_kernel_note.flags. */
enum cwc_kernel_flags {
	CWC_KERNEL_BARRIER = 1u << 0,  /* has barriers: every chunk of a group has a frame */
	CWC_KERNEL_PRINTF = 1u << 1,   /* writes launch->printf */
	CWC_KERNEL_GLOBALS = 1u << 2,  /* reads launch->globals */
	CWC_KERNEL_LOCAL_ID = 1u << 3, /* observes group boundaries: local id, local size,
					* group id, local memory, group functions */
	CWC_KERNEL_WIDE_IDS = 1u << 4, /* compiled for global ids of 2^31 and above */
	CWC_KERNEL_ROWS = 1u << 5,     /* rows of a group share data: prefer groups of several rows
					* (CWC_GOOD_*) where the size is free */
};

/*
 * struct cwc_kernel_note - what the launcher has to know of a compiled kernel.
 * @abi_version: CWC_ABI_VERSION.
 * @isa: enum cwc_isa that the code needs.
 * @width: work-items of one chunk (lanes), 1 to 64; a sub-group is one chunk.
 * @flags: enum cwc_kernel_flags.
 * @arg_bytes: size of the argument block.
 * @pad: zero.
 * @frame_bytes: memory of one chunk for what lives across barriers and for
 *	large private arrays; may be 0; a multiple of CWC_ARENA_ALIGN.  Without
 *	CWC_KERNEL_BARRIER one frame serves all chunks.
 * @local_bytes: local memory of the kernel's own __local variables; local
 *	arguments are placed after it.
 * @private_bytes: private memory of one work-item (CL_KERNEL_PRIVATE_MEM_SIZE).
 * @stack_bytes: most stack that one call of the entry may use.
 */
struct cwc_kernel_note {
	uint32_t abi_version;
	uint32_t isa;
	uint32_t width;
	uint32_t flags;
	uint32_t arg_bytes;
	uint32_t pad;
	uint64_t frame_bytes;
	uint64_t local_bytes;
	uint64_t private_bytes;
	uint64_t stack_bytes;
};

/*
 * struct cwc_printf_buffer - where kernels leave their printf records.
 * @bytes: size of @data.
 * @used: bytes claimed; may pass @bytes: a record that does not fit whole is
 *	dropped and its printf returns -1.
 * @data: records, each 8-byte aligned and starting with cwc_printf_record.
 */
struct cwc_printf_buffer {
	uint64_t bytes;
	uint64_t used; /* atomic add by compiled code */
	unsigned char data[];
};

/*
 * struct cwc_printf_record - one printf call of one work-item.
 * @bytes: of the whole record, a multiple of 8.
 * @args: how many arguments follow.
 * @format: the format string, in the code object's constant data.
 *
 * Then, for each argument, a cwc_printf_arg and its bytes, padded to 8.  A
 * vector argument is stored as its elements; a string as a pointer.
 */
struct cwc_printf_record {
	uint32_t bytes;
	uint32_t args;
	uint64_t format;
};

struct cwc_printf_arg {
	uint16_t element_bytes; /* 1, 2, 4 or 8 */
	uint16_t elements;	/* 1, 2, 3, 4, 8 or 16 */
	uint32_t bytes;		/* what follows, without padding */
};

/*
 * struct cwc_launch - one ND-range, read-only while it runs.
 * @global_size: work-items in each dimension; unused dimensions are 1.
 * @global_offset: get_global_offset().
 * @local_size: get_enqueued_local_size(); the last group of a dimension may
 *	be smaller (non-uniform work-groups): its size follows from
 *	@global_size.
 * @num_groups: ceil(@global_size / @local_size).
 * @work_dim: 1 to 3.
 * @pad: zero.
 * @args: the argument block, CWC_ARENA_ALIGN aligned.  Argument i lies at its offset of the
 * kernel's metadata; values are stored as in memory; global and constant arguments as 64-bit
 * addresses; a local argument as the byte offset of its memory in cwc_scratch.local.
 * @globals: the program's block of program-scope variables, or NULL.
 * @printf: the printf buffer, or NULL when CWC_KERNEL_PRINTF is not set.
 */
struct cwc_launch {
	uint64_t global_size[3];
	uint64_t global_offset[3];
	uint64_t local_size[3];
	uint64_t num_groups[3];
	uint32_t work_dim;
	uint32_t pad;
	const void *args;
	void *globals;
	struct cwc_printf_buffer *printf;
};

/*
 * struct cwc_scratch - memory of one worker, used by one group at a time.
 * @local: local memory, CWC_ARENA_ALIGN aligned.
 * @frames: chunk frames, CWC_ARENA_ALIGN aligned: cwc_frames_bytes().
 * @local_bytes, @frames_bytes: how much there is; they tell in which address space
 *	a generic pointer lies.
 */
struct cwc_scratch {
	void *local;
	void *frames;
	uint64_t local_bytes;
	uint64_t frames_bytes;
};

/*
 * cwc_group_fn - run the work-groups [x_begin, x_end) of row (@y, @z).
 *
 * Compiled code keeps no state between calls and may be entered by any number
 * of threads at once, each with its own @scratch.
 */
typedef void cwc_group_fn(const struct cwc_launch *launch, struct cwc_scratch *scratch,
			  uint64_t x_begin, uint64_t x_end, uint64_t y, uint64_t z);

/* Chunks of one full group: the x dimension is cut into pieces of @width. */
static inline uint64_t cwc_chunks(const struct cwc_kernel_note *note, const uint64_t local_size[3])
{
	return (local_size[0] + note->width - 1) / note->width * local_size[1] * local_size[2];
}

/* Bytes of cwc_scratch.frames for groups of @local_size. */
static inline uint64_t cwc_frames_bytes(const struct cwc_kernel_note *note,
					const uint64_t local_size[3])
{
	return (note->flags & CWC_KERNEL_BARRIER ? cwc_chunks(note, local_size) : 1) *
	       note->frame_bytes;
}

#endif
