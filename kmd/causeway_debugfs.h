/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CAUSEWAY_DEBUGFS_H
#define CAUSEWAY_DEBUGFS_H

struct drm_minor;
struct file;
struct seq_file;

void causeway_debugfs_init(struct drm_minor *minor);
void causeway_fdinfo_show(struct seq_file *m, struct file *file);

#endif
