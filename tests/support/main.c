/* SPDX-License-Identifier: MIT */
/* main() of every unit test program: runs the registered tests as TAP. */
#include <execinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/test.h"

#define TEST_LIMIT 200 /* seconds; tests/run gives a program 300 */
#define WAIT_LIMIT 60  /* seconds of UNTIL() */

static struct test *tests;
static size_t ntests;
static const struct test *current;
static pid_t program;

void test_register(struct test *t)
{
	t->next = tests;
	tests = t;
	ntests++;
}

/* A test that hangs: says which and where, and ends the program. */
static void test_hangs(int sig)
{
	static const char text[] = "Bail out! a test does not end: ";
	void *frames[64];
	int n = backtrace(frames, 64);

	(void)sig;
	if (write(1, text, sizeof(text) - 1) < 0 ||
	    write(1, current->name, strlen(current->name)) < 0 ||
	    write(1, "\n", 1) < 0)
		_exit(2);
	backtrace_symbols_fd(frames, n, 2);
	_exit(1);
}

static int test_begins(void **state)
{
	current = *state;
	alarm(TEST_LIMIT);
	return 0;
}

/* A check that failed in a test's child must not go on with the other tests. */
static int test_ends(void **state)
{
	(void)state;
	if (getpid() == program)
		return 0;
	fprintf(stderr, "a check failed in a child of %s\n", current->name);
	_exit(1);
}

void test_wait(int times, const char *file, int line)
{
	static struct timespec began;
	struct timespec now, nap = { .tv_nsec = times < 50 ? 100000 : 2000000 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!times)
		began = now;
	if (now.tv_sec - began.tv_sec > WAIT_LIMIT)
		_fail(file, line);
	nanosleep(&nap, NULL);
}

/* Runs the tests whose names contain argv[1], or all of them. */
int main(int argc, char **argv)
{
	struct CMUnitTest *list = calloc(ntests + 1, sizeof(*list));
	size_t n = 0;
	int failed;

	if (!list)
		return 1;
	for (struct test *t = tests; t; t = t->next) {
		if (argc > 1 && !strstr(t->name, argv[1]))
			continue;
		list[n++] = (struct CMUnitTest){ .name = t->name,
						 .test_func = t->run,
						 .setup_func = test_begins,
						 .teardown_func = test_ends,
						 .initial_state = t };
	}
	program = getpid();
	signal(SIGALRM, test_hangs);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = _cmocka_run_group_tests("unit", list, n, NULL, NULL);
	free(list);
	return failed != 0;
}
