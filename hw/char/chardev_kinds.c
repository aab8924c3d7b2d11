/* SPDX-License-Identifier: MIT */
/* Character back ends: stdio, null, file, unix, pty. */
#include "hw/char/chardev_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "hw/char/tty.h"
#include "hw/core/log.h"

static int chardev_set_name(struct chardev *c, const char *word,
			    const char *path, struct err *err)
{
	if (path) {
		c->path = strdup(path);
		if (!c->path || asprintf(&c->name, "%s:%s", word, path) < 0)
			c->name = NULL;
	} else {
		c->name = strdup(word);
	}
	return c->name ? 0 : err_nomem(err, "a character device");
}

/* ---- stdio */

static int stdio_open(struct chardev *c, const char *arg, struct err *err)
{
	bool sock;
	int fd, flags, ret;

	ret = chardev_set_name(c, "stdio", arg, err);
	if (ret < 0)
		return ret;
	c->out_fd = c->out.fd = tty_own(STDOUT_FILENO, O_WRONLY, &c->out_sock);
	c->open = c->out_fd >= 0;
	flags = fcntl(STDIN_FILENO, F_GETFL);
	if (flags < 0 || (flags & O_ACCMODE) == O_WRONLY)
		return 0;
	fd = tty_own(STDIN_FILENO, O_RDONLY, &sock);
	if (fd < 0)
		return 0;
	ret = chardev_watch_in(c, fd, err);
	if (ret == 0 && isatty(fd))
		ret = chardev_terminal(c, err);
	return ret;
}

static void stdio_close(struct chardev *c)
{
	(void)c;
	tty_done();
}

static const struct chardev_kind stdio_kind = {
	.word = "stdio",
	.shared = true,
	.open = stdio_open,
	.close = stdio_close,
};

/* ---- null */

static int null_open(struct chardev *c, const char *arg, struct err *err)
{
	return chardev_set_name(c, "null", arg, err);
}

static const struct chardev_kind null_kind = {
	.word = "null",
	.open = null_open,
};

/* ---- file */

static int file_open(struct chardev *c, const char *arg, struct err *err)
{
	int ret = chardev_set_name(c, "file", arg, err);

	if (ret < 0)
		return ret;
	c->out_fd = open(arg,
			 O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY |
				 O_CLOEXEC,
			 0666);
	if (c->out_fd < 0) {
		ret = err_set(err, errno, "cannot open '%s' for output: %s",
			      arg, strerror(errno));
		if (err->code == ENXIO)
			err_hint(err, "open the reading end of the pipe first");
		return ret;
	}
	c->out.fd = c->out_fd;
	c->open = true;
	return 0;
}

static const struct chardev_kind file_kind = {
	.word = "file",
	.arg = "PATH",
	.open = file_open,
};

/* ---- unix */

/* Binds; a socket that a dead process left behind makes way. */
static int unix_bind(int fd, const struct sockaddr_un *a)
{
	const struct sockaddr *sa = (const struct sockaddr *)a;
	struct stat st;
	int probe, ret;

	if (bind(fd, sa, sizeof(*a)) == 0)
		return 0;
	if (errno != EADDRINUSE)
		return -errno;
	if (lstat(a->sun_path, &st) < 0)
		return -errno;
	if (!S_ISSOCK(st.st_mode))
		return -ENOTSOCK;
	probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe < 0)
		return -errno;
	ret = connect(probe, sa, sizeof(*a)) < 0 ? errno : 0;
	close(probe);
	if (ret != ECONNREFUSED || unlink(a->sun_path) < 0)
		return -EADDRINUSE;
	return bind(fd, sa, sizeof(*a)) < 0 ? -errno : 0;
}

