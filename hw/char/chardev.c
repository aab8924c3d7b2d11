/* SPDX-License-Identifier: MIT */
/* Character back ends: queued output, input with escapes, focus, watches. */
#include "hw/char/chardev.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "hw/char/chardev_priv.h"
#include "hw/char/tty.h"
#include "hw/core/log.h"
#include "hw/core/prop.h"

#define CTRL_A	       1
#define MS_NS	       UINT64_C(1000000)
#define WATCH_DELAY_NS (20 * MS_NS)   /* text gathers before a match */
#define WATCH_PAUSE_NS (100 * MS_NS)  /* no newline for that long: a prompt */
#define BACKGROUND_NS  (1000 * MS_NS) /* look whether the terminal is ours */
#define FLUSH_MS       2000

/* The one that has the terminal; the main thread's. */
static struct chardev *chardev_stdio;

static uint64_t chardev_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Has the timer fire within delay_ns; any thread. */
static void chardev_timer(struct chardev *c, uint64_t delay_ns)
{
	uint64_t at = chardev_now() + delay_ns;
	struct itimerspec t = {
		.it_value.tv_sec = (time_t)(at / 1000000000),
		.it_value.tv_nsec = (long)(at % 1000000000),
	};

	pthread_mutex_lock(&c->lock);
	if (!c->timer_ns || at < c->timer_ns) {
		c->timer_ns = at;
		timerfd_settime(c->timer_fd, TFD_TIMER_ABSTIME, &t, NULL);
	}
	pthread_mutex_unlock(&c->lock);
}

static void chardev_watch_wake(void *opaque)
{
	chardev_timer(opaque, WATCH_DELAY_NS);
}

static void chardev_kick(struct chardev *c)
{
	eventfd_write(c->kick_fd, 1); /* fails only when already pending */
}

/* ---- output */

/* One write: bytes taken, 0 when the host is full.  lock is held. */
static size_t chardev_put(struct chardev *c, const void *buf, size_t len)
{
	ssize_t n;

	do {
		n = c->out_sock ? send(c->out_fd, buf, len,
				       MSG_DONTWAIT | MSG_NOSIGNAL)
				: write(c->out_fd, buf, len);
	} while (n < 0 && errno == EINTR);
	if (n >= 0)
		return (size_t)n;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return 0;
	/* Nobody is there, or a file that cannot grow: the rest is gone. */
	if (!c->kind->peer && c->out_fd >= 0)
		log_warn("%s: output is lost: %s", c->name, strerror(errno));
	c->broken = true;
	return len;
}

/* lock is held; as much as CHARDEV_QUEUE allows. */
static size_t chardev_enqueue(struct chardev *c, const void *buf, size_t len)
{
	size_t room = CHARDEV_QUEUE - c->len, cap = c->cap ? c->cap : 4096;
	uint8_t *p;

	if (len > room)
		len = room;
	if (c->head + c->len + len > c->cap && c->head) {
		memmove(c->queue, c->queue + c->head, c->len);
		c->head = 0;
	}
	while (cap < c->len + len)
		cap *= 2;
	if (cap != c->cap) {
		p = realloc(c->queue, cap);
		if (!p)
			return 0;
		c->queue = p;
		c->cap = cap;
	}
	memcpy(c->queue + c->head + c->len, buf, len);
	c->len += len;
	return len;
}

/* lock is held: true when output has somewhere to go. */
static bool chardev_has_peer(struct chardev *c)
{
	if (c->out_fd < 0 || c->broken)
		return false;
	return !c->kind->peer || c->kind->peer(c);
}

static size_t chardev_output(struct chardev *c, const uint8_t *buf, size_t len)
{
	size_t n = 0;
	bool kick = false, open;

	pthread_mutex_lock(&c->lock);
	open = chardev_has_peer(c);
	if (!open) {
		n = len;
	} else {
		/* Of a full disk only the write after the last one tells. */
		for (size_t more = 1; !c->len && n < len && more; n += more)
			more = chardev_put(c, buf + n, len - n);
		if (n < len)
			n += chardev_enqueue(c, buf + n, len - n);
	}
	if (c->len && !c->draining)
		c->draining = kick = true;
	if (c->broken || open != c->open) {
		c->open = open && !c->broken;
		kick = true;
	}
	pthread_mutex_unlock(&c->lock);
	if (kick)
		chardev_kick(c);
	return n;
}

