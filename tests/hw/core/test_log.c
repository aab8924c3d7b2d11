/* SPDX-License-Identifier: MIT */
/* The log: levels, files, hostile text, and the limit on guest errors. */
#include "hw/core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test.h"

static char log_path[] = "/tmp/vmm-test-log-XXXXXX";

static void log_begin(enum log_level level)
{
	struct err err = { 0 };
	int fd;

	strcpy(log_path + sizeof(log_path) - 7, "XXXXXX");
	fd = mkstemp(log_path);
	CHECK(fd >= 0);
	close(fd);
	CHECK_EQ(log_open(level, log_path, &err), 0);
}

/* Ends the log and returns what it holds. */
static const char *log_end(void)
{
	static char text[16384];
	struct err err = { 0 };
	FILE *f = fopen(log_path, "r");
	size_t n;

	CHECK(f != NULL);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = 0;
	fclose(f);
	unlink(log_path);
	CHECK_EQ(log_open(LOG_LEVEL_WARN, NULL, &err), 0);
	return text;
}

static unsigned log_lines(const char *text)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

TEST(log_drops_what_is_above_its_level)
{
	const char *text;

	log_begin(LOG_LEVEL_INFO);
	log_error("one %d", 1);
	log_info("three");
	log_debug("four");
	text = log_end();
	CHECK_EQ(log_lines(text), 2);
	CHECK(strstr(text, "error: one 1\n") != NULL);
	CHECK(strstr(text, "info: three\n") != NULL);
}

TEST(log_does_not_evaluate_what_it_drops)
{
	int n = 0;

	log_begin(LOG_LEVEL_ERROR);
	log_warn("%d", ++n);
	log_error("%d", ++n);
	log_end();
	CHECK_EQ(n, 1);
}

TEST(log_lines_are_one_line_of_bounded_length)
{
	char big[5000];
	const char *text;

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = 0;
	memcpy(big, "a\nb\033[2J\r\177", 9);
	log_begin(LOG_LEVEL_WARN);
	log_warn("%s", big);
	text = log_end();
	CHECK_EQ(log_lines(text), 1);
	CHECK(strstr(text, "a?b?[2J??xx") != NULL);
	CHECK(strlen(text) <= 1024);
}

TEST(log_open_names_the_file_it_cannot_open)
{
	struct err err = { 0 };

	CHECK_EQ(log_open(LOG_LEVEL_WARN, "/nonexistent/log", &err), -ENOENT);
	CHECK_STR(err.msg, "cannot open log file '/nonexistent/log': "
			   "No such file or directory");
}

TEST(guest_error_is_limited_and_counts)
{
	const char *text;
	unsigned lines;

	log_begin(LOG_LEVEL_WARN);
	for (int i = 0; i < 1000; i++)
		guest_error("limited", "bad index %d", i);
	text = log_end();
	lines = log_lines(text);
	CHECK(strstr(text, "warning: limited: bad index 9\n") != NULL);
	/* A slow run may gain tokens; each is one line less dropped. */
	CHECK(lines >= 10 && lines < 1000);
	CHECK(guest_error_dropped("limited") > 0);
	CHECK(guest_error_dropped("limited") <= 990);
}

TEST(guest_error_limits_each_name_alone)
{
	const char *text;

	log_begin(LOG_LEVEL_WARN);
	for (int i = 0; i < 100; i++)
		guest_error("loud", "again");
	guest_error("quiet", "once");
	text = log_end();
	CHECK(strstr(text, "quiet: once\n") != NULL);
	CHECK_EQ(guest_error_dropped("quiet"), 0);
	CHECK_EQ(guest_error_dropped("unheard of"), 0);
}

/* Whoever reads the log has stopped: a guest's mistakes wait for nobody. */
TEST(guest_error_is_dropped_where_nobody_reads)
{
	static char text[1 << 16];
	char path[] = "/tmp/vmm-test-log-XXXXXX";
	struct err err = { 0 };
	int in, out;

	CHECK(mkdtemp(path) != NULL);
	strcpy(log_path, path);
	CHECK_EQ(rmdir(path), 0);
	CHECK_EQ(mkfifo(path, 0600), 0);
	in = open(path, O_RDONLY | O_NONBLOCK);
	out = open(path, O_WRONLY | O_NONBLOCK);
	CHECK(in >= 0 && out >= 0);
	CHECK_EQ(log_open(LOG_LEVEL_WARN, path, &err), 0);
	while (write(out, text, sizeof(text)) > 0)
		;
	for (int i = 0; i < 10; i++)
		guest_error("unread", "mistake %d", i);
	CHECK_EQ(guest_error_dropped("unread"), 10);
	while (read(in, text, sizeof(text)) > 0)
		;
	guest_error("unread", "one more");
	CHECK(read(in, text, sizeof(text)) > 0);
	CHECK(strstr(text, "unread: 10 more guest errors not shown\n") != NULL);
	CHECK(strstr(text, "unread: one more\n") != NULL);
	CHECK_EQ(log_open(LOG_LEVEL_WARN, NULL, &err), 0);
	close(in);
	close(out);
	unlink(path);
}
