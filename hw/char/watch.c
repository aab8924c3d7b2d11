/* SPDX-License-Identifier: MIT */
/* Watches a console's lines for expressions, beside the output's path. */
#include "hw/char/watch.h"

#include <errno.h>
#include <pthread.h>
#include <regex.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Text that may wait for the loop; a faster writer matches by itself. */
#define WATCH_BUFFER (64 * 1024)

struct watch_expr {
	struct watch_expr *next;
	chardev_watch_fn *fn;
	void *opaque;
	char *literal; /* or NULL: */
	regex_t re;
	/* work_lock: */
	bool hit, told;
	char *line; /* what it matched, until told */
};

/* Where we are in an escape sequence (ECMA-48, 5.4 and 5.6). */
enum watch_esc { ESC_NONE, ESC_SEEN, ESC_CSI, ESC_STRING, ESC_STRING_END };

struct watch_stream {
	struct watch_stream *next;
	/* w->lock: */
	uint8_t *in;
	size_t n, cap;
	/* w->work_lock: */
	uint8_t *work;
	size_t work_cap;
	enum watch_esc esc;
	size_t len;
	bool looked; /* the text so far was matched by a paused run */
	char line[WATCH_LINE + 1];
};

struct watch {
	void (*wake)(void *opaque);
	void *opaque;
	struct watch_expr *exprs; /* the loop's thread, before output flows */
	unsigned waiting;	  /* atomic: streams with text */

	pthread_mutex_t work_lock; /* before lock */
	struct watch_stream *streams;
	pthread_mutex_t lock; /* a leaf */
};

struct watch *watch_new(void (*wake)(void *opaque), void *opaque)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->wake = wake;
	w->opaque = opaque;
	pthread_mutex_init(&w->work_lock, NULL);
	pthread_mutex_init(&w->lock, NULL);
	return w;
}

static void watch_expr_free(struct watch_expr *e)
{
	if (e->literal)
		free(e->literal);
	else
		regfree(&e->re);
	free(e->line);
	free(e);
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	while (w->streams)
		watch_stream_free(w, w->streams);
	while (w->exprs) {
		struct watch_expr *e = w->exprs;

		w->exprs = e->next;
		watch_expr_free(e);
	}
	pthread_mutex_destroy(&w->work_lock);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

static int watch_compile(regex_t *re, const char *text, struct err *err)
{
	char why[128];
	int ret = regcomp(re, text, REG_EXTENDED | REG_NOSUB);

	if (ret == 0)
		return 0;
	regerror(ret, re, why, sizeof(why));
	return err_set(err, ret == REG_ESPACE ? ENOMEM : EINVAL,
		       "cannot use the expression '%s': %s", text, why);
}

int chardev_check_regex(const char *regex, struct err *err)
{
	regex_t re;
	int ret = watch_compile(&re, regex, err);

	if (ret == 0)
		regfree(&re);
	return ret;
}

int watch_add(struct watch *w, const char *text, bool literal,
	      chardev_watch_fn *fn, void *opaque, struct err *err)
{
	struct watch_expr **p, *e = calloc(1, sizeof(*e));
	int ret = 0;

	if (!e)
		return err_nomem(err, "a watched expression");
	e->fn = fn;
	e->opaque = opaque;
	if (literal) {
		e->literal = strdup(text);
		if (!e->literal)
			ret = err_nomem(err, "a watched expression");
	} else {
		ret = watch_compile(&e->re, text, err);
	}
	if (ret < 0) {
		free(e);
		return ret;
	}
	pthread_mutex_lock(&w->work_lock);
	for (p = &w->exprs; *p; p = &(*p)->next)
		;
	__atomic_store_n(p, e, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&w->work_lock);
	return 0;
}

struct watch_stream *watch_stream_new(struct watch *w)
{
	struct watch_stream *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	pthread_mutex_lock(&w->work_lock);
	s->next = w->streams;
	w->streams = s;
	pthread_mutex_unlock(&w->work_lock);
	return s;
}

void watch_stream_free(struct watch *w, struct watch_stream *s)
{
	struct watch_stream **p;

	pthread_mutex_lock(&w->work_lock);
	for (p = &w->streams; *p != s; p = &(*p)->next)
		;
	*p = s->next;
	if (s->n)
		__atomic_sub_fetch(&w->waiting, 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&w->work_lock);
	free(s->in);
	free(s->work);
	free(s);
}

/* work_lock is held. */
static void watch_match(struct watch *w, struct watch_stream *s)
{
	s->line[s->len] = 0;
	for (struct watch_expr *e = w->exprs; e; e = e->next) {
		if (e->hit)
			continue;
		e->hit = e->literal ? strstr(s->line, e->literal) != NULL
				    : regexec(&e->re, s->line, 0, NULL, 0) == 0;
		if (e->hit)
			e->line = strdup(s->line);
	}
}

/* Steps through escape sequences; true when b is text. */
static bool watch_text(struct watch_stream *s, uint8_t b)
{
	switch (s->esc) {
	case ESC_NONE:
		if (b != 0x1b)
			return b != '\r' && b != 0;
		s->esc = ESC_SEEN;
		return false;
	case ESC_SEEN:
		if (b == '[')
			s->esc = ESC_CSI;
		else if (b == ']' || b == 'P' || b == 'X' || b == '^' ||
			 b == '_')
			s->esc = ESC_STRING;
		else if (b < 0x20 || b > 0x2f) /* not an intermediate byte */
			s->esc = ESC_NONE;
		return false;
	case ESC_CSI:
		if (b >= 0x40 && b <= 0x7e)
			s->esc = ESC_NONE;
		break;
	case ESC_STRING:
		if (b == 0x07)
			s->esc = ESC_NONE;
		else if (b == 0x1b)
			s->esc = ESC_STRING_END;
		break;
	case ESC_STRING_END: s->esc = b == '\\' ? ESC_NONE : ESC_STRING; break;
	}
	/* No sequence goes over a line: this one was cut short. */
	if (b == '\n')
		s->esc = ESC_NONE;
	return b == '\n';
}

/* work_lock is held. */
static void watch_eat(struct watch *w, struct watch_stream *s,
		      const uint8_t *buf, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!watch_text(s, buf[i]))
			continue;
		if (buf[i] != '\n') {
			s->line[s->len++] = (char)buf[i];
			s->looked = false;
			if (s->len < WATCH_LINE)
				continue;
		}
		watch_match(w, s);
		s->len = 0;
	}
}

