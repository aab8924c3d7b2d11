/* SPDX-License-Identifier: MIT */
/* Errors of set-up: one phrase for a person, a remedy, and an errno. */
#ifndef HW_CORE_ERR_H
#define HW_CORE_ERR_H

#include <stdarg.h>

#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define MUST_CHECK   __attribute__((warn_unused_result))

/*
 * Lives on the caller's stack, zeroed ("struct err err = {0}").  Functions
 * that take one return 0 (or a count) on success and a negative errno on
 * failure, and fill it exactly when they fail.
 */
struct err {
	int code;	/* a positive errno */
	char msg[512];	/* one phrase: no newline, no full stop */
	char hint[512]; /* the remedy, or empty */
};

/* Sets the message, clears the hint; returns -code (-EINVAL if code is 0). */
int err_set(struct err *err, int code, const char *fmt, ...) PRINTF(3, 4);
int err_vset(struct err *err, int code, const char *fmt, va_list ap);

/* Adds the second line: what the user can do about it. */
void err_hint(struct err *err, const char *fmt, ...) PRINTF(2, 3);

/* Puts the caller's context before the message; returns -err->code. */
int err_prefix(struct err *err, const char *fmt, ...) PRINTF(2, 3);

/* Out of memory, naming what was being allocated; returns -ENOMEM. */
int err_nomem(struct err *err, const char *what);

#endif
