/* SPDX-License-Identifier: MIT */
/* The host's terminal: raw while the VM runs, as it was on every way out. */
#include "hw/char/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

/*
 * Read by signal handlers: what they need is complete before .active is set,
 * and nothing else changes while it is.
 */
static struct {
	volatile sig_atomic_t active; /* saved and raw are valid */
	int fd;
	int event_fd;
	struct termios saved, raw;
	volatile sig_atomic_t nflags;
	struct {
		int fd, flags;
	} flags[2];
	bool atexit_done;
} tty = { .fd = -1, .event_fd = -1 };

/* A crash: chained to whoever had it (a sanitizer). */
static const int tty_crash[] = { SIGSEGV, SIGBUS,  SIGILL,
				 SIGFPE,  SIGABRT, SIGSYS };
/* An end from outside: taken only where nobody handles it. */
static const int tty_end[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGXCPU };
/* Job control and the window. */
static const int tty_job[] = { SIGTSTP, SIGCONT, SIGWINCH, SIGTTIN, SIGTTOU };
#define TTY_ARRAY(a) (sizeof(a) / sizeof((a)[0]))

static struct sigaction tty_old[NSIG];
static bool tty_taken[NSIG];

void tty_std_fds(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		/* The lowest free descriptor is this one. */
		if (open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd)
			return;
	}
}

bool tty_foreground(int fd)
{
	pid_t pgrp = tcgetpgrp(fd);

	/* Not our controlling terminal: nobody's job control to respect. */
	if (pgrp < 0)
		return errno == ENOTTY && isatty(fd);
	return pgrp == getpgrp();
}

/* SIGTTOU is ignored while raw; a background job must not reach out. */
static void tty_set(const struct termios *t)
{
	if (tty_foreground(tty.fd))
		tcsetattr(tty.fd, TCSADRAIN, t);
}

/* As tty_set(), without waiting for output that nobody may read. */
static void tty_set_now(const struct termios *t)
{
	if (tty_foreground(tty.fd))
		tcsetattr(tty.fd, TCSANOW, t);
}

void tty_restore(void)
{
	int e = errno;

	if (tty.active)
		tty_set_now(&tty.saved);
	for (int i = 0; i < tty.nflags; i++)
		fcntl(tty.flags[i].fd, F_SETFL, tty.flags[i].flags);
	errno = e;
}

void tty_resume(void)
{
	if (tty.active)
		tty_set_now(&tty.raw);
	for (int i = 0; i < tty.nflags; i++)
		fcntl(tty.flags[i].fd, F_SETFL,
		      tty.flags[i].flags | O_NONBLOCK);
}

static void tty_poke(void)
{
	uint64_t one = 1;

	if (tty.event_fd >= 0 && write(tty.event_fd, &one, sizeof(one)) < 0)
		return; /* already pending */
}

static void tty_on_job(int sig)
{
	int e = errno;

	switch (sig) {
	case SIGTSTP:
		tty_restore();
		/* Every thread stops here, as the terminal's user expects. */
		kill(getpid(), SIGSTOP);
		break;
	case SIGCONT:
		tty_resume();
		tty_poke();
		break;
	case SIGWINCH: tty_poke(); break;
	}
	errno = e;
}

/* Restores, then lets the signal do what it would have done. */
static void tty_on_fatal(int sig)
{
	tty_restore();
	sigaction(sig, &tty_old[sig], NULL);
	raise(sig); /* pending until the return; a fault also repeats */
}

static void tty_take(int sig, void (*handler)(int), bool chain)
{
	struct sigaction sa = { .sa_handler = handler };

	if (tty_taken[sig] || sigaction(sig, NULL, &tty_old[sig]) < 0)
		return;
	if (!chain && tty_old[sig].sa_handler != SIG_DFL)
		return;
	sigemptyset(&sa.sa_mask);
	sa.sa_flags = SA_RESTART | SA_ONSTACK;
	tty_taken[sig] = sigaction(sig, &sa, NULL) == 0;
}

static void tty_take_signals(void)
{
	for (size_t i = 0; i < TTY_ARRAY(tty_crash); i++)
		tty_take(tty_crash[i], tty_on_fatal, true);
	for (size_t i = 0; i < TTY_ARRAY(tty_end); i++)
		tty_take(tty_end[i], tty_on_fatal, false);
	tty_take(SIGTSTP, tty_on_job, false);
	tty_take(SIGCONT, tty_on_job, false);
	tty_take(SIGWINCH, tty_on_job, false);
	/* In the background a read fails with EIO instead of stopping us. */
	tty_take(SIGTTIN, SIG_IGN, false);
	tty_take(SIGTTOU, SIG_IGN, false);
}

static void tty_drop(const int *sigs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!tty_taken[sigs[i]])
			continue;
		sigaction(sigs[i], &tty_old[sigs[i]], NULL);
		tty_taken[sigs[i]] = false;
	}
}

static void tty_atexit(void)
{
	if (tty.atexit_done)
		return;
	tty.atexit_done = true;
	atexit(tty_restore);
}

int tty_raw(int fd, int event_fd, struct err *err)
{
	struct termios t;

	if (tty.active)
		return err_set(err, EBUSY, "the terminal is already in use");
	if (tcgetattr(fd, &t) < 0)
		return err_set(err, errno, "cannot read terminal settings: %s",
			       strerror(errno));
	tty.fd = fd;
	tty.event_fd = event_fd;
	tty.saved = t;
	cfmakeraw(&t);
	/* Our own messages end in a bare newline. */
	t.c_oflag = tty.saved.c_oflag;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	tty.raw = t;
	tty_atexit();
	tty_take_signals();
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	tty.active = 1;
	tty_set(&tty.raw);
	return 0;
}

int tty_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -errno;
	if (flags & O_NONBLOCK)
		return 0;
	if ((size_t)tty.nflags == TTY_ARRAY(tty.flags))
		return -ENOSPC;
	tty_atexit();
	tty_take_signals();
	tty.flags[tty.nflags].fd = fd;
	tty.flags[tty.nflags].flags = flags;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	tty.nflags++;
	return fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

int tty_own(int fd, int mode, bool *sock)
{
	char path[32];
	struct stat st;
	int own = -1;

	if (fstat(fd, &st) < 0)
		return -errno;
	*sock = S_ISSOCK(st.st_mode);
	if (S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode)) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		own = open(path, mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (own < 0)
			tty_nonblock(fd);
	}
	if (own < 0)
		own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return own < 0 ? -errno : own;
}

void tty_done(void)
{
	tty_restore();
	tty.active = 0;
	tty.nflags = 0;
	tty.event_fd = -1;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	tty_drop(tty_crash, TTY_ARRAY(tty_crash));
	tty_drop(tty_end, TTY_ARRAY(tty_end));
	tty_drop(tty_job, TTY_ARRAY(tty_job));
}
