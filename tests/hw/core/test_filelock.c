/* SPDX-License-Identifier: MIT */
/* Locks on files outlive no process. */
#include "hw/core/filelock.h"

#include <fcntl.h>
#include <liburing.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

/* A process that ends with its file locked and in an io_uring's hands. */
static void lock_and_leave(const char *path)
{
	struct err err = { 0 };
	struct io_uring ring;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (io_uring_queue_init(4, &ring, 0) < 0)
		_exit(2);
	_exit(file_lock(fd, path, true, &err) < 0 ||
	      io_uring_register_files(&ring, &fd, 1) < 0);
}

TEST(file_lock_is_free_once_its_process_ended)
{
	char path[] = "/tmp/vmm-lock-XXXXXX";
	int fd = mkstemp(path);
	struct err err = { 0 };
	int status;
	pid_t pid;

	CHECK(fd >= 0);
	for (int i = 0; i < 5; i++) {
		pid = fork();
		if (pid == 0)
			lock_and_leave(path);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		if (WEXITSTATUS(status) == 2) {
			unlink(path);
			close(fd);
			SKIP_TEST("this host refuses io_uring");
		}
		CHECK_EQ(WEXITSTATUS(status), 0);
		CHECK_EQ(file_lock(fd, path, true, &err), 0);
		close(fd);
		fd = open(path, O_RDWR | O_CLOEXEC);
	}
	close(fd);
	unlink(path);
}
