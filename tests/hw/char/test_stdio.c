/* SPDX-License-Identifier: MIT */
/* stdio in a process of its own, on a pseudo-terminal or without one. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

#include "hw/char/chardev.h"
#include "hw/char/tty.h"
#include "tests/test.h"

/* The child: a front end that echoes in upper case; two of them share. */
struct echo {
	struct chardev_fe fe;
	char tag;
	struct loop *loop;
};

static size_t echo_can(void *opaque)
{
	(void)opaque;
	return 4;
}

static void echo_receive(void *opaque, const uint8_t *buf, size_t len)
{
	struct echo *e = opaque;
	char out[2] = { e->tag, 0 };

	for (size_t i = 0; i < len; i++) {
		if (buf[i] == '!')
			abort();
		out[1] = (char)buf[i];
		chardev_write(&e->fe, out, 2);
	}
}

static void echo_event(void *opaque, enum chardev_event ev)
{
	struct echo *e = opaque;
	uint16_t cols = 0, rows = 0;
	char text[32];

	switch (ev) {
	case CHARDEV_BREAK: chardev_write(&e->fe, "<break>", 7); break;
	case CHARDEV_CLOSED: loop_stop(e->loop); break;
	case CHARDEV_RESIZE:
		if (chardev_size(&e->fe, &cols, &rows)) {
			snprintf(text, sizeof(text), "<%ux%u>", cols, rows);
			chardev_write(&e->fe, text, strlen(text));
		}
		break;
	default: break;
	}
}

static void echo_quit(void *opaque)
{
	loop_stop(opaque);
}

static void echo_main(void)
{
	struct err err = { 0 };
	struct loop *l = loop_new(&err);
	struct chardev *c = chardev_open("stdio", l, &err);
	struct chardev *same = chardev_open("stdio", l, &err);
	struct echo e[2];

	if (!c || c != same)
		_exit(99);
	for (int i = 0; i < 2; i++) {
		e[i] = (struct echo){ .fe = { .name = i ? "second" : "first",
					      .opaque = &e[i],
					      .can_receive = echo_can,
					      .receive = echo_receive },
				      .tag = i ? '2' : '1',
				      .loop = l };
		if (!i)
			e[i].fe.event = echo_event;
		if (chardev_attach(c, &e[i].fe, &err) < 0)
			_exit(98);
	}
	chardev_set_quit(c, echo_quit, l);
	chardev_write(&e[0].fe, "ready\n", 6);
	loop_run(l);
	chardev_write(&e[0].fe, "bye\n", 4);
	chardev_detach(&e[0].fe);
	chardev_detach(&e[1].fe);
	chardev_close(same);
	chardev_close(c);
	loop_free(l);
	_exit(7);
}

struct term {
	int fd; /* master */
	pid_t pid;
	struct termios before;
	char out[65536];
	size_t n;
};

static const int deaths[] = { SIGABRT, SIGSEGV, SIGTERM, SIGHUP };

static void term_start(struct term *t)
{
	struct rlimit none = { 0, 0 };
	int slave;

	*t = (struct term){ 0 };
	CHECK(openpty(&t->fd, &slave, NULL, NULL, NULL) == 0);
	CHECK(tcgetattr(t->fd, &t->before) == 0);
	t->pid = fork();
	CHECK(t->pid >= 0);
	if (t->pid == 0) {
		setrlimit(RLIMIT_CORE, &none);
		/* A sanitizer has some, and nohup ignores SIGHUP. */
		for (size_t i = 0; i < sizeof(deaths) / sizeof(*deaths); i++)
			signal(deaths[i], SIG_DFL);
		close(t->fd);
		login_tty(slave);
		echo_main();
	}
	close(slave);
}

/* Reads until text came; false after a minute or at the end. */
static bool term_wait(struct term *t, const char *text)
{
	struct pollfd p = { .fd = t->fd, .events = POLLIN };
	ssize_t k;

	while (!strstr(t->out, text)) {
		if (poll(&p, 1, 60000) <= 0)
			return false;
		k = read(t->fd, t->out + t->n, sizeof(t->out) - 1 - t->n);
		if (k <= 0)
			return false;
		t->n += (size_t)k;
	}
	return true;
}

