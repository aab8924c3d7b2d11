/* SPDX-License-Identifier: MIT */
/* Watches a console's lines for expressions, beside the output's path. */
#ifndef HW_CHAR_WATCH_H
#define HW_CHAR_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "hw/char/chardev.h"

#define WATCH_LINE 4096 /* bytes of a line that are matched at once */

/* The expressions of one back end. */
struct watch;
/* One front end's text: lines of two front ends do not mix. */
struct watch_stream;

/*
 * wake is called by a feeding thread when text begins to wait: the owner then
 * runs watch_run() within milliseconds.
 */
struct watch *watch_new(void (*wake)(void *opaque), void *opaque);
void watch_free(struct watch *w);

/* An expression (extended), or a plain text if literal.  Loop's thread. */
int watch_add(struct watch *w, const char *text, bool literal,
	      chardev_watch_fn *fn, void *opaque, struct err *err) MUST_CHECK;

/* NULL without memory.  Freed by watch_stream_free() or watch_free(). */
struct watch_stream *watch_stream_new(struct watch *w);
void watch_stream_free(struct watch *w, struct watch_stream *s);

/* Hands over text; any thread.  Copies it, and rarely does more. */
void watch_feed(struct watch *w, struct watch_stream *s, const void *buf,
		size_t len);
/*
 * Matches the complete lines that wait and calls back for what was found;
 * with paused, also what waits without a newline.  Loop's thread.  True when
 * such text remains that no paused run has looked at.
 */
bool watch_run(struct watch *w, bool paused);
/* True when text came in since the last run.  Any thread. */
bool watch_waits(struct watch *w);

#endif
