/* SPDX-License-Identifier: MIT */
/* Kernels that come through a pipe, which may be late or never come. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "boot/image.h"
#include "tests/test.h"

#define PIPE_LIMIT (64u << 20)
#define PIPE_TEXT  200000u /* more than a pipe holds */

/* A name in a folder of its own. */
static void pipe_make(char path[64])
{
	char folder[] = "/tmp/vmm-test-pipe-XXXXXX";

	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, 64, "%s/kernel", folder);
	CHECK_EQ(mkfifo(path, 0600), 0);
}

static void pipe_remove(char path[64])
{
	unlink(path);
	*strrchr(path, '/') = 0;
	rmdir(path);
}

static void *pipe_write(void *path)
{
	int fd = open(path, O_WRONLY); /* waits for the reader */

	for (unsigned i = 0; i < PIPE_TEXT; i++) {
		uint8_t b = (uint8_t)(i ^ i >> 8);

		if (write(fd, &b, 1) != 1)
			break;
	}
	close(fd);
	return NULL;
}

TEST(image_pipe_is_read_to_its_end)
{
	struct err err = { 0 };
	struct image img;
	char path[64];
	uint8_t *got;
	pthread_t t;

	pipe_make(path);
	CHECK_EQ(pthread_create(&t, NULL, pipe_write, path), 0);
	CHECK_EQ(image_open(&img, path, PIPE_LIMIT, &err), 0);
	pthread_join(t, NULL);
	CHECK_EQ(img.size, PIPE_TEXT);
	got = malloc(PIPE_TEXT);
	CHECK_EQ(image_read(&img, 0, got, PIPE_TEXT, &err), 0);
	for (unsigned i = 0; i < PIPE_TEXT; i++)
		CHECK_EQ(got[i], (uint8_t)(i ^ i >> 8));
	free(got);
	image_close(&img);
	pipe_remove(path);
}

TEST(image_pipe_that_nobody_writes_to_can_be_given_up)
{
	struct err err = { 0 };
	struct image img;
	sigset_t set, was;
	char path[64];
	int status;
	pid_t pid;

	pipe_make(path);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM); /* as in a machine, whose loop has it */
	pthread_sigmask(SIG_BLOCK, &set, &was);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!pid)
		_exit(image_open(&img, path, PIPE_LIMIT, &err) ? 1 : 2);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	CHECK_EQ(kill(pid, SIGTERM), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	pipe_remove(path);
}
