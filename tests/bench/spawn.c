/* SPDX-License-Identifier: MIT */
/* Times a program from exec to its first output and to its exit. */
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_RUNS 1000

extern char **environ;

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void run(char **argv, int wanted, double *first, double *end)
{
	posix_spawn_file_actions_t fa;
	double start = now_ms();
	int out[2], status;
	char buf[4096];
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0)
		exit(1);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, out[1], 1);
	if (posix_spawn(&pid, argv[0], &fa, NULL, argv, environ)) {
		perror(argv[0]);
		exit(1);
	}
	close(out[1]);
	*first = read(out[0], buf, sizeof(buf)) > 0 ? now_ms() - start : 0;
	while (read(out[0], buf, sizeof(buf)) > 0)
		;
	waitpid(pid, &status, 0);
	*end = now_ms() - start;
	close(out[0]);
	posix_spawn_file_actions_destroy(&fa);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != wanted) {
		fprintf(stderr, "%s: wait status 0x%x\n", argv[0], status);
		exit(1);
	}
}

/* spawn RUNS STATUS PROGRAM ARG...: prints two medians, in milliseconds. */
int main(int argc, char **argv)
{
	static double first[MAX_RUNS], end[MAX_RUNS];
	int runs = argc > 3 ? atoi(argv[1]) : 0;

	if (runs < 1 || runs > MAX_RUNS)
		return fprintf(stderr, "usage: spawn RUNS STATUS PROGRAM...\n");
	for (int i = 0; i < runs; i++)
		run(argv + 3, atoi(argv[2]), &first[i], &end[i]);
	qsort(first, (size_t)runs, sizeof(*first), compare);
	qsort(end, (size_t)runs, sizeof(*end), compare);
	printf("%.3f %.3f\n", first[runs / 2], end[runs / 2]);
	return 0;
}
