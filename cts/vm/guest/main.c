/* SPDX-License-Identifier: MIT */
/* /init: set the guest up, run the job, stop the machine. */
#include "guest.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void stop(void)
{
	sync();
	reboot(RB_AUTOBOOT); /* QEMU runs with -no-reboot */
	for (;;)
		pause();
}

static void run_tests(void)
{
	bool good = true;

	for (size_t i = 0; good && i < job.test_count; i++)
		good = test_run(&job.tests[i]);
	if (!good) {
		say("@check processes\tfail\tone doesn't end, not even of SIGKILL: the rest is left out");
		return;
	}
	driver_unload();
	check_health();
}

static void set_terminal_size(int fd)
{
	struct winsize size = {0};
	char *rest;

	size.ws_row = strtoul(job.terminal, &rest, 10);
	size.ws_col = strtoul(rest, NULL, 10);
	if (size.ws_row && size.ws_col)
		ioctl(fd, TIOCSWINSZ, &size);
}

static void person(void)
{
	int fd;

	setsid();
	fd = open("/dev/ttyS0", O_RDWR);
	if (fd < 0)
		_exit(1);
	ioctl(fd, TIOCSCTTY, 1);
	set_terminal_size(fd);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	become_test(true);
	printf("\nRoot's shell.  The build is in %s; \"user COMMAND\" runs one as tests do.\n"
	       "The end of the shell ends the guest; Ctrl-A x ends it at once.\n\n",
	       job.build);
	fflush(stdout);
	execl("/bin/sh", "-sh", NULL);
	_exit(127);
}

static void run_shell(void)
{
	const char *reason = driver_load(job.parameters);
	pid_t pid;

	if (reason)
		fprintf(stderr, "%s\n", reason);
	pid = fork();
	if (pid == 0)
		person();
	while (waitpid(-1, NULL, 0) != pid)
		;
	end_processes();
	driver_unload();
}

/* "init user COMMAND...": for the person at the shell. */
static int as_user(char **command)
{
	if (!job_read("/job"))
		return 1;
	become_test(false);
	execvp(command[0], command);
	perror(command[0]);
	return 127;
}

int main(int argc, char **argv)
{
	struct utsname name;

	if (argc > 2 && !strcmp(argv[1], "user"))
		return as_user(argv + 2);
	if (getpid() != 1) {
		fprintf(stderr,
			"This is the first process of a test guest; see cts/vm/run --help.\n");
		return 2;
	}
	setenv("PATH", "/bin:/sbin:/usr/bin:/usr/sbin", 1);
	if (!job_read("/job"))
		stop();
	set_up_guest();
	uname(&name);
	say("@ready %s", name.release);
	log_line("ready");
	if (!strcmp(job.mode, "shell"))
		run_shell();
	else if (!strcmp(job.mode, "run"))
		run_tests();
	say("@done");
	stop();
}
