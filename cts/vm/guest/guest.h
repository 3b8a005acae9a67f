/* SPDX-License-Identifier: MIT */
/*
 * The first process of a test guest.
 *
 * cts/vm/run puts it into an initramfs as /init, with a file /job that says what
 * to do, and reads what it says from the second serial line:
 *
 *   @ready RELEASE                   the guest is set up
 *   @begin NAME                      a test starts; then lines "|OUTPUT" of it
 *   @end NAME <tab> HOW <tab> MS     HOW: "exit N", "signal N", "timeout",
 *                                    "stuck" (not even SIGKILL ended it) or
 *                                    "load REASON" (no driver with these parameters)
 *   @check NAME <tab> ok|fail <tab> REASON      health of the kernel; then "|" lines
 *   @done                            and the machine stops
 *
 * The kernel's messages go to the first line, so that neither tears the other.
 * A line "causeway-vm: begin NAME" in them says where a test started.
 */
#ifndef CTS_VM_GUEST_H
#define CTS_VM_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define USER_ID	 1000 /* the ordinary user that tests run as */
#define MAX_TEST 4096
#define MAX_LIST 64

/*
 * struct test - one line of the job
 * @name: of the test
 * @root: run as root, else as USER_ID
 * @seconds: time limit
 * @parameters: of the driver's module that it wants; "-": any, "off": not loaded
 * @command: for the shell
 */
struct test {
	const char *name;
	bool root;
	unsigned int seconds;
	const char *parameters;
	const char *command;
};

/*
 * struct job - what the file /job says; the strings belong to its text
 * @mode: "run" or "shell"
 * @build: folder that tests start in
 * @terminal: size of the person's terminal, "ROWS COLUMNS"
 * @modules: of the kernel, in the order to load them; relative to /modules
 * @driver: path of the driver's module; NULL: there is none
 * @parameters: for the driver in a shell
 * @environment: NAME=VALUE for tests
 * @disk: the disk with the build is there
 * @leaks: look for leaks at the end, where the kernel can
 */
struct job {
	const char *mode;
	const char *build;
	const char *terminal;
	const char *modules[MAX_LIST];
	size_t module_count;
	const char *driver;
	const char *parameters;
	const char *environment[MAX_LIST];
	size_t environment_count;
	struct test tests[MAX_TEST];
	size_t test_count;
	bool disk;
	bool leaks;
};

extern struct job job;

/* job.c */

/* Read @path into job; false: it isn't there or isn't understood. */
bool job_read(const char *path);

/* talk.c: the line to the host */

/* Open the line; until then nothing is said. */
void talk_open(const char *path);
__attribute__((format(printf, 1, 2))) void say(const char *format, ...);
/* Say @bytes of @text in lines that begin with "|"; what is no whole line waits for more. */
void say_output(const char *text, size_t bytes);
/* End of an output: its last line may have no end. */
void say_output_end(void);
/* A line in the kernel's log. */
__attribute__((format(printf, 1, 2))) void log_line(const char *format, ...);

/* file.c: small files of /proc and /sys */

/* Write; false with errno. */
bool file_write(const char *path, const char *text);
/* Read up to @bytes - 1 and end with 0; how many, -1 with errno. */
ssize_t file_read(const char *path, char *text, size_t bytes);
/* Say a file as output. */
void file_say(const char *path);
/* Milliseconds since the kernel started. */
uint64_t now_ms(void);
void sleep_ms(unsigned int ms);

/* setup.c */

/* Mount everything, make the user, load the kernel's modules. */
void set_up_guest(void);

/* module.c: the driver's module */

/* See that it is loaded with @parameters; NULL, or why not. */
const char *driver_load(const char *parameters);
/* Unload it if it is loaded, and check that it goes. */
void driver_unload(void);
/* Load one; 0 or a negative errno. */
int module_load(const char *path, const char *parameters);

/* test.c */

/* Run one test and say how it went; false: the guest can't go on. */
bool test_run(const struct test *test);
/* End every process but this one; false: one didn't. */
bool end_processes(void);
/* In a child: become the test's user in the place and surroundings of tests. */
void become_test(bool root);

/* health.c */

/* Say how the kernel is after all tests. */
void check_health(void);

#endif
