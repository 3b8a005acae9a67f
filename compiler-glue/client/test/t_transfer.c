/* SPDX-License-Identifier: MIT */
/* Transfers in pieces, among signals, to deadlines and to ends that are gone. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "client/transfer.h"
#include "helper.h"

#define BYTES	  ((size_t)3 << 20)
#define SOME_MS	  50
#define PLENTY_MS 60000

/* A pair of sockets with small buffers. */
static void make_pair(int sockets[2])
{
	int room = 4096;

	EXPECT(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets));
	setsockopt(sockets[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
}

static unsigned char *make_room(void)
{
	unsigned char *room = calloc(1, BYTES);

	if (!room)
		exit(1);
	return room;
}

static unsigned char *make_data(void)
{
	unsigned char *data = make_room();

	for (size_t i = 0; i < BYTES; i++)
		data[i] = (unsigned char)(i * 7 + i / 251);
	return data;
}

static volatile sig_atomic_t interruptions;

static void on_alarm(int signal)
{
	(void)signal;
	interruptions++;
}

/* Signals from now on, every @us; 0: no more. They interrupt system calls. */
static void interrupt_every(long us)
{
	struct sigaction action = {.sa_handler = on_alarm};
	struct itimerval timer = {{0, us}, {0, us}};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void block_alarm(void)
{
	sigset_t alarm;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm, NULL);
}

/* The other end: takes everything in odd pieces, with breaks, and gives it back. */
static void *echo(void *arg)
{
	int socket = *(int *)arg;
	unsigned char *data = make_room();

	block_alarm();
	for (size_t have = 0, round = 0; have < BYTES; round++) {
		size_t most = round * 1009 % 9973 + 1;
		ssize_t got;

		if (round % 64 == 0)
			usleep(1000);
		got = recv(socket, data + have, most < BYTES - have ? most : BYTES - have, 0);
		if (got <= 0)
			break;
		have += (size_t)got;
	}
	EXPECT(!cwc_send_all(socket, data, BYTES, CWC_FOR_EVER));
	free(data);
	return NULL;
}

static void test_pieces(void)
{
	unsigned char *data = make_data(), *back = make_room();
	int64_t deadline = cwc_deadline(PLENTY_MS);
	pthread_t thread;
	int sockets[2];

	make_pair(sockets);
	EXPECT(!pthread_create(&thread, NULL, echo, &sockets[1]));
	interrupt_every(300);
	EXPECT(!cwc_send_all(sockets[0], data, BYTES, deadline));
	EXPECT(!cwc_receive_all(sockets[0], back, BYTES, deadline));
	interrupt_every(0);
	pthread_join(thread, NULL);
	EXPECT(!memcmp(data, back, BYTES));
	EXPECT(interruptions > 0);
	close(sockets[0]);
	close(sockets[1]);
	free(data);
	free(back);
}

/* Writes slowly. */
static void *feed(void *arg)
{
	unsigned char *data = make_data();

	block_alarm();
	for (size_t done = 0; done < BYTES; done += BYTES / 64) {
		usleep(1000);
		EXPECT(!cwc_write_all(*(int *)arg, data + done, BYTES / 64));
	}
	free(data);
	return NULL;
}

/* A descriptor that blocks, in system calls that are interrupted. */
static void test_pipe(void)
{
	unsigned char *data = make_data(), *back = make_room();
	pthread_t thread;
	int ends[2];

	EXPECT(!pipe2(ends, O_CLOEXEC));
	EXPECT(!pthread_create(&thread, NULL, feed, &ends[1]));
	interrupt_every(200);
	EXPECT(!cwc_read_all(ends[0], back, BYTES));
	interrupt_every(0);
	pthread_join(thread, NULL);
	EXPECT(!memcmp(data, back, BYTES));
	close(ends[0]);
	close(ends[1]);
	free(data);
	free(back);
}

static void test_deadlines(void)
{
	unsigned char *data = make_data(), byte;
	double start = seconds();
	int sockets[2];

	make_pair(sockets);
	EXPECT(cwc_receive_all(sockets[0], &byte, 1, cwc_deadline(SOME_MS)) == -ETIMEDOUT);
	EXPECT(cwc_send_all(sockets[0], data, BYTES, cwc_deadline(SOME_MS)) == -ETIMEDOUT);
	EXPECT(seconds() - start >= 2 * SOME_MS * 1e-3 - 1e-3);
	EXPECT(cwc_deadline(0) == CWC_FOR_EVER);
	close(sockets[0]);
	close(sockets[1]);
	free(data);
}

/* The end of a stream, in the middle of what was expected; nobody gets SIGPIPE. */
static void test_gone(void)
{
	unsigned char data[4] = {1, 2, 3, 4};
	int sockets[2];

	make_pair(sockets);
	EXPECT(!cwc_send_all(sockets[1], data, 2, CWC_FOR_EVER));
	close(sockets[1]);
	EXPECT(cwc_receive_all(sockets[0], data, 4, CWC_FOR_EVER) == -EPIPE);
	EXPECT(cwc_send_all(sockets[0], data, 4, CWC_FOR_EVER) == -EPIPE);
	EXPECT(!cwc_send_all(sockets[0], data, 0, CWC_FOR_EVER));
	close(sockets[0]);
}

static void test_files(void)
{
	unsigned char *data = make_data(), *back = make_room();
	char name[] = "/tmp/causeway-transfer.XXXXXX";
	int file = mkstemp(name);

	if (file < 0)
		exit(1);
	EXPECT(!cwc_write_all(file, data, BYTES));
	EXPECT(!lseek(file, 0, SEEK_SET));
	EXPECT(!cwc_read_all(file, back, BYTES) && !memcmp(data, back, BYTES));
	EXPECT(cwc_read_all(file, back, 1) == -EPIPE);
	close(file);
	file = open(name, O_RDONLY | O_CLOEXEC);
	EXPECT(cwc_write_all(file, data, 1) == -EPIPE);
	close(file);
	unlink(name);
	free(data);
	free(back);
}

int main(void)
{
	test_pieces();
	test_pipe();
	test_deadlines();
	test_gone();
	test_files();
	return failures != 0;
}
