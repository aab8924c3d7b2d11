/* SPDX-License-Identifier: MIT */
/* The host's terminal: raw while the VM runs, as it was on every way out. */
#ifndef HW_CHAR_TTY_H
#define HW_CHAR_TTY_H

#include <stdbool.h>

#include "hw/core/err.h"

/*
 * Opens /dev/null on each of descriptors 0 to 2 that is closed, so that no
 * disk or socket ends up there.  Call first thing in main().
 */
void tty_std_fds(void);

/*
 * Puts the terminal fd into raw mode (output processing kept) if this
 * process is in its foreground, and remembers how it was.  From then on the
 * terminal is restored at exit(), before a fatal signal takes effect and
 * around SIGTSTP, and made raw again when the process comes back to the
 * foreground.  Signals whose disposition is not the default one are left to
 * whoever set it, except those of a crash, which are chained.
 *
 * event_fd, an eventfd, is written when the window changed its size or the
 * process was continued; -1 for none.  One terminal a process; main thread.
 */
int tty_raw(int fd, int event_fd, struct err *err) MUST_CHECK;
/*
 * Remembers fd's file status flags, to be put back as well, and sets
 * O_NONBLOCK.  For descriptors that cannot be opened afresh.
 */
int tty_nonblock(int fd);

/*
 * A descriptor of our own, in *mode* (O_RDONLY, O_WRONLY), for one that was
 * inherited; the caller closes it.  It does not block, except for a socket
 * (*sock), whose calls take MSG_DONTWAIT: that flag belongs to the open file,
 * which the user's shell and other programs share, so the file is opened afresh
 * where that is possible, and left as it was.  A negative errno when fd is
 * closed.
 */
int tty_own(int fd, int mode, bool *sock);

/*
 * Puts everything back as it was.  Async-signal-safe, idempotent: meant for
 * the handlers of fatal signals too.
 */
void tty_restore(void);
/* Restores, and forgets the terminal and the signal handlers. */
void tty_done(void);

/* True when fd is a terminal whose foreground process group is ours. */
bool tty_foreground(int fd);
/* Makes the terminal raw again after a stay in the background. */
void tty_resume(void);

#endif
