/* SPDX-License-Identifier: MIT */
/* What vmm tells its user while the machine runs, to stderr or a file. */
#ifndef HW_CORE_LOG_H
#define HW_CORE_LOG_H

#include <stdint.h>

#include "hw/core/err.h"

/* The names (in --log) are these in lower case, in this order. */
enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

/* Messages above it are dropped, for the price of one load and compare. */
extern int log_threshold;

/* What an accelerator that is software tells of the guest's instructions. */
enum { LOG_INSN = 1, LOG_INSN_COUNTS = 2 };
extern unsigned log_guest_insn;

/*
 * Where messages go from now on: everything up to level, appended to the file
 * at path, or to stderr where path is NULL.  Call before other threads log.
 */
int log_open(enum log_level level, const char *path,
	     struct err *err) MUST_CHECK;
/* Back to stderr. */
void log_close(void);

/*
 * Writes one line in one write(2); any thread, signal handlers excepted.
 * Control characters, which may come from a guest, appear as '?'.
 */
void log_write(enum log_level level, const char *fmt, ...) PRINTF(2, 3);

#define log_at(level_, ...)                                            \
	do {                                                           \
		if (__builtin_expect(                                  \
			    (int)(level_) <=                           \
				    __atomic_load_n(&log_threshold,    \
						    __ATOMIC_RELAXED), \
			    0))                                        \
			log_write(level_, __VA_ARGS__);                \
	} while (0)
#define log_error(...) log_at(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_at(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_at(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_LEVEL_DEBUG, __VA_ARGS__)

/*
 * Logs, as a warning, what the guest did wrong to the device named who (a
 * name from the board, not from the guest).  Each name may say ten lines at
 * once and one a second after that; the rest is counted, and the count told
 * with the next line that passes.  So is what nobody reads: it never waits.
 * Any thread; cheap enough for a hot path.
 */
void guest_error(const char *who, const char *fmt, ...) PRINTF(2, 3);
/* How many lines of who guest_error() has kept back so far. */
uint64_t guest_error_dropped(const char *who);

#endif
