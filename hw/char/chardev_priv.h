/* SPDX-License-Identifier: MIT */
/* Inside of a character back end: shared by its core and its kinds. */
#ifndef HW_CHAR_CHARDEV_PRIV_H
#define HW_CHAR_CHARDEV_PRIV_H

#include <pthread.h>
#include <sys/uio.h>

#include "hw/char/chardev.h"
#include "hw/char/watch.h"

struct chardev_kind {
	const char *word;
	const char *arg; /* what follows the colon, or NULL */
	bool shared;	 /* takes several front ends */
	/* Fills the descriptors and the name. */
	int (*open)(struct chardev *c, const char *arg, struct err *err);
	/* Undoes it, beyond closing descriptors; optional. */
	void (*close)(struct chardev *c);
	/* Finds out whether there is a reader; lock held; optional. */
	bool (*peer)(struct chardev *c);
};

struct chardev {
	/* constant: */
	const struct chardev_kind *kind;
	struct loop *loop;
	struct watch *watch;
	char *name, *path;
	int kick_fd; /* eventfd: somebody wants the loop's attention */
	int timer_fd;
	bool terminal; /* the input is one: escapes, job control */
	bool edge;     /* input is reported by edges (pty) */
	unsigned refs; /* loop's thread */
	void (*quit)(void *opaque);
	void *quit_opaque;

	/* lock, a leaf; descriptors change on the loop's thread only: */
	pthread_mutex_t lock;
	int out_fd;    /* -1: output is gone */
	bool out_sock; /* to be sent, not written */
	bool open;     /* there is a reader */
	bool broken;   /* a write failed; the loop cleans up */
	uint8_t *queue;
	size_t head, len, cap;
	bool draining;	   /* the loop waits for EPOLLOUT */
	bool starving;	   /* some front end is owed CHARDEV_WRITABLE */
	uint64_t timer_ns; /* when the timer fires, or 0 */

	/* the loop's thread: */
	struct chardev_fe *fes, *focus;
	struct loop_fd in, out, listener, kick, timer, tty;
	bool told_open;
	bool in_ready, in_always, in_end;
	bool background;
	bool escape;	  /* Ctrl-A was seen */
	bool was_waiting; /* partial lines want a look when output pauses */
	uint8_t input[4096];
	size_t in_len;
	bool input_waits; /* atomic: input has no taker yet */
};

extern const struct chardev_kind *const chardev_kinds[];

/* For kinds: watches fd for input; where epoll does not, polls by itself. */
int chardev_watch_in(struct chardev *c, int fd, struct err *err) MUST_CHECK;
/* For stdio: in.fd is a terminal; makes it raw. */
int chardev_terminal(struct chardev *c, struct err *err) MUST_CHECK;
/* Something came in at, or happened to, the other end. */
void chardev_in_ready(void *opaque, uint32_t events);
/* A client came (its descriptor, which is taken) or went. */
int chardev_connect(struct chardev *c, int fd, struct err *err) MUST_CHECK;
void chardev_disconnect(struct chardev *c);

#endif