static void term_type(struct term *t, const char *text)
{
	CHECK_EQ(write(t->fd, text, strlen(text)), strlen(text));
}

static bool term_is_raw(struct term *t)
{
	struct termios now;

	CHECK(tcgetattr(t->fd, &now) == 0);
	return !(now.c_lflag & (ICANON | ECHO | ISIG));
}

static int term_end(struct term *t)
{
	struct termios now;
	int status;

	CHECK(waitpid(t->pid, &status, 0) == t->pid);
	CHECK(tcgetattr(t->fd, &now) == 0);
	CHECK_EQ(now.c_lflag, t->before.c_lflag);
	CHECK_EQ(now.c_iflag, t->before.c_iflag);
	CHECK_EQ(now.c_oflag, t->before.c_oflag);
	close(t->fd);
	return status;
}

TEST(stdio_terminal_is_raw_and_ctrl_a_x_restores_it)
{
	struct term t;
	int status;

	term_start(&t);
	CHECK(term_wait(&t, "ready"));
	CHECK(term_is_raw(&t));
	term_type(&t, "a\x03");
	CHECK(term_wait(&t, "1a1\x03"));
	term_type(&t, "\x01x");
	CHECK(term_wait(&t, "bye"));
	status = term_end(&t);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 7);
}

TEST(stdio_escapes_help_break_focus_and_itself)
{
	struct term t;

	term_start(&t);
	CHECK(term_wait(&t, "ready"));
	term_type(&t, "\x01h");
	CHECK(term_wait(&t, "Ctrl-A x  ends"));
	term_type(&t, "\x01\x01");
	CHECK(term_wait(&t, "1\x01"));
	term_type(&t, "\x01"
		      "b");
	CHECK(term_wait(&t, "<break>"));
	term_type(&t, "\x01"
		      "cz");
	CHECK(term_wait(&t, "input goes to second"));
	CHECK(term_wait(&t, "2z"));
	term_type(&t, "\x01"
		      "cy");
	CHECK(term_wait(&t, "input goes to first"));
	CHECK(term_wait(&t, "1y"));
	term_type(&t, "\x01x");
	CHECK(WIFEXITED(term_end(&t)));
}

static void term_dies(const char *type, int sig)
{
	struct term t;
	int status;

	term_start(&t);
	CHECK(term_wait(&t, "ready"));
	CHECK(term_is_raw(&t));
	if (type)
		term_type(&t, type);
	else
		kill(t.pid, sig);
	status = term_end(&t);
	CHECK(WIFSIGNALED(status));
	CHECK_EQ(WTERMSIG(status), sig);
}

TEST(stdio_terminal_is_restored_when_the_process_dies)
{
	term_dies("!", SIGABRT);
	term_dies(NULL, SIGTERM);
	term_dies(NULL, SIGSEGV);
	term_dies(NULL, SIGHUP);
}

TEST(stdio_terminal_is_restored_while_stopped)
{
	struct term t;
	int status;

	term_start(&t);
	CHECK(term_wait(&t, "ready"));
	kill(t.pid, SIGTSTP);
	CHECK(waitpid(t.pid, &status, WUNTRACED) == t.pid);
	CHECK(WIFSTOPPED(status));
	CHECK(!term_is_raw(&t));
	kill(t.pid, SIGCONT);
	UNTIL(term_is_raw(&t));
	term_type(&t, "q");
	CHECK(term_wait(&t, "1q"));
	term_type(&t, "\x01x");
	CHECK(WIFEXITED(term_end(&t)));
}

TEST(stdio_tells_of_a_new_window_size)
{
	struct winsize w = { .ws_col = 101, .ws_row = 33 };
	struct term t;

	term_start(&t);
	CHECK(term_wait(&t, "ready"));
	CHECK(ioctl(t.fd, TIOCSWINSZ, &w) == 0);
	CHECK(term_wait(&t, "<101x33>"));
	term_type(&t, "\x01x");
	CHECK(WIFEXITED(term_end(&t)));
}

