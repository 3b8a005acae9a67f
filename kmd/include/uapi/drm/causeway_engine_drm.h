/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * The engine's side of the causeway DRM driver: ioctls of engine_fd alone, the file that
 * DRM_IOCTL_CAUSEWAY_VM_CREATE returns.
 *
 * DOC: the engine
 *
 * The device's processor is a process: its memory-management unit is the
 * device's.  The client starts it with the engine_fd of its VM.  It maps
 * everything outside the window from that file (MAP_SHARED | MAP_NORESERVE,
 * offset equal to address, no PROT_EXEC), attaches, and each of its threads
 * asks for jobs.  It has the rights of the process that started it and can
 * reach nothing but the VM: another process that holds the file can't attach
 * while it lives.  These ioctls work on engine_fd alone.
 */
#ifndef _UAPI_CAUSEWAY_ENGINE_DRM_H_
#define _UAPI_CAUSEWAY_ENGINE_DRM_H_

#include "causeway_drm.h"

#define CAUSEWAY_ENGINE_IOCTL_TYPE 'C'
#define CAUSEWAY_ENGINE_ATTACH                                                                     \
	_IOWR(CAUSEWAY_ENGINE_IOCTL_TYPE, 0x00, struct causeway_engine_attach)
#define CAUSEWAY_ENGINE_NEXT _IOWR(CAUSEWAY_ENGINE_IOCTL_TYPE, 0x01, struct causeway_engine_next)

/**
 * struct causeway_engine_attach - make the calling process the VM's engine
 * @window_start: out: the VM's window
 * @window_size: out
 * @stop_signal: the real-time signal with which the driver asks a thread to leave
 *	its job: sent to the thread while it has the job, si_value is the job's number
 * @flags: 0
 *
 * Errors: EBUSY (there is one), EINVAL (the caller is the owner, or its mappings
 * are not as they must be).
 */
struct causeway_engine_attach {
	__u64 window_start;
	__u64 window_size;
	__u32 stop_signal;
	__u32 flags;
};

/**
 * struct causeway_engine_next - a thread has done its part of a job and asks for more
 *
 * A job is given to as many threads as its width says, as they become free, and
 * is over when one of them said so and all have come back.  Sleeps until there
 * is one.
 *
 * @job: in: number of the job it was given last, 0: none; out: the new one
 * @status: in: enum drm_causeway_job_status; out: 0
 * @signal: in: the signal that ended it, with FAULT or EXCEPTION; out: 0
 * @address: in: what the signal says; out: drm_causeway_job.address
 * @ip: in: instruction that raised it; out: 0
 * @command_id: in: DRM_CAUSEWAY_EVENT_READ or _WRITE, of a page fault; out: the
 *	client's number
 *
 * No job is given while a signal is pending.  With EINTR and ESHUTDOWN the
 * struct says that the thread has none.
 *
 * Errors: ESHUTDOWN (the VM has ended: exit), EINTR (ask again).
 */
struct causeway_engine_next {
	__u64 job;
	__u32 status;
	__u32 signal;
	__u64 address;
	__u64 ip;
	__u64 command_id;
};

#endif
