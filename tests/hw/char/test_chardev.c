/* SPDX-License-Identifier: MIT */
/* Character back ends: queues, backpressure, clients, watches. */
#include "hw/char/chardev.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "hw/core/device.h"
#include "hw/core/log.h"
#include "tests/test.h"

/* A loop, a back end and a front end that records. */
struct fe_rig {
	struct loop *loop;
	struct chardev *chr;
	struct chardev_fe fe;
	size_t room;
	char in[8192];
	size_t in_len;
	unsigned events[CHARDEV_RESIZE + 1];
	char dir[64], path[80];
};

static size_t fe_rig_can(void *opaque)
{
	return ((struct fe_rig *)opaque)->room;
}

static void fe_rig_receive(void *opaque, const uint8_t *buf, size_t len)
{
	struct fe_rig *f = opaque;

	CHECK(len <= f->room && f->in_len + len < sizeof(f->in));
	memcpy(f->in + f->in_len, buf, len);
	f->in_len += len;
	f->room -= len;
}

static void fe_rig_event(void *opaque, enum chardev_event ev)
{
	((struct fe_rig *)opaque)->events[ev]++;
}

static void fe_rig_init(struct fe_rig *f, const char *kind)
{
	struct err err = { 0 };
	char spec[128];

	*f = (struct fe_rig){ .room = sizeof(f->in) - 1 };
	strcpy(f->dir, "/tmp/vmm-chardev-XXXXXX");
	CHECK(mkdtemp(f->dir) != NULL);
	snprintf(f->path, sizeof(f->path), "%s/x", f->dir);
	snprintf(spec, sizeof(spec), "%s%s", kind,
		 strchr(kind, ':') ? f->path : "");
	f->loop = loop_new(&err);
	f->chr = chardev_open(spec, f->loop, &err);
	CHECK(f->chr != NULL);
	f->fe = (struct chardev_fe){ .name = "test",
				     .opaque = f,
				     .can_receive = fe_rig_can,
				     .receive = fe_rig_receive,
				     .event = fe_rig_event };
	CHECK(chardev_attach(f->chr, &f->fe, &err) == 0);
}

static void fe_rig_destroy(struct fe_rig *f)
{
	chardev_detach(&f->fe);
	chardev_close(f->chr);
	loop_free(f->loop);
	unlink(f->path);
	rmdir(f->dir);
}

struct fe_stop {
	struct loop *loop;
	struct loop_idle idle;
	int left;
};

static bool fe_stop_run(void *opaque)
{
	struct fe_stop *s = opaque;

	if (--s->left == 0)
		loop_stop(s->loop);
	return true;
}

/* Some rounds of the loop. */
static void fe_rig_poll(struct fe_rig *f)
{
	struct fe_stop s = { .loop = f->loop, .left = 12 * LOOP_ROUNDS };

	s.idle = (struct loop_idle){ .run = fe_stop_run, .opaque = &s };
	loop_idle_add(f->loop, &s.idle);
	loop_run(f->loop);
	loop_idle_del(f->loop, &s.idle);
}

static void fe_rig_until(struct fe_rig *f, const unsigned *flag)
{
	UNTIL((fe_rig_poll(f), *flag));
}

static int fe_rig_connect(struct fe_rig *f)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strcpy(a.sun_path, f->path);
	CHECK(connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	fe_rig_poll(f);
	return fd;
}

static void fe_rig_print(struct fe_rig *f, const char *text)
{
	CHECK_EQ(chardev_write(&f->fe, text, strlen(text)), strlen(text));
}

/* ---- words */

TEST(chardev_refuses_words_that_it_does_not_know)
{
	struct err err = { 0 };

	CHECK(chardev_check("stdio", &err) == 0);
	CHECK(chardev_check("file:/tmp/x", &err) == 0);
	CHECK(chardev_check("tcp:1", &err) == -EINVAL);
	CHECK_STR(err.msg, "'tcp:1' is not a character device");
	CHECK_STR(err.hint, "use stdio, null, file:PATH, unix:PATH or pty");
	CHECK(chardev_check("file", &err) == -EINVAL);
	CHECK_STR(err.msg, "'file' lacks its PATH");
	CHECK(chardev_check("file:", &err) == -EINVAL);
	CHECK(chardev_check("pty:3", &err) == -EINVAL);
}

TEST(chardev_file_that_cannot_be_opened_is_named)
{
	struct err err = { 0 };
	struct loop *l = loop_new(&err);

	CHECK(!chardev_open("file:/nonexistent/x", l, &err));
	CHECK_STR(err.msg, "cannot open '/nonexistent/x' for output: "
			   "No such file or directory");
	loop_free(l);
}

/* ---- output */

