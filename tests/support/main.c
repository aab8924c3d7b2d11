/* SPDX-License-Identifier: MIT */
/* main() of every unit test program: runs the registered tests as TAP. */
#include <stdlib.h>

#include "tests/test.h"

static struct test *tests;
static size_t ntests;

void test_register(struct test *t)
{
	t->next = tests;
	tests = t;
	ntests++;
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
						 .test_func = t->run };
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = _cmocka_run_group_tests("unit", list, n, NULL, NULL);
	free(list);
	return failed != 0;
}
