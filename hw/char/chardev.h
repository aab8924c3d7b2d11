/* SPDX-License-Identifier: MIT */
/* Character back ends: where a serial port's or a console's bytes go. */
#ifndef HW_CHAR_CHARDEV_H
#define HW_CHAR_CHARDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hw/core/err.h"
#include "hw/core/loop.h"

/*
 * A back end is opened by a word and lives on the main loop:
 *
 *	stdio		the terminal, or whatever 0 and 1 are
 *	null		nothing comes in, output is gone
 *	file:PATH	output only; a regular file is truncated
 *	unix:PATH	a listening socket; one client at a time, the next one
 *			waits; without a client output is gone
 *	pty		a new pseudo-terminal, whose name is printed; without
 *			a reader output is gone
 *
 * A front end (a UART, a console port, a monitor) attaches to one.  Several
 * may share stdio: output is interleaved, input goes to the one in focus, at
 * first the first that came.
 *
 * Output never blocks.  While nothing is queued it is one write(2); what the
 * host does not take at once is queued, up to CHARDEV_QUEUE bytes, and beyond
 * that chardev_write() takes less than it was given: the front end then makes
 * its guest wait until CHARDEV_WRITABLE.  No byte that was taken is lost while
 * there is somebody to read it.
 *
 * Where standard input is a terminal it is raw, and Ctrl-A is the escape:
 * Ctrl-A x quits, Ctrl-A h prints the help, Ctrl-A c gives the input to the
 * next front end, Ctrl-A b sends a break, Ctrl-A Ctrl-A sends Ctrl-A.
 */
struct chardev;
struct watch_stream;

#define CHARDEV_QUEUE (1024 * 1024)

enum chardev_event {
	CHARDEV_WRITABLE, /* room again after a short chardev_write() */
	CHARDEV_OPENED,	  /* somebody is at the other end */
	CHARDEV_CLOSED,	  /* nobody is; for stdio: the input has ended */
	CHARDEV_BREAK,	  /* the user asked for a break condition */
	CHARDEV_RESIZE,	  /* chardev_size() changed */
};

/*
 * A front end; lives in its owner, which fills the first block.  Callbacks
 * come on the loop's thread with no lock of the chardev held, and may call
 * back.  They must not come to wait for a thread that waits for the loop.
 */
struct chardev_fe {
	const char *name; /* "serial", "console": named when focus moves */
	void *opaque;
	/* How many bytes receive() would take now. */
	size_t (*can_receive)(void *opaque);
	/* At most as many as can_receive() just said. */
	void (*receive)(void *opaque, const uint8_t *buf, size_t len);
	void (*event)(void *opaque, enum chardev_event ev); /* optional */

	/* the chardev's: */
	struct chardev *chr; /* NULL while not attached */
	struct chardev_fe *next;
	struct watch_stream *stream;
	bool starved; /* chr's lock: owed a CHARDEV_WRITABLE */
};

/*
 * Opens a back end on a loop; while the loop does not run, or on its thread.
 * Opening stdio once more yields the same back end; every chardev_open() is
 * paired with a chardev_close().
 */
struct chardev *chardev_open(const char *spec, struct loop *loop,
			     struct err *err);
/* Checks the syntax of a spec only; for option parsers. */
int chardev_check(const char *spec, struct err *err) MUST_CHECK;
/*
 * Flushes (see chardev_flush()), restores the terminal, removes the socket.
 * All front ends are detached.  On the loop's thread, or when it does not run.
 */
void chardev_close(struct chardev *c);

/* -EBUSY where the back end takes one front end only and has it. */
int chardev_attach(struct chardev *c, struct chardev_fe *fe,
		   struct err *err) MUST_CHECK;
/* No callback comes after it returned.  Loop's thread, or loop stopped. */
void chardev_detach(struct chardev_fe *fe);

/*
 * Takes up to len bytes and says how many; never blocks.  Not attached: takes
 * all.  Any thread, also with the owner's device lock held.
 */
size_t chardev_write(struct chardev_fe *fe, const void *buf, size_t len);
/* The front end's can_receive() may have grown.  Any thread; cheap. */
void chardev_accept_input(struct chardev_fe *fe);
/* Columns and rows of the terminal behind it; false if there is none. */
bool chardev_size(struct chardev_fe *fe, uint16_t *cols, uint16_t *rows);
/* True when somebody is at the other end (for null and file: always). */
bool chardev_is_open(struct chardev_fe *fe);

/*
 * Writes what is queued, waiting as long as the other end takes at least a
 * byte every two seconds, and lets the watches see all there was.  Loop's
 * thread, or when the loop does not run.
 */
void chardev_flush(struct chardev *c);
/* "stdio", "/dev/pts/4", "unix:PATH": for messages. */
const char *chardev_name(const struct chardev *c);
/* What Ctrl-A x does, on the loop's thread.  Default: raise(SIGTERM). */
void chardev_set_quit(struct chardev *c, void (*quit)(void *opaque),
		      void *opaque);

/*
 * Has fn called, once, on the loop's thread, when a line of the output (of
 * any front end) matches an extended regular expression.  line is without
 * carriage returns, escape sequences and the newline, at most 4 KiB (a longer
 * line is matched in pieces).  Text that waits without a newline, as a prompt
 * does, is matched when the output pauses.  Matching happens on the loop's
 * thread some milliseconds later; chardev_flush() settles it before an exit
 * status is decided.  -EINVAL with regcomp()'s words for a bad expression.
 */
typedef void chardev_watch_fn(void *opaque, const char *line);
int chardev_watch(struct chardev *c, const char *regex, chardev_watch_fn *fn,
		  void *opaque, struct err *err) MUST_CHECK;
/* The same for a Linux kernel's panic line: "Kernel panic - not syncing". */
int chardev_watch_panic(struct chardev *c, chardev_watch_fn *fn, void *opaque,
			struct err *err) MUST_CHECK;
/* True when the expression compiles; for option parsers. */
int chardev_check_regex(const char *regex, struct err *err) MUST_CHECK;

#endif
