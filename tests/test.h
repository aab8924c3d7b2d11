/* SPDX-License-Identifier: MIT */
/* Unit tests: TEST() registers itself; checks print both values. */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct test {
	const char *name;
	const char *file;
	void (*run)(void **state);
	struct test *next;
};

void test_register(struct test *t);

/* Defines and registers a test.  The name states the behaviour. */
#define TEST(name_)                                                      \
	static void test_##name_(void **state);                          \
	__attribute__((constructor)) static void register_##name_(void)  \
	{                                                                \
		static struct test t = { #name_, __FILE__, test_##name_, \
					 NULL };                         \
		test_register(&t);                                       \
	}                                                                \
	static void test_##name_(void **state __attribute__((unused)))

#define CHECK(cond) assert_true(cond)
/* Compares as unsigned 64-bit numbers. */
#define CHECK_EQ(a, b)	   assert_int_equal((uint64_t)(a), (uint64_t)(b))
#define CHECK_STR(a, b)	   assert_string_equal(a, b)
#define CHECK_MEM(a, b, n) assert_memory_equal(a, b, n)
/*
 * Waits, 60 s at most, for cond, which another thread or the host makes true.
 * Of a loop that the test itself has to run: UNTIL((rig_poll(&r), cond)).
 */
#define UNTIL(cond)                     \
	for (int i_ = 0; !(cond); i_++) \
	test_wait(i_, __FILE__, __LINE__)
void test_wait(int times, const char *file, int line);
/* Ends the test as skipped, saying why. */
#define SKIP_TEST(why)                             \
	do {                                       \
		print_message("# SKIP %s\n", why); \
		skip();                            \
	} while (0)

#endif