size_t chardev_write(struct chardev_fe *fe, const void *buf, size_t len)
{
	struct chardev *c = fe->chr;
	size_t n;

	if (!c)
		return len;
	n = chardev_output(c, buf, len);
	if (n < len) {
		pthread_mutex_lock(&c->lock);
		fe->starved = c->starving = true;
		pthread_mutex_unlock(&c->lock);
		chardev_kick(c); /* it may have drained meanwhile */
	}
	watch_feed(c->watch, fe->stream, buf, n);
	return n;
}

/* Our own words to the user. */
static void chardev_say(struct chardev *c, const char *text)
{
	chardev_output(c, (const uint8_t *)text, strlen(text));
}

/* Writes what is queued; true when all is gone.  lock is held. */
static bool chardev_drain(struct chardev *c)
{
	size_t n;

	while (c->len && !c->broken) {
		n = chardev_put(c, c->queue + c->head, c->len);
		if (!n)
			return false;
		c->head += n;
		c->len -= n;
	}
	c->head = c->len = 0;
	return true;
}

static void chardev_tell(struct chardev *c, struct chardev_fe *fe,
			 enum chardev_event ev)
{
	struct chardev_fe *f, *next;

	if (fe) {
		if (fe->event)
			fe->event(fe->opaque, ev);
		return;
	}
	for (f = c->fes; f; f = next) {
		next = f->next;
		chardev_tell(c, f, ev);
	}
}

/* Tells those that were refused, once half of the queue is free. */
static void chardev_relieve(struct chardev *c)
{
	struct chardev_fe *f, *next;
	bool owed;

	pthread_mutex_lock(&c->lock);
	owed = c->starving && c->len <= CHARDEV_QUEUE / 2;
	if (owed)
		c->starving = false;
	pthread_mutex_unlock(&c->lock);
	for (f = owed ? c->fes : NULL; f; f = next) {
		next = f->next;
		pthread_mutex_lock(&c->lock);
		owed = f->starved;
		f->starved = false;
		pthread_mutex_unlock(&c->lock);
		if (owed)
			chardev_tell(c, f, CHARDEV_WRITABLE);
	}
}

static void chardev_out_ready(void *opaque, uint32_t events)
{
	struct chardev *c = opaque;
	bool done;

	(void)events;
	pthread_mutex_lock(&c->lock);
	done = chardev_drain(c);
	if (done)
		c->draining = false;
	pthread_mutex_unlock(&c->lock);
	if (done)
		loop_mod(&c->out, 0);
	if (c->broken)
		chardev_kick(c);
	chardev_relieve(c);
}

/* ---- input */

/* Gives the input that waits to the front end in focus. */
static void chardev_deliver(struct chardev *c)
{
	struct chardev_fe *fe;
	size_t n;

	while (c->in_len && (fe = c->focus)) {
		n = fe->can_receive(fe->opaque);
		if (!n) {
			/* Look again: it may have missed that we wait. */
			__atomic_store_n(&c->input_waits, true,
					 __ATOMIC_SEQ_CST);
			n = fe->can_receive(fe->opaque);
			if (!n)
				return;
		}
		if (n > c->in_len)
			n = c->in_len;
		fe->receive(fe->opaque, c->input, n);
		c->in_len -= n;
		memmove(c->input, c->input + n, c->in_len);
	}
	__atomic_store_n(&c->input_waits, false, __ATOMIC_SEQ_CST);
}

void chardev_accept_input(struct chardev_fe *fe)
{
	struct chardev *c = fe->chr;

	if (c && __atomic_load_n(&c->input_waits, __ATOMIC_SEQ_CST))
		chardev_kick(c);
}

static void chardev_next_focus(struct chardev *c)
{
	char text[96];

	if (!c->focus || !(c->focus->next || c->focus != c->fes)) {
		chardev_say(c, "\r\nvmm: nothing else takes input here\r\n");
		return;
	}
	c->focus = c->focus->next ? c->focus->next : c->fes;
	snprintf(text, sizeof(text), "\r\nvmm: input goes to %s\r\n",
		 c->focus->name);
	chardev_say(c, text);
}