/* A session whose leader puts the child in the background. */
TEST(stdio_background_process_neither_stops_nor_touches_the_terminal)
{
	struct term t = { 0 };
	int slave, status, p[2];
	pid_t leader;
	char c;

	CHECK(openpty(&t.fd, &slave, NULL, NULL, NULL) == 0);
	CHECK(pipe(p) == 0);
	leader = fork();
	if (leader == 0) {
		close(t.fd);
		login_tty(slave);
		t.pid = fork();
		if (t.pid == 0) {
			setpgid(0, 0); /* background */
			echo_main();
		}
		setpgid(t.pid, t.pid);
		/* on the test's word: to the foreground */
		if (read(p[0], &c, 1) == 1) {
			signal(SIGTTOU, SIG_IGN);
			tcsetpgrp(0, t.pid);
		}
		waitpid(t.pid, &status, WUNTRACED);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 50);
	}
	close(slave);
	CHECK(term_wait(&t, "ready"));
	CHECK(!term_is_raw(&t));
	CHECK_EQ(write(p[1], "f", 1), 1);
	UNTIL(term_is_raw(&t)); /* noticed within a second */
	term_type(&t, "k\x01x");
	CHECK(term_wait(&t, "1k"));
	CHECK(waitpid(leader, &status, 0) == leader);
	CHECK_EQ(WEXITSTATUS(status), 7);
	close(t.fd);
	close(p[0]);
	close(p[1]);
}

/* The child with these on 0 and 1; its output (a pipe) into out. */
static int run_with(int in, char *out, size_t len)
{
	int p[2], status;
	size_t n = 0;
	ssize_t k;
	pid_t pid;

	CHECK(pipe(p) == 0);
	pid = fork();
	if (pid == 0) {
		if (in < 0)
			close(0);
		else
			dup2(in, 0);
		dup2(p[1], 1);
		close(p[0]);
		close(p[1]);
		tty_std_fds();
		if (fcntl(0, F_GETFD) < 0)
			_exit(97);
		echo_main();
	}
	close(p[1]);
	while ((k = read(p[0], out + n, len - 1 - n)) > 0)
		n += (size_t)k;
	out[n] = 0;
	close(p[0]);
	CHECK(waitpid(pid, &status, 0) == pid);
	return WEXITSTATUS(status);
}

TEST(stdio_works_with_dev_null_a_closed_input_a_pipe_and_a_file)
{
	char out[4096], path[] = "/tmp/vmm-stdio-XXXXXX";
	int fd, p[2];

	fd = open("/dev/null", O_RDONLY);
	CHECK_EQ(run_with(fd, out, sizeof(out)), 7);
	CHECK_STR(out, "ready\nbye\n");
	close(fd);
	CHECK_EQ(run_with(-1, out, sizeof(out)), 7);
	CHECK_STR(out, "ready\nbye\n");
	CHECK(pipe(p) == 0);
	CHECK_EQ(write(p[1], "p\x01x", 3), 3); /* no escapes in a pipe */
	close(p[1]);
	CHECK_EQ(run_with(p[0], out, sizeof(out)), 7);
	CHECK_STR(out, "ready\n1p1\x01"
		       "1xbye\n");
	close(p[0]);
	fd = mkstemp(path);
	CHECK_EQ(write(fd, "file", 4), 4);
	lseek(fd, 0, SEEK_SET);
	CHECK_EQ(run_with(fd, out, sizeof(out)), 7);
	CHECK_STR(out, "ready\n1f1i1l1ebye\n");
	close(fd);
	unlink(path);
}

TEST(stdio_does_not_leave_its_pipes_nonblocking)
{
	char out[256];
	int p[2];

	CHECK(pipe(p) == 0);
	close(p[1]);
	CHECK_EQ(run_with(p[0], out, sizeof(out)), 7);
	CHECK_EQ(fcntl(p[0], F_GETFL) & O_NONBLOCK, 0);
	close(p[0]);
}