TEST(chardev_file_gets_every_byte_in_order)
{
	struct fe_rig f;
	char buf[64] = { 0 };
	int fd;

	fe_rig_init(&f, "file:");
	fe_rig_print(&f, "one ");
	fe_rig_print(&f, "two");
	fd = open(f.path, O_RDONLY);
	CHECK_EQ(read(fd, buf, sizeof(buf)), 7);
	CHECK_STR(buf, "one two");
	close(fd);
	fe_rig_destroy(&f);
}

/* A full disk takes a part of a write and no more. */
TEST(chardev_file_that_is_full_does_not_hold_the_writer_up)
{
	struct rlimit was, small;
	int level = log_threshold;
	size_t taken = 0;
	struct fe_rig f;
	struct stat st;

	fe_rig_init(&f, "file:");
	CHECK_EQ(getrlimit(RLIMIT_FSIZE, &was), 0);
	small = (struct rlimit){ 10, was.rlim_max };
	log_threshold = LOG_LEVEL_ERROR; /* a file, too, maybe */
	CHECK_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (int i = 0; i < 2 * CHARDEV_QUEUE / 16; i++)
		taken += chardev_write(&f.fe, "sixteen letters.", 16);
	fe_rig_poll(&f);
	setrlimit(RLIMIT_FSIZE, &was);
	log_threshold = level;
	CHECK_EQ(taken, 2 * CHARDEV_QUEUE / 16 * 16);
	CHECK_EQ(stat(f.path, &st), 0);
	CHECK_EQ(st.st_size, 10);
	fe_rig_destroy(&f);
}

TEST(chardev_null_takes_everything)
{
	struct fe_rig f;

	fe_rig_init(&f, "null");
	for (int i = 0; i < 5000; i++)
		fe_rig_print(&f, "a line that nobody reads, and many of it\n");
	CHECK_EQ(f.events[CHARDEV_WRITABLE], 0);
	fe_rig_destroy(&f);
}

/* Byte i of a stream that repeats late. */
static uint8_t pattern(size_t i)
{
	return (uint8_t)(i ^ i >> 8 ^ i >> 16);
}

TEST(chardev_queue_is_bounded_lossless_and_ordered)
{
	struct fe_rig f;
	size_t sent = 0, got = 0, n, want;
	uint8_t buf[1000];
	ssize_t k;
	int fd;

	fe_rig_init(&f, "unix:");
	fd = fe_rig_connect(&f);
	do {
		for (want = 0; want < sizeof(buf); want++)
			buf[want] = pattern(sent + want);
		n = chardev_write(&f.fe, buf, want);
		sent += n;
	} while (n == want && sent < (16u << 20));
	CHECK(sent >= CHARDEV_QUEUE && sent < (16u << 20));
	fe_rig_poll(&f);
	CHECK_EQ(f.events[CHARDEV_WRITABLE], 0);
	for (int idle = 0; idle < 4;) {
		k = read(fd, buf, sizeof(buf));
		for (ssize_t i = 0; i < k; i++)
			CHECK_EQ(buf[i], pattern(got + i));
		got += k > 0 ? (size_t)k : 0;
		idle = k > 0 ? 0 : idle + 1;
		if (k <= 0)
			fe_rig_poll(&f);
	}
	CHECK_EQ(got, sent);
	CHECK_EQ(f.events[CHARDEV_WRITABLE], 1);
	close(fd);
	fe_rig_destroy(&f);
}

/* ---- input */

TEST(chardev_input_waits_until_the_front_end_takes_it)
{
	struct fe_rig f;
	int fd;

	fe_rig_init(&f, "unix:");
	fd = fe_rig_connect(&f);
	f.room = 2;
	CHECK_EQ(write(fd, "abcdef", 6), 6);
	fe_rig_poll(&f);
	CHECK_STR(f.in, "ab");
	f.room = 3;
	chardev_accept_input(&f.fe);
	fe_rig_poll(&f);
	CHECK_STR(f.in, "abcde");
	f.room = 100;
	chardev_accept_input(&f.fe);
	fe_rig_poll(&f);
	CHECK_STR(f.in, "abcdef");
	close(fd);
	fe_rig_destroy(&f);
}

TEST(chardev_input_beyond_its_buffer_is_not_lost_from_a_socket)
{
	struct fe_rig f;
	static char text[8000];
	int fd;

	fe_rig_init(&f, "unix:");
	fd = fe_rig_connect(&f);
	f.room = 0;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 23);
	CHECK_EQ(write(fd, text, sizeof(text)), sizeof(text));
	fe_rig_poll(&f);
	f.room = sizeof(text);
	chardev_accept_input(&f.fe);
	fe_rig_poll(&f);
	CHECK_EQ(f.in_len, sizeof(text));
	CHECK_MEM(f.in, text, sizeof(text));
	close(fd);
	fe_rig_destroy(&f);
}