static void chardev_escape(struct chardev *c, uint8_t b)
{
	switch (b) {
	case 'x':
	case 'X':
		if (c->quit)
			c->quit(c->quit_opaque);
		else
			raise(SIGTERM);
		break;
	case 'c':
	case 'C': chardev_next_focus(c); break;
	case 'b':
	case 'B':
		if (c->focus)
			chardev_tell(c, c->focus, CHARDEV_BREAK);
		break;
	case 'h':
	case 'H':
	case '?':
		chardev_say(c, "\r\nCtrl-A x  ends the virtual machine\r\n"
			       "Ctrl-A c  gives the input to the next "
			       "console or monitor\r\n"
			       "Ctrl-A b  sends a break (Linux: SysRq)\r\n"
			       "Ctrl-A h  this help\r\n"
			       "Ctrl-A Ctrl-A  sends Ctrl-A\r\n");
		break;
	}
}

/*
 * Takes what was read.  A terminal is always read, or the escapes would not
 * work while the guest hangs: type-ahead beyond the buffer is lost.
 */
static void chardev_take(struct chardev *c, const uint8_t *buf, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (c->terminal && c->escape) {
			c->escape = false;
			if (buf[i] != CTRL_A) {
				chardev_escape(c, buf[i]);
				continue;
			}
		} else if (c->terminal && buf[i] == CTRL_A) {
			c->escape = true;
			continue;
		}
		if (c->in_len < sizeof(c->input))
			c->input[c->in_len++] = buf[i];
	}
}

/* No input comes any more from here. */
static void chardev_end_input(struct chardev *c)
{
	if (c->kind->peer) {
		chardev_disconnect(c);
		return;
	}
	loop_del(&c->in);
	c->in_end = true;
	c->in_ready = c->in_always = false;
	chardev_tell(c, NULL, CHARDEV_CLOSED);
}

/* Whether the terminal is ours may have changed. */
static void chardev_job_control(struct chardev *c)
{
	if (!c->terminal || c->in_end)
		return;
	c->background = !tty_foreground(c->in.fd);
	if (!c->background)
		tty_resume();
	else
		chardev_timer(c, BACKGROUND_NS);
}

/* The result of a read that got nothing. */
static void chardev_read_failed(struct chardev *c, ssize_t n, int error)
{
	c->in_ready = false;
	if (n < 0 && (error == EAGAIN || error == EINTR))
		return;
	if (n < 0 && error == EIO && c->terminal && !tty_foreground(c->in.fd)) {
		chardev_job_control(c);
		return;
	}
	chardev_end_input(c);
}

static void chardev_pump(struct chardev *c)
{
	uint8_t buf[1024];
	size_t room;
	ssize_t n;

	for (;;) {
		chardev_deliver(c);
		room = c->terminal ? sizeof(buf) : sizeof(c->input) - c->in_len;
		if (room > sizeof(buf))
			room = sizeof(buf);
		if (!c->in_ready || !room || c->background || c->in.fd < 0)
			break;
		n = read(c->in.fd, buf, room);
		if (n > 0) {
			if (!c->edge && !c->in_always)
				c->in_ready = false; /* epoll says it again */
			chardev_take(c, buf, (size_t)n);
		} else {
			chardev_read_failed(c, n, errno);
		}
	}
	if (!c->edge && c->in.loop)
		loop_mod(&c->in, room && !c->background ? EPOLLIN : 0);
}

/* Tells of a reader that came or went. */
static void chardev_tell_open(struct chardev *c)
{
	bool open;

	pthread_mutex_lock(&c->lock);
	open = c->open;
	pthread_mutex_unlock(&c->lock);
	if (open == c->told_open)
		return;
	c->told_open = open;
	chardev_tell(c, NULL, open ? CHARDEV_OPENED : CHARDEV_CLOSED);
}

void chardev_in_ready(void *opaque, uint32_t events)
{
	struct chardev *c = opaque;

	(void)events;
	c->in_ready = true;
	chardev_pump(c);
	chardev_tell_open(c);
}

