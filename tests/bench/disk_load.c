/* SPDX-License-Identifier: MIT */
/* The disk load of tests/guest/bench.c as a host program on io_uring. */
#include <fcntl.h>
#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/guest/lib/windows.h"

#define MAX_DEPTH 256

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static uint64_t rnd(void)
{
	static uint64_t seed = 88172645463325252;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

struct load {
	struct io_uring ring;
	uint64_t blocks, next, size;
	bool random;
	uint8_t *data;
	struct windows windows;
};

static void load_add(struct load *l, unsigned slot)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&l->ring);
	uint64_t block = (l->random ? rnd() : l->next++) % l->blocks;

	io_uring_prep_read(sqe, 0, l->data + slot * l->size, (unsigned)l->size,
			   block * l->size);
	sqe->flags |= IOSQE_FIXED_FILE;
	io_uring_sqe_set_data64(sqe, slot);
}

/* One submission and one wait for whatever has come back, as the guest does. */
static void load_run(struct load *l, unsigned depth, uint64_t end)
{
	struct io_uring_cqe *cqe;
	unsigned busy = depth, head;
	uint64_t done = 0;

	for (unsigned i = 0; i < depth; i++)
		load_add(l, i);
	while (busy) {
		unsigned n = 0;
		uint64_t now = now_ns();
		bool more = now < end;

		if (more)
			windows_at(&l->windows, now, done);

		io_uring_submit_and_wait(&l->ring, 1);
		io_uring_for_each_cqe(&l->ring, head, cqe)
		{
			if (cqe->res != (int)l->size)
				exit(fprintf(stderr, "read: %d\n", cqe->res));
			n++;
			if (more)
				load_add(l, (unsigned)cqe->user_data);
			else
				busy--;
		}
		io_uring_cq_advance(&l->ring, n);
		done += n;
	}
}

/*
 * disk_load FILE rand|seq DEPTH MS WINDOW_US direct|buffered: prints
 * "COUNT NS" of a window.
 */
int main(int argc, char **argv)
{
	struct load l = { 0 };
	unsigned depth;
	uint64_t start, window;
	off_t size;
	int fd;

	if (argc != 7)
		return fprintf(stderr, "usage: disk_load FILE rand|seq DEPTH "
				       "MS WINDOW_US direct|buffered\n");
	depth = (unsigned)atoi(argv[3]);
	fd = open(argv[1], O_RDONLY | (*argv[6] == 'd' ? O_DIRECT : 0));
	size = lseek(fd, 0, SEEK_END);
	l.random = *argv[2] == 'r';
	l.size = l.random ? 4096 : 1 << 20;
	l.blocks = (uint64_t)size / l.size;
	if (fd < 0 || !l.blocks || !depth || depth > MAX_DEPTH ||
	    posix_memalign((void **)&l.data, 4096, depth * l.size) ||
	    io_uring_queue_init(MAX_DEPTH, &l.ring, 0) < 0 ||
	    io_uring_register_files(&l.ring, &fd, 1) < 0)
		return fprintf(stderr, "disk_load: %s cannot be used\n",
			       argv[1]);
	memset(l.data, 1, depth * l.size);
	start = now_ns();
	window = (uint64_t)atoi(argv[5]) * 1000;
	windows_begin(&l.windows, start, window);
	load_run(&l, depth, start + (uint64_t)atoi(argv[4]) * 1000000);
	printf("%lu %lu\n", windows_median(&l.windows), window * WINDOWS_UNIT);
	return 0;
}