TEST(chardev_socket_serves_one_client_after_another)
{
	struct fe_rig f;
	char buf[16] = { 0 };
	int a, b;

	fe_rig_init(&f, "unix:");
	CHECK(!chardev_is_open(&f.fe));
	fe_rig_print(&f, "into the void");
	a = fe_rig_connect(&f);
	CHECK(chardev_is_open(&f.fe));
	CHECK_EQ(f.events[CHARDEV_OPENED], 1);
	b = fe_rig_connect(&f);
	fe_rig_print(&f, "A");
	CHECK_EQ(read(a, buf, sizeof(buf)), 1);
	CHECK(read(b, buf, sizeof(buf)) < 0);
	close(a);
	fe_rig_poll(&f);
	CHECK_EQ(f.events[CHARDEV_CLOSED], 1);
	CHECK_EQ(f.events[CHARDEV_OPENED], 2);
	fe_rig_print(&f, "B");
	CHECK_EQ(read(b, buf, sizeof(buf)), 1);
	CHECK_STR(buf, "B");
	close(b);
	fe_rig_poll(&f);
	fe_rig_print(&f, "nobody");
	CHECK(!chardev_is_open(&f.fe));
	fe_rig_destroy(&f);
}

TEST(chardev_client_that_leaves_unread_output_frees_the_front_end)
{
	struct fe_rig f;
	static char junk[65536];
	int fd;

	fe_rig_init(&f, "unix:");
	fd = fe_rig_connect(&f);
	while (chardev_write(&f.fe, junk, sizeof(junk)) == sizeof(junk))
		;
	close(fd);
	fe_rig_until(&f, &f.events[CHARDEV_WRITABLE]);
	CHECK_EQ(chardev_write(&f.fe, junk, sizeof(junk)), sizeof(junk));
	fe_rig_destroy(&f);
}

TEST(chardev_socket_replaces_a_stale_one_only)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct err err = { 0 };
	struct fe_rig f;
	char spec[128];
	int fd;

	fe_rig_init(&f, "unix:");
	snprintf(spec, sizeof(spec), "unix:%s", f.path);
	CHECK(!chardev_open(spec, f.loop, &err));
	CHECK(strstr(err.msg, "another process does") != NULL);
	CHECK(access(f.path, F_OK) == 0);
	chardev_detach(&f.fe);
	chardev_close(f.chr);
	CHECK(access(f.path, F_OK) < 0);
	strcpy(a.sun_path, f.path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	close(fd); /* a dead process's */
	f.chr = chardev_open(spec, f.loop, &err);
	CHECK(f.chr != NULL);
	CHECK(chardev_attach(f.chr, &f.fe, &err) == 0);
	fe_rig_destroy(&f);
}

TEST(chardev_socket_says_why_it_cannot_be)
{
	struct err err = { 0 };
	struct loop *loop = loop_new(&err);

	CHECK(!chardev_open("unix:/nonexistent/x", loop, &err));
	CHECK_STR(err.msg, "cannot listen on '/nonexistent/x': "
			   "No such file or directory");
	CHECK(!chardev_open("unix:/tmp", loop, &err));
	CHECK_STR(err.msg,
		  "cannot listen on '/tmp': it exists and is no socket");
	loop_free(loop);
}

TEST(chardev_second_front_end_is_refused_where_there_is_one)
{
	struct chardev_fe other = { .name = "other" };
	struct err err = { 0 };
	struct fe_rig f;

	fe_rig_init(&f, "null");
	CHECK(chardev_attach(f.chr, &other, &err) == -EBUSY);
	CHECK_STR(err.msg, "null is already used by test");
	fe_rig_destroy(&f);
}

TEST(chardev_pty_works_while_somebody_has_it_open)
{
	struct termios t;
	struct fe_rig f;
	static char junk[4096];
	char buf[16] = { 0 };
	int fd;

	fe_rig_init(&f, "pty");
	for (int i = 0; i < 1000; i++) /* no reader: gone, never full */
		CHECK_EQ(chardev_write(&f.fe, junk, sizeof(junk)),
			 sizeof(junk));
	fd = open(chardev_name(f.chr), O_RDWR | O_NOCTTY | O_NONBLOCK);
	CHECK(fd >= 0);
	CHECK(tcgetattr(fd, &t) == 0);
	CHECK_EQ(t.c_lflag & (ECHO | ICANON), 0);
	fe_rig_print(&f, "hello");
	CHECK_EQ(read(fd, buf, sizeof(buf)), 5);
	CHECK_STR(buf, "hello");
	CHECK_EQ(write(fd, "yo\r", 3), 3);
	fe_rig_poll(&f);
	CHECK_STR(f.in, "yo\r");
	CHECK_EQ(f.events[CHARDEV_OPENED], 1);
	close(fd);
	fe_rig_poll(&f);
	CHECK_EQ(f.events[CHARDEV_CLOSED], 1);
	fd = open(chardev_name(f.chr), O_RDWR | O_NOCTTY | O_NONBLOCK);
	fe_rig_print(&f, "again");
	CHECK_EQ(read(fd, buf, sizeof(buf)), 5);
	close(fd);
	fe_rig_destroy(&f);
}