int chardev_watch_in(struct chardev *c, int fd, struct err *err)
{
	struct err ignored;

	c->in = (struct loop_fd){
		.fd = fd,
		.events = EPOLLIN | (c->edge ? EPOLLET : 0),
		.ready = chardev_in_ready,
		.opaque = c,
	};
	if (loop_add(c->loop, &c->in, &ignored) == 0)
		return 0;
	if (ignored.code != EPERM) {
		*err = ignored;
		return -err->code;
	}
	/* A regular file or /dev/null: always ready, epoll refuses it. */
	c->in_always = c->in_ready = true;
	chardev_kick(c);
	return 0;
}

/* ---- clients that come and go */

static void chardev_set_out(struct chardev *c, int fd, bool sock)
{
	pthread_mutex_lock(&c->lock);
	c->out_fd = fd;
	c->out_sock = sock;
	c->open = fd >= 0;
	c->broken = c->draining = false;
	c->head = c->len = 0;
	pthread_mutex_unlock(&c->lock);
	c->out.fd = fd;
}

int chardev_connect(struct chardev *c, int fd, struct err *err)
{
	int out = dup(fd); /* epoll knows a descriptor once */
	int ret;

	if (out < 0) {
		ret = err_set(err, errno, "%s: %s", c->name, strerror(errno));
		close(fd);
		return ret;
	}
	ret = chardev_watch_in(c, fd, err);
	if (ret < 0) {
		close(fd);
		close(out);
		c->in.fd = -1;
		return ret;
	}
	chardev_set_out(c, out, true);
	chardev_tell_open(c);
	return 0;
}

void chardev_disconnect(struct chardev *c)
{
	int in = c->in.fd, out = c->out.fd;

	if (c->edge) { /* a pty: the reader is gone, the device stays */
		pthread_mutex_lock(&c->lock);
		c->open = c->broken = false;
		c->head = c->len = 0;
		pthread_mutex_unlock(&c->lock);
	} else {
		loop_del(&c->in);
		loop_mod(&c->out, 0);
		chardev_set_out(c, -1, false);
		c->in.fd = -1;
		c->in_ready = false;
		if (in >= 0)
			close(in);
		if (out >= 0)
			close(out);
		loop_mod(&c->listener, EPOLLIN);
	}
	chardev_tell_open(c);
	chardev_relieve(c);
}

/* ---- the loop's other business */

static void chardev_kicked(void *opaque, uint32_t events)
{
	struct chardev *c = opaque;
	eventfd_t n;
	bool broken, draining;

	(void)events;
	if (eventfd_read(c->kick_fd, &n) < 0)
		return;
	pthread_mutex_lock(&c->lock);
	broken = c->broken;
	draining = c->draining;
	if (broken)
		c->head = c->len = 0;
	pthread_mutex_unlock(&c->lock);
	if (broken && c->kind->peer)
		chardev_disconnect(c);
	else if (draining && !broken)
		loop_mod(&c->out, EPOLLOUT);
	chardev_tell_open(c);
	chardev_relieve(c);
	chardev_pump(c);
}

/* The window changed its size, or we were continued. */
static void chardev_tty_event(void *opaque, uint32_t events)
{
	struct chardev *c = opaque;
	eventfd_t n;

	(void)events;
	if (eventfd_read(c->tty.fd, &n) < 0)
		return;
	chardev_job_control(c);
	chardev_pump(c);
	chardev_tell(c, NULL, CHARDEV_RESIZE);
}

int chardev_terminal(struct chardev *c, struct err *err)
{
	int ret;

	c->tty = (struct loop_fd){ .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
				   .events = EPOLLIN,
				   .ready = chardev_tty_event,
				   .opaque = c };
	if (c->tty.fd < 0)
		return err_set(err, errno, "cannot make an event: %s",
			       strerror(errno));
	ret = loop_add(c->loop, &c->tty, err);
	if (ret < 0)
		return ret;
	ret = tty_raw(c->in.fd, c->tty.fd, err);
	if (ret < 0)
		return ret;
	c->terminal = true;
	chardev_job_control(c);
	return 0;
}

static void chardev_timed(void *opaque, uint32_t events)
{
	struct chardev *c = opaque;
	bool paused = c->was_waiting && !watch_waits(c->watch);
	uint64_t n;

	(void)events;
	if (read(c->timer_fd, &n, sizeof(n)) < 0)
		return;
	pthread_mutex_lock(&c->lock);
	c->timer_ns = 0;
	pthread_mutex_unlock(&c->lock);
	c->was_waiting = watch_run(c->watch, paused);
	if (c->was_waiting)
		chardev_timer(c, WATCH_PAUSE_NS);
	if (c->background) {
		chardev_job_control(c);
		chardev_pump(c);
	}
}

