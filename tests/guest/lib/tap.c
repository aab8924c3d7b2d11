// SPDX-License-Identifier: MIT
/* Test Anything Protocol on the console. */
#include <stdarg.h>

#include "guest.h"

void vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);

static unsigned tap_count, tap_failed;

bool tap(bool ok, const char *fmt, ...)
{
	char name[112];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	tap_failed += !ok;
	tap_count++;
	if (ok && cmdline_has("brief")) /* a character may be an exit */
		printf("ok %u\n", tap_count);
	else
		printf("%sok %u - %s\n", ok ? "" : "not ", tap_count, name);
	return ok;
}

void tap_skip(const char *name, const char *why)
{
	printf("ok %u - %s # SKIP %s\n", ++tap_count, name, why);
}

int tap_done(void)
{
	printf("1..%u\n", tap_count);
	return tap_failed != 0;
}