/* ---- watches */

struct seen {
	unsigned n;
	char line[8192];
};

static void seen_line(void *opaque, const char *line)
{
	struct seen *s = opaque;

	s->n++;
	snprintf(s->line, sizeof(s->line), "%s", line);
}

static void watch_on(struct fe_rig *f, const char *regex, struct seen *s)
{
	struct err err = { 0 };

	CHECK(chardev_watch(f->chr, regex, seen_line, s, &err) == 0);
}

TEST(watch_finds_a_line_between_escapes_and_returns)
{
	struct seen ok = { 0 }, no = { 0 };
	struct fe_rig f;

	fe_rig_init(&f, "null");
	watch_on(&f, "^login ok [0-9]+$", &ok);
	watch_on(&f, "never", &no);
	fe_rig_print(&f, "boot\r\n\x1b[1;32mlogin\x1b[0m o");
	fe_rig_print(&f, "k 42\x1b]0;title\x07\x1b(B\r\nmore\r\n");
	fe_rig_until(&f, &ok.n);
	CHECK_STR(ok.line, "login ok 42");
	CHECK_EQ(no.n, 0);
	fe_rig_print(&f, "login ok 43\n");
	chardev_flush(f.chr);
	CHECK_EQ(ok.n, 1); /* once */
	fe_rig_destroy(&f);
}

TEST(watch_finds_a_prompt_without_a_newline)
{
	struct seen s = { 0 };
	struct fe_rig f;

	fe_rig_init(&f, "null");
	watch_on(&f, "# $", &s);
	fe_rig_print(&f, "init done\n/ # ");
	fe_rig_until(&f, &s.n);
	CHECK_STR(s.line, "/ # ");
	fe_rig_destroy(&f);
}

TEST(watch_is_settled_by_a_flush)
{
	struct seen s = { 0 };
	struct fe_rig f;

	fe_rig_init(&f, "null");
	watch_on(&f, "last words", &s);
	fe_rig_print(&f, "these are my last words");
	chardev_flush(f.chr);
	CHECK_EQ(s.n, 1);
	fe_rig_destroy(&f);
}

TEST(watch_finds_a_kernel_panic)
{
	struct seen s = { 0 };
	struct err err = { 0 };
	struct fe_rig f;

	fe_rig_init(&f, "null");
	CHECK(chardev_watch_panic(f.chr, seen_line, &s, &err) == 0);
	fe_rig_print(&f, "[    1.2] Kernel panic - not syncing: VFS: x\r\n");
	chardev_flush(f.chr);
	CHECK_EQ(s.n, 1);
	CHECK_STR(s.line, "[    1.2] Kernel panic - not syncing: VFS: x");
	fe_rig_destroy(&f);
}

TEST(watch_keeps_up_with_a_flood_in_bounded_memory)
{
	struct seen s = { 0 }, cut = { 0 };
	static char junk[3000];
	struct fe_rig f;

	fe_rig_init(&f, "null");
	watch_on(&f, "needle$", &s);
	watch_on(&f, "^x{5000}", &cut);
	memset(junk, 'x', sizeof(junk));
	for (int i = 0; i < 200; i++)
		CHECK_EQ(chardev_write(&f.fe, junk, sizeof(junk)),
			 sizeof(junk));
	fe_rig_print(&f, "\nneedle\n");
	for (int i = 0; i < 200; i++)
		CHECK_EQ(chardev_write(&f.fe, junk, sizeof(junk)),
			 sizeof(junk));
	chardev_flush(f.chr);
	CHECK_EQ(s.n, 1);
	CHECK_EQ(cut.n, 0);
	fe_rig_destroy(&f);
}

TEST(watch_says_what_is_wrong_with_an_expression)
{
	struct err err = { 0 };

	CHECK(chardev_check_regex("(ab", &err) == -EINVAL);
	CHECK_STR(err.msg, "cannot use the expression '(ab': "
			   "Unmatched ( or \\(");
	CHECK(chardev_check_regex("a|b", &err) == 0);
}