/* ---- front ends */

int chardev_attach(struct chardev *c, struct chardev_fe *fe, struct err *err)
{
	struct chardev_fe **p;

	if (c->fes && !c->kind->shared)
		return err_set(err, EBUSY, "%s is already used by %s", c->name,
			       c->fes->name);
	fe->stream = watch_stream_new(c->watch);
	if (!fe->stream)
		return err_nomem(err, "a character front end");
	for (p = &c->fes; *p; p = &(*p)->next)
		;
	fe->next = NULL;
	fe->starved = false;
	*p = fe;
	fe->chr = c;
	if (!c->focus)
		c->focus = fe;
	chardev_kick(c); /* input may wait for it */
	return 0;
}

void chardev_detach(struct chardev_fe *fe)
{
	struct chardev *c = fe->chr;
	struct chardev_fe **p;

	if (!c)
		return;
	for (p = &c->fes; *p != fe; p = &(*p)->next)
		;
	*p = fe->next;
	if (c->focus == fe)
		c->focus = c->fes;
	fe->chr = NULL;
	watch_run(c->watch, true);
	watch_stream_free(c->watch, fe->stream);
	fe->stream = NULL;
}

bool chardev_size(struct chardev_fe *fe, uint16_t *cols, uint16_t *rows)
{
	struct chardev *c = fe->chr;
	struct winsize w;

	if (!c || c->out_fd < 0 || ioctl(c->out_fd, TIOCGWINSZ, &w) < 0 ||
	    !w.ws_col || !w.ws_row)
		return false;
	*cols = w.ws_col;
	*rows = w.ws_row;
	return true;
}

bool chardev_is_open(struct chardev_fe *fe)
{
	struct chardev *c = fe->chr;
	bool open;

	if (!c)
		return false;
	pthread_mutex_lock(&c->lock);
	open = !c->kind->peer || c->open;
	pthread_mutex_unlock(&c->lock);
	return open;
}

const char *chardev_name(const struct chardev *c)
{
	return c->name;
}

void chardev_set_quit(struct chardev *c, void (*quit)(void *opaque),
		      void *opaque)
{
	c->quit_opaque = opaque;
	c->quit = quit;
}

int chardev_watch(struct chardev *c, const char *regex, chardev_watch_fn *fn,
		  void *opaque, struct err *err)
{
	return watch_add(c->watch, regex, false, fn, opaque, err);
}

int chardev_watch_panic(struct chardev *c, chardev_watch_fn *fn, void *opaque,
			struct err *err)
{
	return watch_add(c->watch, "Kernel panic - not syncing", true, fn,
			 opaque, err);
}

void chardev_flush(struct chardev *c)
{
	struct pollfd p = { .events = POLLOUT };
	bool done = false;

	while (!done) {
		pthread_mutex_lock(&c->lock);
		done = c->out_fd < 0 || chardev_drain(c);
		p.fd = c->out_fd;
		pthread_mutex_unlock(&c->lock);
		if (!done && poll(&p, 1, FLUSH_MS) <= 0)
			break;
	}
	watch_run(c->watch, true);
	chardev_relieve(c);
}

/* ---- opening and closing */

static const char *chardev_nth_word(const void *kinds, size_t i)
{
	const struct chardev_kind *const *k = kinds;

	return k[i] ? k[i]->word : NULL;
}

static void chardev_unknown(const char *spec, size_t len, struct err *err)
{
	char word[16] = "";
	const char *near;

	if (len < sizeof(word))
		memcpy(word, spec, len);
	near = nearest_word(word, chardev_nth_word, chardev_kinds);
	err_set(err, EINVAL, "'%s' is not a character device", spec);
	if (near)
		err_hint(err, "did you mean '%s%s'?", near, spec + len);
	else
		err_hint(err, "use stdio, null, file:PATH, unix:PATH or pty");
}

