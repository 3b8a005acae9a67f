// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that does what a driver must not, on demand: cts/vm/test/run sees
 * that the harness notices.  A word written to /dev/misbehave says what.
 */
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spin);

static void warn(void)
{
	WARN(1, "misbehave: on purpose\n");
}

/* An address of the upper half that is not mapped. */
static void oops(void)
{
	volatile int *nowhere = (int *)0xffff800000001000ul;

	*nowhere = 1;
}

static void leak(void)
{
	void *volatile lost = kmalloc(1000, GFP_KERNEL);

	/* kmemleak looks at stacks as well */
	OPTIMIZER_HIDE_VAR(lost);
	lost = NULL;
}

static void cross(struct mutex *outer, struct mutex *inner)
{
	mutex_lock(outer);
	mutex_lock_nested(inner, SINGLE_DEPTH_NESTING);
	mutex_unlock(inner);
	mutex_unlock(outer);
}

static void deadlock(void)
{
	cross(&first, &second);
	cross(&second, &first);
}

static void atomic(void)
{
	spin_lock(&spin);
	msleep(1);
	spin_unlock(&spin);
}

/* What the caller's SIGKILL does not end. */
static void hang(void)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule();
}

static void overflow(void)
{
	char *volatile bytes = kmalloc(64, GFP_KERNEL);

	if (bytes)
		bytes[64] = 1;
	kfree(bytes);
}

static void hold(void)
{
	__module_get(THIS_MODULE);
}

static const struct {
	const char *word;
	void (*act)(void);
} acts[] = {
	{"warn", warn},	    {"oops", oops}, {"leak", leak}, {"deadlock", deadlock},
	{"atomic", atomic}, {"hang", hang}, {"hold", hold}, {"overflow", overflow},
};

static ssize_t misbehave_write(struct file *file, const char __user *text, size_t bytes,
			       loff_t *offset)
{
	char word[16] = "";
	size_t i;

	if (bytes >= sizeof(word) || copy_from_user(word, text, bytes))
		return -EINVAL;
	strim(word);
	for (i = 0; i < ARRAY_SIZE(acts); i++) {
		if (strcmp(word, acts[i].word))
			continue;
		acts[i].act();
		return bytes;
	}
	return -EINVAL;
}

static const struct file_operations misbehave_fops = {
	.owner = THIS_MODULE,
	.write = misbehave_write,
};

static struct miscdevice misbehave = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "misbehave",
	.fops = &misbehave_fops,
};
module_misc_device(misbehave);

MODULE_DESCRIPTION("What a driver must not do");
MODULE_LICENSE("GPL");
