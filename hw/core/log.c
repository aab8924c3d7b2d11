/* SPDX-License-Identifier: MIT */
/* The log: levels, one write a line, and a limit on what a guest causes. */
#include "hw/core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOG_LINE_MAX	1024
#define GUEST_BURST	10
#define GUEST_PERIOD_NS 1000000000ull
#define GUEST_NAMES	64 /* names beyond share the last bucket */

int log_threshold = LOG_LEVEL_WARN;
unsigned log_guest_insn;

static int log_fd = STDERR_FILENO;
static uint64_t log_start_ns;

static uint64_t log_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

int log_open(enum log_level level, const char *path, struct err *err)
{
	int fd = STDERR_FILENO;

	if (path) {
		fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
			  0644);
		if (fd < 0)
			return err_set(err, errno,
				       "cannot open log file '%s': %s", path,
				       strerror(errno));
	}
	log_close();
	log_fd = fd;
	log_start_ns = log_now_ns();
	__atomic_store_n(&log_threshold, level, __ATOMIC_RELAXED);
	return 0;
}

void log_close(void)
{
	if (log_fd != STDERR_FILENO)
		close(log_fd);
	log_fd = STDERR_FILENO;
}

/* A file has times; a person at the terminal sees what errors look like. */
static size_t log_head(char *line, size_t len, enum log_level level)
{
	static const char *const word[] = { "error", "warning", "info",
					    "debug" };
	uint64_t ms;

	if (log_fd == STDERR_FILENO)
		return snprintf(line, len, "vmm: %s: ", word[level]);
	ms = (log_now_ns() - log_start_ns) / 1000000;
	return snprintf(line, len, "%6" PRIu64 ".%03u %s: ", ms / 1000,
			(unsigned)(ms % 1000), word[level]);
}

static void log_vwrite(enum log_level level, const char *who, const char *fmt,
		       va_list ap)
{
	char line[LOG_LINE_MAX];
	size_t n = log_head(line, sizeof(line), level);
	ssize_t ret;

	if (who)
		n += snprintf(line + n, sizeof(line) - n, "%.64s: ", who);
	n += vsnprintf(line + n, sizeof(line) - n, fmt, ap);
	if (n > sizeof(line) - 2)
		n = sizeof(line) - 2;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	line[n++] = '\n';
	do
		ret = write(log_fd, line, n);
	while (ret < 0 && errno == EINTR);
}

void log_write(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vwrite(level, NULL, fmt, ap);
	va_end(ap);
}

/* ---- guest_error(): one token bucket a name */

struct guest_bucket {
	char who[64];
	unsigned tokens;
	uint64_t filled_ns; /* when the bucket last gained a token */
	uint64_t untold;    /* dropped since the last line that passed */
	uint64_t dropped;   /* dropped in all */
};

static pthread_mutex_t guest_lock = PTHREAD_MUTEX_INITIALIZER;
/* guest_lock: */
static struct guest_bucket guest_buckets[GUEST_NAMES];
static unsigned guest_names;

static struct guest_bucket *guest_bucket(const char *who, bool add)
{
	struct guest_bucket *b;

	for (unsigned i = 0; i < guest_names; i++)
		if (!strncmp(guest_buckets[i].who, who,
			     sizeof(guest_buckets[i].who) - 1))
			return &guest_buckets[i];
	if (!add)
		return NULL;
	if (guest_names == GUEST_NAMES)
		return &guest_buckets[GUEST_NAMES - 1];
	b = &guest_buckets[guest_names++];
	snprintf(b->who, sizeof(b->who), "%s", who);
	b->tokens = GUEST_BURST;
	b->filled_ns = log_now_ns();
	return b;
}

/* A reader that stopped must not stop the guest's CPUs as well. */
static bool log_has_room(void)
{
	struct pollfd p = { .fd = log_fd, .events = POLLOUT };

	return poll(&p, 1, 0) != 0;
}

/* True when a line may pass; *untold is how many were kept back before it. */
static bool guest_may_log(const char *who, uint64_t *untold)
{
	uint64_t now = log_now_ns(), periods;
	struct guest_bucket *b;
	bool pass;

	pthread_mutex_lock(&guest_lock);
	b = guest_bucket(who, true);
	periods = (now - b->filled_ns) / GUEST_PERIOD_NS;
	if (periods) {
		b->filled_ns += periods * GUEST_PERIOD_NS;
		b->tokens = periods > GUEST_BURST - b->tokens
				    ? GUEST_BURST
				    : b->tokens + periods;
	}
	*untold = b->untold;
	pass = b->tokens > 0 && log_has_room();
	if (pass) {
		b->tokens--;
		b->untold = 0;
	} else {
		b->untold++;
		b->dropped++;
	}
	pthread_mutex_unlock(&guest_lock);
	return pass;
}

void guest_error(const char *who, const char *fmt, ...)
{
	uint64_t untold;
	va_list ap;

	if (__atomic_load_n(&log_threshold, __ATOMIC_RELAXED) <
	    (int)LOG_LEVEL_WARN)
		return;
	if (!guest_may_log(who, &untold))
		return;
	if (untold)
		log_write(LOG_LEVEL_WARN,
			  "%.64s: %" PRIu64 " more guest errors not shown", who,
			  untold);
	va_start(ap, fmt);
	log_vwrite(LOG_LEVEL_WARN, who, fmt, ap);
	va_end(ap);
}

uint64_t guest_error_dropped(const char *who)
{
	const struct guest_bucket *b;
	uint64_t n;

	pthread_mutex_lock(&guest_lock);
	b = guest_bucket(who, false);
	n = b ? b->dropped : 0;
	pthread_mutex_unlock(&guest_lock);
	return n;
}