static const struct chardev_kind *
chardev_parse(const char *spec, const char **arg, struct err *err)
{
	const char *colon = strchr(spec, ':');
	size_t n = colon ? (size_t)(colon - spec) : strlen(spec);

	for (size_t i = 0; chardev_kinds[i]; i++) {
		const struct chardev_kind *k = chardev_kinds[i];

		if (strlen(k->word) != n || memcmp(k->word, spec, n) != 0)
			continue;
		if (k->arg && (!colon || !colon[1])) {
			err_set(err, EINVAL, "'%s' lacks its %s", spec, k->arg);
			err_hint(err, "write %s:%s", k->word, k->arg);
			return NULL;
		}
		if (!k->arg && colon) {
			err_set(err, EINVAL, "'%s' takes nothing after '%s'",
				spec, k->word);
			return NULL;
		}
		*arg = colon ? colon + 1 : NULL;
		return k;
	}
	chardev_unknown(spec, n, err);
	return NULL;
}

int chardev_check(const char *spec, struct err *err)
{
	const char *arg;

	return chardev_parse(spec, &arg, err) ? 0 : -err->code;
}

static void chardev_free(struct chardev *c)
{
	loop_del(&c->in);
	loop_del(&c->out);
	loop_del(&c->listener);
	loop_del(&c->kick);
	loop_del(&c->timer);
	loop_del(&c->tty);
	if (c->kind->close)
		c->kind->close(c);
	if (c->in.fd >= 0)
		close(c->in.fd);
	if (c->out_fd >= 0)
		close(c->out_fd);
	if (c->listener.fd >= 0)
		close(c->listener.fd);
	if (c->tty.fd >= 0)
		close(c->tty.fd);
	if (c->kick_fd >= 0)
		close(c->kick_fd);
	if (c->timer_fd >= 0)
		close(c->timer_fd);
	watch_free(c->watch);
	pthread_mutex_destroy(&c->lock);
	free(c->queue);
	free(c->name);
	free(c->path);
	free(c);
}

/* The descriptors that every kind has. */
static int chardev_prepare(struct chardev *c, struct err *err)
{
	int ret;

	c->watch = watch_new(chardev_watch_wake, c);
	if (!c->watch)
		return err_nomem(err, "a character device");
	c->kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (c->kick_fd < 0 || c->timer_fd < 0)
		return err_set(err, errno, "cannot make an event: %s",
			       strerror(errno));
	c->kick = (struct loop_fd){ .fd = c->kick_fd,
				    .events = EPOLLIN,
				    .ready = chardev_kicked,
				    .opaque = c };
	c->timer = (struct loop_fd){ .fd = c->timer_fd,
				     .events = EPOLLIN,
				     .ready = chardev_timed,
				     .opaque = c };
	ret = loop_add(c->loop, &c->kick, err);
	return ret < 0 ? ret : loop_add(c->loop, &c->timer, err);
}

struct chardev *chardev_open(const char *spec, struct loop *loop,
			     struct err *err)
{
	const struct chardev_kind *kind;
	const char *arg = NULL;
	struct chardev *c;

	kind = chardev_parse(spec, &arg, err);
	if (!kind)
		return NULL;
	if (kind->shared && chardev_stdio) {
		chardev_stdio->refs++;
		return chardev_stdio;
	}
	c = calloc(1, sizeof(*c));
	if (!c) {
		err_nomem(err, "a character device");
		return NULL;
	}
	c->kind = kind;
	c->loop = loop;
	c->refs = 1;
	c->kick_fd = c->timer_fd = c->out_fd = -1;
	c->in.fd = c->out.fd = c->listener.fd = c->tty.fd = -1;
	pthread_mutex_init(&c->lock, NULL);
	/* Writing where nobody reads is an error, not an end; as is a file
	 * that may not grow. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (chardev_prepare(c, err) < 0 || kind->open(c, arg, err) < 0) {
		chardev_free(c);
		return NULL;
	}
	c->out.ready = chardev_out_ready;
	c->out.opaque = c;
	c->out.loop = loop; /* muted until something is queued */
	c->told_open = c->open;
	if (kind->shared)
		chardev_stdio = c;
	return c;
}

void chardev_close(struct chardev *c)
{
	if (!c || --c->refs)
		return;
	chardev_flush(c);
	while (c->fes)
		chardev_detach(c->fes);
	if (c == chardev_stdio)
		chardev_stdio = NULL;
	chardev_free(c);
}
