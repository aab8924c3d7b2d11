/* SPDX-License-Identifier: MIT */
/* Locks on files that a guest writes: two writers cannot open one. */
#ifndef HW_CORE_FILELOCK_H
#define HW_CORE_FILELOCK_H

#include <stdbool.h>

#include "hw/core/err.h"

/*
 * Takes an open-file-description lock on the whole of fd: shared, or
 * exclusive for a writer.  -EAGAIN when somebody else holds one, naming what
 * ("disk image 'x'") and the holder; the hint is the caller's.  A file system
 * without locks is a notice, not an error.  Any thread; may sleep a second.
 */
int file_lock(int fd, const char *what, bool writer,
	      struct err *err) MUST_CHECK;
/* Gives the lock up at once; closing fd does so only with its last user. */
void file_unlock(int fd);

#endif