static void unix_accept(void *opaque, uint32_t events)
{
	struct chardev *c = opaque;
	struct err err;
	int fd;

	(void)events;
	fd = accept4(c->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	/* The next client waits until this one is gone. */
	loop_mod(&c->listener, 0);
	if (chardev_connect(c, fd, &err) < 0) {
		log_warn("%s", err.msg);
		loop_mod(&c->listener, EPOLLIN);
	}
}

static int unix_listen_error(const struct chardev *c, int code, struct err *err)
{
	if (code == EADDRINUSE) {
		err_set(err, code,
			"cannot listen on '%s': another process does", c->path);
		err_hint(err, "name another socket, or end that process");
	} else if (code == ENOTSOCK) {
		err_set(err, code,
			"cannot listen on '%s': it exists and is no socket",
			c->path);
		err_hint(err, "name a socket that does not exist yet");
	} else {
		err_set(err, code, "cannot listen on '%s': %s", c->path,
			strerror(code));
	}
	return -code;
}

static int unix_listen(struct chardev *c, struct err *err)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd, ret;

	if (strlen(c->path) >= sizeof(a.sun_path))
		return err_set(err, ENAMETOOLONG,
			       "the socket's path is longer than %zu bytes",
			       sizeof(a.sun_path) - 1);
	strcpy(a.sun_path, c->path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set(err, errno, "cannot make a socket: %s",
			       strerror(errno));
	c->listener.fd = fd;
	ret = unix_bind(fd, &a);
	if (ret == 0 && listen(fd, 4) < 0)
		ret = -errno;
	if (ret < 0) {
		close(fd);
		c->listener.fd = -1; /* the path is not ours to remove */
		return unix_listen_error(c, -ret, err);
	}
	return 0;
}

static int unix_open(struct chardev *c, const char *arg, struct err *err)
{
	int ret = chardev_set_name(c, "unix", arg, err);

	if (ret == 0)
		ret = unix_listen(c, err);
	if (ret < 0)
		return ret;
	c->listener.events = EPOLLIN;
	c->listener.ready = unix_accept;
	c->listener.opaque = c;
	return loop_add(c->loop, &c->listener, err);
}

static void unix_close(struct chardev *c)
{
	if (c->listener.fd >= 0)
		unlink(c->path);
}

static bool unix_peer(struct chardev *c)
{
	return c->out_fd >= 0;
}

static const struct chardev_kind unix_kind = {
	.word = "unix",
	.arg = "PATH",
	.open = unix_open,
	.close = unix_close,
	.peer = unix_peer,
};

/* ---- pty */

/*
 * The slave's settings live as long as the master.  Having been open once, it
 * also reports a hang-up from now on while nobody has it open.
 */
static int pty_set_raw(const char *name)
{
	struct termios t;
	int ret, fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	ret = tcgetattr(fd, &t);
	if (ret == 0) {
		cfmakeraw(&t);
		ret = tcsetattr(fd, TCSANOW, &t);
	}
	close(fd);
	return ret;
}

static int pty_open(struct chardev *c, const char *arg, struct err *err)
{
	char name[64];
	int fd;

	(void)arg;
	fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0 ||
	    ptsname_r(fd, name, sizeof(name)) != 0 || pty_set_raw(name) < 0) {
		err_set(err, errno, "cannot make a pseudo-terminal: %s",
			strerror(errno));
		if (fd >= 0)
			close(fd);
		return -err->code;
	}
	c->name = strdup(name);
	c->out_fd = c->out.fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	c->edge = true;
	if (!c->name || c->out_fd < 0) {
		close(fd);
		return err_nomem(err, "a pseudo-terminal");
	}
	dprintf(STDERR_FILENO, "vmm: a terminal is at %s\n", name);
	return chardev_watch_in(c, fd, err);
}

static bool pty_peer(struct chardev *c)
{
	struct pollfd p = { .fd = c->out_fd };

	return poll(&p, 1, 0) >= 0 && !(p.revents & POLLHUP);
}

static const struct chardev_kind pty_kind = {
	.word = "pty",
	.open = pty_open,
	.peer = pty_peer,
};

const struct chardev_kind *const chardev_kinds[] = {
	&stdio_kind, &null_kind, &file_kind, &unix_kind, &pty_kind, NULL,
};
