/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints.  @command is the number that the client gave the job
 * (drm_causeway_job.command_id), 0 where no job is the cause; the same number
 * stands in the client's own trace.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM causeway

#if !defined(CAUSEWAY_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define CAUSEWAY_TRACE_H

#include <linux/tracepoint.h>
#include <linux/types.h>

/* A device fault ended; @reason is 0 if it was served. */
TRACE_EVENT(causeway_fault,
	    TP_PROTO(unsigned int instance, u64 command, unsigned long address, bool write,
		     unsigned int pages, u64 duration_ns, unsigned int reason),
	    TP_ARGS(instance, command, address, write, pages, duration_ns, reason),
	    TP_STRUCT__entry(__field(u64, command)
			     __field(u64, duration_ns)
			     __field(unsigned long, address)
			     __field(unsigned int, instance)
			     __field(unsigned int, pages)
			     __field(unsigned int, reason)
			     __field(bool, write)),
	    TP_fast_assign(__entry->command = command;
			   __entry->duration_ns = duration_ns;
			   __entry->address = address;
			   __entry->instance = instance;
			   __entry->pages = pages;
			   __entry->reason = reason;
			   __entry->write = write;),
	    TP_printk("instance=%u command=%llu address=%#lx %s pages=%u duration_ns=%llu reason=%u",
		      __entry->instance, __entry->command, __entry->address,
		      __entry->write ? "write" : "read", __entry->pages, __entry->duration_ns,
		      __entry->reason)
);

/* Pages moved in (@in) or home; those that were to move and did not are @skipped. */
TRACE_EVENT(causeway_migrate,
	    TP_PROTO(unsigned int instance, u64 command, unsigned long start, unsigned long end,
		     bool in, unsigned long moved, unsigned long skipped, u64 duration_ns),
	    TP_ARGS(instance, command, start, end, in, moved, skipped, duration_ns),
	    TP_STRUCT__entry(__field(u64, command)
			     __field(u64, duration_ns)
			     __field(unsigned long, start)
			     __field(unsigned long, end)
			     __field(unsigned long, moved)
			     __field(unsigned long, skipped)
			     __field(unsigned int, instance)
			     __field(bool, in)),
	    TP_fast_assign(__entry->command = command;
			   __entry->duration_ns = duration_ns;
			   __entry->start = start;
			   __entry->end = end;
			   __entry->moved = moved;
			   __entry->skipped = skipped;
			   __entry->instance = instance;
			   __entry->in = in;),
	    TP_printk("instance=%u command=%llu range=%#lx-%#lx %s moved=%lu skipped=%lu duration_ns=%llu",
		      __entry->instance, __entry->command, __entry->start, __entry->end,
		      __entry->in ? "in" : "home", __entry->moved, __entry->skipped,
		      __entry->duration_ns)
);

/* The owner changed its mappings; @event is an enum mmu_notifier_event. */
TRACE_EVENT(causeway_invalidate,
	    TP_PROTO(unsigned int instance, unsigned long start, unsigned long end, unsigned int
		     event, unsigned int pages),
	    TP_ARGS(instance, start, end, event, pages),
	    TP_STRUCT__entry(__field(unsigned long, start)
			     __field(unsigned long, end)
			     __field(unsigned int, instance)
			     __field(unsigned int, event)
			     __field(unsigned int, pages)),
	    TP_fast_assign(__entry->start = start;
			   __entry->end = end;
			   __entry->instance = instance;
			   __entry->event = event;
			   __entry->pages = pages;),
	    TP_printk("instance=%u range=%#lx-%#lx event=%u pages=%u",
		      __entry->instance, __entry->start, __entry->end, __entry->event,
		      __entry->pages)
);

/* Device memory was short: @pages of the block that starts at page @block went home. */
TRACE_EVENT(causeway_evict,
	    TP_PROTO(unsigned int instance, u64 command, unsigned long block, unsigned int pages,
		     u64 duration_ns),
	    TP_ARGS(instance, command, block, pages, duration_ns),
	    TP_STRUCT__entry(__field(u64, command)
			     __field(u64, duration_ns)
			     __field(unsigned long, block)
			     __field(unsigned int, instance)
			     __field(unsigned int, pages)),
	    TP_fast_assign(__entry->command = command;
			   __entry->duration_ns = duration_ns;
			   __entry->block = block;
			   __entry->instance = instance;
			   __entry->pages = pages;),
	    TP_printk("instance=%u command=%llu block=%lu pages=%u duration_ns=%llu",
		      __entry->instance, __entry->command, __entry->block, __entry->pages,
		      __entry->duration_ns)
);

/* A queue was reset; @command is the job that was stopped. */
TRACE_EVENT(causeway_reset,
	    TP_PROTO(unsigned int instance, u64 command, unsigned int queue, u64 seqno, unsigned
		     int status),
	    TP_ARGS(instance, command, queue, seqno, status),
	    TP_STRUCT__entry(__field(u64, command)
			     __field(u64, seqno)
			     __field(unsigned int, instance)
			     __field(unsigned int, queue)
			     __field(unsigned int, status)),
	    TP_fast_assign(__entry->command = command;
			   __entry->seqno = seqno;
			   __entry->instance = instance;
			   __entry->queue = queue;
			   __entry->status = status;),
	    TP_printk("instance=%u command=%llu queue=%u seqno=%llu status=%u",
		      __entry->instance, __entry->command, __entry->queue, __entry->seqno,
		      __entry->status)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE causeway_trace
#include <trace/define_trace.h>
