/* SPDX-License-Identifier: MIT */
/* Locks on files that a guest writes: two writers cannot open one. */
#include "hw/core/filelock.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hw/core/log.h"

/* Does this fdinfo file show a lock?  It lists those of its description. */
static bool lock_in_fdinfo(int dir, const char *fd)
{
	char line[256];
	bool found = false;
	FILE *f;
	int n = openat(dir, fd, O_RDONLY | O_CLOEXEC);

	f = n < 0 ? NULL : fdopen(n, "r");
	if (!f) {
		if (n >= 0)
			close(n);
		return false;
	}
	while (!found && fgets(line, sizeof(line), f))
		found = !strncmp(line, "lock:", 5);
	fclose(f);
	return found;
}

static bool lock_held_by(const char *pid, const struct stat *want)
{
	char path[300];
	struct dirent *e;
	struct stat st;
	bool found = false;
	int info;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%.32s/fdinfo", pid);
	info = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%.32s/fd", pid);
	d = info < 0 ? NULL : opendir(path);
	while (d && !found && (e = readdir(d)))
		found = fstatat(dirfd(d), e->d_name, &st, 0) == 0 &&
			st.st_dev == want->st_dev &&
			st.st_ino == want->st_ino &&
			lock_in_fdinfo(info, e->d_name);
	if (d)
		closedir(d);
	if (info >= 0)
		close(info);
	return found;
}

/* F_OFD_GETLK names no process: such locks belong to open files.  0: none. */
static long lock_holder(int fd)
{
	struct dirent *e;
	struct stat st;
	long pid = 0;
	DIR *d;

	if (fstat(fd, &st) < 0 || !(d = opendir("/proc")))
		return 0;
	while (!pid && (e = readdir(d)))
		if (isdigit((unsigned char)e->d_name[0]) &&
		    lock_held_by(e->d_name, &st))
			pid = strtol(e->d_name, NULL, 10);
	closedir(d);
	return pid;
}

static int lock_conflict(int fd, const char *what, struct err *err)
{
	long pid = lock_holder(fd);
	char who[40] = "another process";

	if (pid == (long)getpid())
		snprintf(who, sizeof(who), "this virtual machine");
	else if (pid)
		snprintf(who, sizeof(who), "process %ld", pid);
	return err_set(err, EAGAIN, "%s is in use by %s", what, who);
}

/*
 * The kernel takes an io_uring apart some time after its process has ended,
 * and until then its registered files stay locked, by nobody.
 */
#define LOCK_TRIES   50
#define LOCK_WAIT_US 20000

int file_lock(int fd, const char *what, bool writer, struct err *err)
{
	struct flock fl = { .l_type = writer ? F_WRLCK : F_RDLCK,
			    .l_whence = SEEK_SET };

	for (unsigned i = 0; i < LOCK_TRIES; i++) {
		if (fcntl(fd, F_OFD_SETLK, &fl) == 0)
			return 0;
		if (errno != EAGAIN && errno != EACCES)
			break;
		if (lock_holder(fd) || i + 1 == LOCK_TRIES)
			return lock_conflict(fd, what, err);
		usleep(LOCK_WAIT_US);
	}
	log_info("%s cannot be locked: %s", what, strerror(errno));
	return 0;
}

void file_unlock(int fd)
{
	struct flock fl = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	fcntl(fd, F_OFD_SETLK, &fl);
}