/* Takes what waits and matches it; work_lock is held. */
static void watch_drain(struct watch *w, struct watch_stream *s)
{
	uint8_t *buf;
	size_t n, cap;

	pthread_mutex_lock(&w->lock);
	buf = s->in;
	n = s->n;
	cap = s->cap;
	if (n)
		__atomic_sub_fetch(&w->waiting, 1, __ATOMIC_RELAXED);
	s->in = s->work;
	s->cap = s->work_cap;
	s->n = 0;
	pthread_mutex_unlock(&w->lock);
	s->work = buf;
	s->work_cap = cap;
	watch_eat(w, s, buf, n);
}

/* Room for len more bytes; lock is held. */
static bool watch_reserve(struct watch_stream *s, size_t len)
{
	size_t cap = s->cap ? s->cap : 1024;
	uint8_t *p;

	if (len > WATCH_BUFFER - s->n)
		return false;
	while (cap < s->n + len)
		cap *= 2;
	if (cap == s->cap)
		return true;
	p = realloc(s->in, cap);
	if (!p)
		return false;
	s->in = p;
	s->cap = cap;
	return true;
}

void watch_feed(struct watch *w, struct watch_stream *s, const void *buf,
		size_t len)
{
	bool first = false, full;

	if (!len || !__atomic_load_n(&w->exprs, __ATOMIC_ACQUIRE))
		return;
	pthread_mutex_lock(&w->lock);
	full = !watch_reserve(s, len);
	if (!full) {
		memcpy(s->in + s->n, buf, len);
		if (!s->n)
			first = __atomic_fetch_add(&w->waiting, 1,
						   __ATOMIC_RELAXED) == 0;
		s->n += len;
	}
	pthread_mutex_unlock(&w->lock);
	if (full) {
		/* The loop does not keep up: do its work here. */
		pthread_mutex_lock(&w->work_lock);
		watch_drain(w, s);
		watch_eat(w, s, buf, len);
		pthread_mutex_unlock(&w->work_lock);
		first = true;
	}
	if (first)
		w->wake(w->opaque);
}

bool watch_waits(struct watch *w)
{
	return __atomic_load_n(&w->waiting, __ATOMIC_RELAXED) != 0;
}

/* The next expression to tell of, and its line for the caller to free. */
static struct watch_expr *watch_untold(struct watch *w, char **line)
{
	struct watch_expr *e;

	pthread_mutex_lock(&w->work_lock);
	for (e = w->exprs; e && (!e->hit || e->told); e = e->next)
		;
	if (e) {
		e->told = true;
		*line = e->line;
		e->line = NULL;
	}
	pthread_mutex_unlock(&w->work_lock);
	return e;
}

bool watch_run(struct watch *w, bool paused)
{
	struct watch_expr *e;
	bool remains = false;
	char *line;

	pthread_mutex_lock(&w->work_lock);
	for (struct watch_stream *s = w->streams; s; s = s->next) {
		watch_drain(w, s);
		if (paused && s->len && !s->looked) {
			watch_match(w, s);
			s->looked = true;
		}
		remains |= s->len && !s->looked;
	}
	pthread_mutex_unlock(&w->work_lock);
	while ((e = watch_untold(w, &line))) {
		e->fn(e->opaque, line ? line : "");
		free(line);
	}
	return remains;
}
