/* SPDX-License-Identifier: MIT */
/* Errors of set-up: one phrase for a person, a remedy, and an errno. */
#include "hw/core/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int err_vset(struct err *err, int code, const char *fmt, va_list ap)
{
	err->code = code > 0 ? code : EINVAL;
	err->hint[0] = '\0';
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	return -err->code;
}

int err_set(struct err *err, int code, const char *fmt, ...)
{
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = err_vset(err, code, fmt, ap);
	va_end(ap);
	return ret;
}

void err_hint(struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	char old[sizeof(err->msg)];
	va_list ap;
	size_t n;

	memcpy(old, err->msg, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	n = strlen(err->msg);
	snprintf(err->msg + n, sizeof(err->msg) - n, "%s", old);
	return -err->code;
}

int err_nomem(struct err *err, const char *what)
{
	return err_set(err, ENOMEM, "cannot allocate %s: out of memory", what);
}
