/* SPDX-License-Identifier: MIT */
/* Disks over real files, on every engine: data, errors, snapshots, locks. */
#include "hw/block/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hw/block/image.h"
#include "hw/block/uring_mem.h"
#include "tests/test.h"

#define SIZE (1u << 20)

/* An image, opened, on a loop that the test's thread owns. */
struct bench {
	char path[64];
	struct disk_config cfg;
	struct loop *loop;
	struct disk *d;
	struct disk_io *io;
	const struct mem *mem; /* or NULL */
	struct err err;
};

/* A request that remembers its end. */
struct asked {
	struct disk_req r;
	struct iovec iov[64];
	int ret; /* 1 until done */
};

static void asked_done(struct disk_req *r, int ret)
{
	((struct asked *)r)->ret = ret;
}

static void bench_file(struct bench *b, uint64_t size)
{
	int fd;

	memset(b, 0, sizeof(*b));
	strcpy(b->path, "/var/tmp/vmm-test-disk-XXXXXX");
	fd = mkstemp(b->path);
	CHECK(fd >= 0);
	CHECK_EQ(ftruncate(fd, (off_t)size), 0);
	close(fd);
	b->cfg.file = b->path;
	b->cfg.cache = DISK_CACHE_WRITEBACK;
}

static bool bench_open(struct bench *b)
{
	b->loop = loop_new(&b->err);
	CHECK(b->loop);
	b->d = disk_open(&b->cfg, &b->err);
	if (!b->d)
		return false;
	b->io = disk_io_new(b->d, b->loop, b->mem, &b->err);
	CHECK(b->io);
	return true;
}

static void bench_close(struct bench *b)
{
	disk_io_free(b->io);
	disk_close(b->d);
	loop_free(b->loop);
	b->io = NULL;
	b->d = NULL;
	b->loop = NULL;
}

static void bench_end(struct bench *b)
{
	bench_close(b);
	unlink(b->path);
}

static void bench_ask(struct bench *b, struct asked *a, enum disk_op op,
		      uint64_t off, void *buf, size_t len)
{
	a->iov[0] = (struct iovec){ buf, len };
	a->r = (struct disk_req){ .op = op,
				  .off = off,
				  .len = len,
				  .iov = a->iov,
				  .niov = 1,
				  .done = asked_done };
	a->ret = 1;
	disk_submit(b->io, &a->r);
}

static int bench_do(struct bench *b, enum disk_op op, uint64_t off, void *buf,
		    size_t len)
{
	struct asked a;

	bench_ask(b, &a, op, off, buf, len);
	CHECK_EQ(a.ret, 1);
	disk_drain(b->io);
	return a.ret;
}

/* Every engine and cache mode that this host has; false at the end. */
static bool bench_variant(unsigned i, struct bench *b)
{
	static const struct {
		int aio, cache;
	} all[] = {
		{ DISK_AIO_URING, DISK_CACHE_WRITEBACK },
		{ DISK_AIO_URING, DISK_CACHE_NONE },
		{ DISK_AIO_LIBAIO, DISK_CACHE_NONE },
		{ DISK_AIO_THREADS, DISK_CACHE_WRITEBACK },
		{ DISK_AIO_THREADS, DISK_CACHE_NONE },
		{ DISK_AIO_AUTO, DISK_CACHE_UNSAFE },
	};

	if (i >= sizeof(all) / sizeof(all[0]))
		return false;
	b->cfg.aio = all[i].aio;
	b->cfg.cache = all[i].cache;
	return true;
}

/* Opens the i-th variant, or says why this host cannot. */
static bool bench_open_variant(struct bench *b, unsigned i)
{
	if (bench_open(b))
		return true;
	print_message("# SKIP variant %u: %s\n", i, b->err.msg);
	CHECK(b->err.hint[0]);
	bench_end(b);
	return false;
}

TEST(disk_reads_back_what_it_wrote_on_every_engine)
{
	static uint8_t out[64 * 1024 + 512], in[sizeof(out) + 8];
	struct bench b;

	for (unsigned i = 0; bench_file(&b, SIZE), bench_variant(i, &b); i++) {
		if (!bench_open_variant(&b, i))
			continue;
		CHECK_EQ(disk_info(b.d)->size, SIZE);
		for (size_t k = 0; k < sizeof(out); k++)
			out[k] = (uint8_t)(k * 7 + i);
		CHECK_EQ(bench_do(&b, DISK_WRITE, 512, out, 65536), 0);
		CHECK_EQ(bench_do(&b, DISK_FLUSH, 0, NULL, 0), 0);
		/* off by one: through the bounce buffer with O_DIRECT */
		CHECK_EQ(bench_do(&b, DISK_READ, 512, in + 1, 65536), 0);
		CHECK_MEM(in + 1, out, 65536);
		CHECK_EQ(bench_do(&b, DISK_READ, SIZE - 512, in, 512), 0);
		CHECK_EQ(in[0], 0);
		bench_end(&b);
	}
	unlink(b.path);
}

TEST(disk_scatters_over_odd_iovecs)
{
	static uint8_t in[8192], want[8192];
	struct asked a;
	struct bench b;
	size_t at;

	for (unsigned i = 0; bench_file(&b, SIZE), bench_variant(i, &b); i++) {
		if (!bench_open_variant(&b, i))
			continue;
		for (size_t k = 0; k < sizeof(want); k++)
			want[k] = (uint8_t)(k / 3);
		CHECK_EQ(bench_do(&b, DISK_WRITE, 4096, want, sizeof(want)), 0);
		memset(in, 0, sizeof(in));
		bench_ask(&b, &a, DISK_READ, 4096, in, sizeof(in));
		disk_drain(b.io);
		CHECK_EQ(a.ret, 0);
		memset(in, 0, sizeof(in));
		a.r.niov = 0;
		for (at = 0; at < sizeof(in); a.r.niov++) {
			size_t n = 1 + a.r.niov * 37 % 700;

			if (a.r.niov == 63 || n > sizeof(in) - at)
				n = sizeof(in) - at;
			a.iov[a.r.niov] = (struct iovec){ in + at, n };
			at += n;
		}
		a.r.iov = a.iov;
		disk_submit(b.io, &a.r);
		disk_drain(b.io);
		CHECK_EQ(a.ret, 0);
		CHECK_MEM(in, want, sizeof(in));
		bench_end(&b);
	}
	unlink(b.path);
}

/* Many requests at once, each of which submits itself again. */
struct storm {
	struct bench *b;
	struct asked a[700];
	uint8_t buf[700][512];
	unsigned left;
	int worst;
};

static struct storm storm;

static void storm_done(struct disk_req *r, int ret)
{
	struct asked *a = (struct asked *)r;
	size_t k = (size_t)(a - storm.a);

	if (ret < 0)
		storm.worst = ret;
	if (r->op == DISK_WRITE) {
		/* again, as a read */
		memset(storm.buf[k], 0, 512);
		a->iov[0] = (struct iovec){ storm.buf[k], 512 };
		r->iov = a->iov;
		r->niov = 1;
		r->op = DISK_READ;
		disk_submit(storm.b->io, r);
	} else if (--storm.left == 0) {
		loop_stop(storm.b->loop);
	}
}

TEST(disk_serves_many_requests_at_once_on_a_running_loop)
{
	struct bench b;

	for (unsigned i = 0; bench_file(&b, SIZE), bench_variant(i, &b); i++) {
		if (!bench_open_variant(&b, i))
			continue;
		storm.b = &b;
		storm.left = 700;
		storm.worst = 0;
		for (unsigned k = 0; k < 700; k++) {
			memset(storm.buf[k], (int)k, 512);
			bench_ask(&b, &storm.a[k], DISK_WRITE, k * 512,
				  storm.buf[k], 512);
			storm.a[k].r.done = storm_done;
		}
		loop_run(b.loop);
		CHECK_EQ(storm.worst, 0);
		for (unsigned k = 0; k < 700; k++) {
			CHECK_EQ(storm.buf[k][0], (uint8_t)k);
			CHECK_EQ(storm.buf[k][511], (uint8_t)k);
		}
		bench_end(&b);
	}
	unlink(b.path);
}

/* ---- faults */

TEST(disk_refuses_requests_outside_itself)
{
	uint8_t buf[1024];
	struct bench b;

	bench_file(&b, 4096);
	CHECK(bench_open(&b));
	CHECK_EQ(bench_do(&b, DISK_READ, 4096, buf, 512), -EINVAL);
	CHECK_EQ(bench_do(&b, DISK_READ, 3584, buf, 1024), -EINVAL);
	CHECK_EQ(bench_do(&b, DISK_WRITE, UINT64_MAX - 511, buf, 512), -EINVAL);
	CHECK_EQ(bench_do(&b, DISK_READ, 1, buf, 512), -EINVAL);
	CHECK_EQ(bench_do(&b, DISK_READ, 0, buf, 100), -EINVAL);
	CHECK_EQ(bench_do(&b, DISK_ZEROES, 512, NULL, UINT64_MAX - 511),
		 -EINVAL);
	CHECK_EQ(bench_do(&b, DISK_READ, 3584, buf, 512), 0);
	bench_end(&b);
}

TEST(disk_answers_with_an_error_where_its_file_has_shrunk)
{
	static uint8_t buf[65536];
	struct bench b;

	for (unsigned i = 0; bench_file(&b, SIZE), bench_variant(i, &b); i++) {
		if (!bench_open_variant(&b, i))
			continue;
		CHECK_EQ(truncate(b.path, 4096 + 100), 0);
		CHECK_EQ(bench_do(&b, DISK_READ, 65536, buf, 512), -EIO);
		CHECK_EQ(bench_do(&b, DISK_READ, 0, buf, 65536), -EIO);
		CHECK_EQ(bench_do(&b, DISK_READ, 0, buf, 4096), 0);
		CHECK_EQ(unlink(b.path), 0);
		CHECK_EQ(bench_do(&b, DISK_READ, 0, buf, 4096), 0);
		bench_end(&b);
	}
	unlink(b.path);
}

TEST(disk_answers_with_an_error_where_the_host_takes_no_more)
{
	struct rlimit old, small = { 65536, RLIM_INFINITY };
	static uint8_t buf[8192];
	struct bench b;

	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	for (unsigned i = 0; bench_file(&b, SIZE), bench_variant(i, &b); i++) {
		if (!bench_open_variant(&b, i))
			continue;
		setrlimit(RLIMIT_FSIZE, &small);
		CHECK_EQ(bench_do(&b, DISK_WRITE, 65536, buf, 512), -EFBIG);
		/* half of it fits */
		CHECK(bench_do(&b, DISK_WRITE, 61440, buf, 8192) < 0);
		setrlimit(RLIMIT_FSIZE, &old);
		CHECK_EQ(bench_do(&b, DISK_WRITE, 65536, buf, 8192), 0);
		bench_end(&b);
	}
	unlink(b.path);
}

TEST(disk_that_is_readonly_refuses_writes)
{
	uint8_t buf[512] = { 1 };
	struct bench b;

	bench_file(&b, 4096);
	b.cfg.readonly = true;
	CHECK(bench_open(&b));
	CHECK(disk_info(b.d)->readonly);
	CHECK_EQ(bench_do(&b, DISK_WRITE, 0, buf, 512), -EROFS);
	CHECK_EQ(bench_do(&b, DISK_ZEROES, 0, NULL, 512), -EROFS);
	CHECK_EQ(bench_do(&b, DISK_FLUSH, 0, NULL, 0), 0);
	bench_end(&b);
}

TEST(disk_discards_and_zeroes)
{
	static uint8_t buf[65536], in[65536], zero[65536];
	struct stat st;
	struct bench b;

	for (unsigned discard = 0; discard < 2; discard++) {
		bench_file(&b, SIZE);
		b.cfg.discard = discard;
		CHECK(bench_open(&b));
		CHECK_EQ(disk_info(b.d)->discard_granule != 0, discard);
		memset(buf, 0xa5, sizeof(buf));
		CHECK_EQ(bench_do(&b, DISK_WRITE, 0, buf, 65536), 0);
		CHECK_EQ(bench_do(&b, DISK_ZEROES, 512, NULL, 1024), 0);
		CHECK_EQ(bench_do(&b, DISK_READ, 0, in, 2048), 0);
		CHECK_MEM(in, buf, 512);
		CHECK_MEM(in + 512, zero, 1024);
		CHECK_MEM(in + 1536, buf, 512);
		CHECK_EQ(bench_do(&b, DISK_FLUSH, 0, NULL, 0), 0);
		CHECK_EQ(bench_do(&b, DISK_DISCARD, 0, NULL, 65536), 0);
		CHECK_EQ(bench_do(&b, DISK_READ, 0, in, 65536), 0);
		CHECK_MEM(in + 4096, discard ? zero : buf, 61440);
		CHECK_EQ(stat(b.path, &st), 0);
		CHECK_EQ(st.st_size, SIZE);
		bench_end(&b);
	}
}

TEST(disk_writes_zeros_where_the_host_cannot)
{
	static uint8_t in[200 * 1024], zero[200 * 1024];
	struct disk_image img;
	struct bench b;

	bench_file(&b, SIZE);
	CHECK_EQ(disk_image_open(&img, &b.cfg, &b.err), 0);
	memset(in, 1, sizeof(in));
	CHECK_EQ(pwrite(img.fd, in, sizeof(in), 0), sizeof(in));
	img.no_zero_range = true;
	CHECK_EQ(disk_image_zero(&img, 512, 150 * 1024, false), 0);
	CHECK_EQ(pread(img.fd, in, sizeof(in), 0), sizeof(in));
	CHECK_EQ(in[511], 1);
	CHECK_MEM(in + 512, zero, 150 * 1024);
	CHECK_EQ(in[512 + 150 * 1024], 1);
	disk_image_close(&img);
	unlink(b.path);
}

/* ---- requests larger than one operation, and their end before time */

TEST(disk_carries_out_large_requests_in_parts)
{
	const size_t size = 20u << 20, odd = (10u << 20) + 1536;
	uint8_t *out = malloc(size), *in = malloc(size);
	struct asked a;
	struct bench b;

	CHECK(out && in);
	for (size_t k = 0; k < size; k++)
		out[k] = (uint8_t)(k >> 9) | 1;
	for (unsigned i = 0; bench_file(&b, size), bench_variant(i, &b); i++) {
		b.cfg.discard = i % 2;
		b.cfg.snapshot = i == 3;
		if (!bench_open_variant(&b, i))
			continue;
		CHECK_EQ(bench_do(&b, DISK_WRITE, 0, out, size), 0);
		/* two iovecs, so that a part ends inside the second */
		bench_ask(&b, &a, DISK_READ, 0, in, size);
		disk_drain(b.io);
		memset(in, 0, size);
		a.iov[0] = (struct iovec){ in, odd };
		a.iov[1] = (struct iovec){ in + odd, size - odd };
		a.r.iov = a.iov;
		a.r.niov = 2;
		disk_submit(b.io, &a.r);
		disk_drain(b.io);
		CHECK_EQ(a.ret, 0);
		CHECK_EQ(memcmp(in, out, size), 0);
		CHECK_EQ(bench_do(&b, DISK_ZEROES, 512, NULL, size - 1024), 0);
		CHECK_EQ(bench_do(&b, DISK_READ, 0, in, size), 0);
		CHECK_EQ(memcmp(in, out, 512), 0);
		CHECK_EQ(memcmp(in + size - 512, out + size - 512, 512), 0);
		for (size_t k = 512; k < size - 512; k++)
			CHECK(!in[k]);
		bench_end(&b);
	}
	unlink(b.path);
	free(out);
	free(in);
}

TEST(disk_cancels_what_was_not_begun)
{
	static struct asked a[100], rw;
	const uint64_t each = 1ull << 30;
	uint8_t *buf = malloc(64u << 20);
	struct bench b;

	CHECK(buf);
	for (unsigned i = 0; bench_file(&b, each), bench_variant(i, &b); i++) {
		b.cfg.discard = true;
		if (!bench_open_variant(&b, i))
			continue;
		for (unsigned k = 0; k < 100; k++) {
			bench_ask(&b, &a[k], k % 2 ? DISK_DISCARD : DISK_ZEROES,
				  0, NULL, each);
			/* which is fast, and takes no space */
			a[k].r.unmap = true;
		}
		bench_ask(&b, &rw, DISK_READ, 0, buf, 64u << 20);
		disk_cancel(b.io);
		for (unsigned k = 0; k < 100; k++)
			CHECK_EQ(a[k].ret, k % 2 ? 0 : -ECANCELED);
		CHECK_EQ(rw.ret, -ECANCELED);
		/* and goes on as if nothing had been */
		CHECK_EQ(bench_do(&b, DISK_READ, 0, buf, 512), 0);
		a[0].r.unmap = true;
		CHECK_EQ(bench_do(&b, DISK_ZEROES, 0, NULL, 1 << 20), 0);
		bench_end(&b);
	}
	unlink(b.path);
	free(buf);
}

TEST(disk_goes_on_after_a_pause_where_it_was)
{
	const size_t size = 32u << 20;
	uint8_t *out = malloc(size), *in = malloc(size);
	static struct asked a[6];
	struct bench b;

	CHECK(out && in);
	for (size_t k = 0; k < size; k++)
		out[k] = (uint8_t)(k >> 12) | 1;
	for (unsigned i = 0; bench_file(&b, size), bench_variant(i, &b); i++) {
		unsigned held = 0;

		b.cfg.snapshot = i == 3;
		if (!bench_open_variant(&b, i))
			continue;
		bench_ask(&b, &a[0], DISK_WRITE, 0, out, size);
		disk_pause(b.io);
		CHECK_EQ(a[0].ret, 1); /* one part is written */
		disk_pause(b.io);      /* which holds it once */
		disk_resume(b.io);
		disk_drain(b.io);
		CHECK_EQ(a[0].ret, 0);
		for (unsigned k = 0; k < 6; k++)
			bench_ask(&b, &a[k], DISK_ZEROES, k * 5 << 20, NULL,
				  (5 << 20) - 512);
		disk_pause(b.io);
		for (unsigned k = 0; k < 6; k++)
			held += a[k].ret == 1;
		CHECK(held >= 2); /* four are begun */
		/* what is asked for meanwhile does not wait for them */
		CHECK_EQ(bench_do(&b, DISK_READ, size - 512, in, 512), 0);
		disk_resume(b.io);
		bench_ask(&b, &a[0], DISK_READ, 0, in, size);
		disk_pause(b.io);
		disk_resume(b.io);
		disk_drain(b.io);
		for (unsigned k = 0; k < 6; k++)
			CHECK_EQ(a[k].ret, 0);
		CHECK_EQ(bench_do(&b, DISK_READ, 0, in, size), 0);
		for (size_t k = 0; k < size; k += 512)
			CHECK_EQ(in[k], k >> 20 >= 30 || k % (5 << 20) ==
								 (5 << 20) - 512
						? out[k]
						: 0);
		bench_end(&b);
	}
	unlink(b.path);
	free(out);
	free(in);
}

TEST(disk_forgets_what_a_pause_held)
{
	static struct asked a[100];
	struct bench b;

	bench_file(&b, 1ull << 30);
	b.cfg.discard = true;
	CHECK(bench_open(&b));
	for (unsigned k = 0; k < 100; k++)
		bench_ask(&b, &a[k], DISK_DISCARD, 0, NULL, 1ull << 30);
	disk_pause(b.io);
	disk_forget(b.io);
	disk_resume(b.io);
	disk_drain(b.io);
	for (unsigned k = 0; k < 100; k++)
		CHECK_EQ(a[k].ret, 1);
	bench_end(&b);
}

/* ---- opening */

static void refused(struct bench *b, const char *msg)
{
	CHECK(!disk_open(&b->cfg, &b->err));
	if (!strstr(b->err.msg, msg))
		fail_msg("'%s' does not say '%s'", b->err.msg, msg);
	CHECK(!strchr(b->err.msg, '\n'));
}

TEST(disk_says_why_an_image_cannot_be_opened)
{
	struct bench b;
	int fd;

	bench_file(&b, 100);
	refused(&b, "is smaller than one block");
	fd = open(b.path, O_WRONLY);
	CHECK_EQ(write(fd, "QFI\xfb\0\0\0\3", 8), 8);
	CHECK_EQ(ftruncate(fd, 8192), 0);
	refused(&b, "is a qcow2 image");
	CHECK(strstr(b.err.hint, "qemu-img convert -f qcow2 -O raw"));
	b.cfg.format = DISK_FORMAT_RAW;
	CHECK(bench_open(&b));
	bench_close(&b);
	b.cfg.logical_block = 1000;
	refused(&b, "logical block size 1000 is not");
	close(fd);
	unlink(b.path);
	refused(&b, "No such file or directory");
	b.cfg.file = "/tmp";
	refused(&b, "Is a directory");
	b.cfg.readonly = true;
	refused(&b, "'/tmp' is a directory");
	b.cfg.file = "/dev/zero";
	refused(&b, "is a character device");
	b.cfg.file = NULL;
	refused(&b, "needs an image");
	CHECK_EQ(mkfifo(b.path, 0600), 0);
	b.cfg.file = b.path;
	refused(&b, "is a pipe");
	unlink(b.path);
}

TEST(disk_shows_whole_blocks_only)
{
	struct bench b;

	bench_file(&b, 4096 * 3 + 700);
	CHECK(bench_open(&b));
	CHECK_EQ(disk_info(b.d)->size, 4096 * 3 + 512);
	bench_close(&b);
	b.cfg.logical_block = 4096;
	CHECK(bench_open(&b));
	CHECK_EQ(disk_info(b.d)->size, 4096 * 3);
	CHECK_EQ(disk_info(b.d)->logical_block, 4096);
	CHECK(disk_info(b.d)->physical_block >= 4096);
	bench_end(&b);
}

TEST(disk_image_has_one_writer)
{
	struct bench b;
	struct disk *a, *c;

	bench_file(&b, 4096);
	a = disk_open(&b.cfg, &b.err);
	CHECK(a);
	refused(&b, "is in use by this virtual machine");
	CHECK(strstr(b.err.hint, "snapshot=on"));
	b.cfg.readonly = true;
	refused(&b, b.path);
	disk_close(a);
	/* readers and snapshots share */
	a = disk_open(&b.cfg, &b.err);
	CHECK(a);
	b.cfg.readonly = false;
	refused(&b, "in use");
	b.cfg.snapshot = true;
	c = disk_open(&b.cfg, &b.err);
	CHECK(c);
	disk_close(a);
	disk_close(c);
	unlink(b.path);
}

/* ---- engines that the host refuses */

/* From here on this process has no io_uring, as in many a container. */
static bool forbid_uring(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { .len = 4, .filter = code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == 0;
}

/* In a child: its exit status says which step went wrong. */
static int without_uring(struct bench *b)
{
	uint8_t buf[512];
	struct asked a;

	if (!forbid_uring())
		return 77;
	b->cfg.aio = DISK_AIO_URING;
	if (disk_open(&b->cfg, &b->err))
		return 1;
	if (!strstr(b->err.msg, "io_uring is refused") ||
	    !strstr(b->err.hint, "aio=threads"))
		return 2;
	b->cfg.aio = DISK_AIO_AUTO;
	if (!bench_open(b))
		return 3;
	if (disk_info(b->d)->engine == ENGINE_URING)
		return 4;
	bench_ask(b, &a, DISK_READ, 0, buf, 512);
	disk_drain(b->io);
	bench_close(b);
	return a.ret ? 5 : 0;
}

TEST(disk_falls_back_where_io_uring_is_refused)
{
	static const int caches[] = { DISK_CACHE_WRITEBACK, DISK_CACHE_NONE };
	struct bench b;
	int status;
	pid_t pid;

	for (unsigned i = 0; i < 2; i++) {
		bench_file(&b, SIZE);
		b.cfg.cache = caches[i];
		pid = fork();
		CHECK(pid >= 0);
		if (pid == 0)
			_exit(without_uring(&b));
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		unlink(b.path);
		CHECK(WIFEXITED(status));
		if (WEXITSTATUS(status) == 77)
			SKIP_TEST("this host has no seccomp filters");
		CHECK_EQ(WEXITSTATUS(status), 0);
	}
}

struct on_loop {
	struct bench *b;
	struct asked *a;
	uint8_t *buf;
};

static void on_loop_read(void *arg)
{
	struct on_loop *o = arg;

	bench_ask(o->b, o->a, DISK_READ, 0, o->buf, 512);
}

TEST(disk_whose_loop_has_ended_still_closes)
{
	struct iothread t = { 0 };
	uint8_t buf[512];
	struct bench b;
	struct asked a;
	struct on_loop o = { &b, &a, buf };

	bench_file(&b, SIZE);
	CHECK(bench_open(&b));
	disk_io_free(b.io);
	CHECK_EQ(iothread_start(&t, "test", &b.err), 0);
	b.io = disk_io_new(b.d, t.loop, NULL, &b.err);
	CHECK(b.io);
	loop_call(t.loop, on_loop_read, &o);
	disk_drain(b.io);
	CHECK_EQ(a.ret, 0);
	loop_stop(t.loop);
	pthread_join(t.thread, NULL);
	bench_ask(&b, &a, DISK_READ, 0, buf, 512);
	disk_io_free(b.io);
	CHECK(a.ret == 0 || a.ret == -ECANCELED);
	b.io = NULL;
	loop_free(t.loop);
	bench_end(&b);
}

#define LEFT 16

/* Writes that are with the kernel when their loop ends for a while. */
struct left {
	struct bench b;
	struct asked a[LEFT];
	uint8_t *buf;
	struct loop_idle idle;
	unsigned rounds;
};

/* The engine's own idle work comes before this. */
static bool left_round(void *opaque)
{
	struct left *s = opaque;

	if (s->rounds++) {
		loop_stop(s->b.loop);
		return false;
	}
	for (unsigned i = 0; i < LEFT; i++)
		bench_ask(&s->b, &s->a[i], DISK_WRITE, (uint64_t)i * SIZE,
			  s->buf, SIZE);
	return true;
}

static void *left_cancel(void *opaque)
{
	struct left *s = opaque;

	disk_cancel(s->b.io);
	loop_stop(s->b.loop);
	return NULL;
}

/* A vCPU resets a disk as the main loop ends: only that thread can help it. */
TEST(disk_is_cancelled_by_the_thread_that_has_begun)
{
	static struct left s;
	pthread_t other;

	memset(&s, 0, sizeof(s));
	bench_file(&s.b, LEFT * SIZE);
	s.b.cfg.cache = DISK_CACHE_NONE;
	if (!bench_open(&s.b)) { /* no O_DIRECT in /var/tmp */
		loop_free(s.b.loop);
		s.b.cfg.cache = DISK_CACHE_WRITEBACK;
		CHECK(bench_open(&s.b));
	}
	CHECK_EQ(posix_memalign((void **)&s.buf, 4096, SIZE), 0);
	memset(s.buf, 1, SIZE);
	s.idle = (struct loop_idle){ .run = left_round, .opaque = &s };
	loop_idle_add(s.b.loop, &s.idle);
	loop_claim(s.b.loop);
	loop_run(s.b.loop);
	loop_idle_del(s.b.loop, &s.idle);
	CHECK_EQ(pthread_create(&other, NULL, left_cancel, &s), 0);
	usleep(20000);
	loop_run(s.b.loop);
	pthread_join(other, NULL);
	for (unsigned i = 0; i < LEFT; i++)
		CHECK(s.a[i].ret == 0 || s.a[i].ret == -ECANCELED);
	bench_end(&s.b);
	free(s.buf);
}

/* ---- registered memory */

/* Bytes of this process that the kernel keeps pinned, KiB; -1: it won't say. */
static long pinned_kib(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	long n = -1;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmPin: %ld", &n) == 1)
			break;
	if (f)
		fclose(f);
	return n;
}

/* A guest of two ranges, in which an I/O buffer of one piece may be used. */
static void memory_bench(struct bench *b, struct mem *m, uint64_t size)
{
	static const struct mem_config plain = { 0 };

	memset(m, 0, sizeof(*m));
	bench_file(b, SIZE);
	CHECK_EQ(mem_add_ram(m, 0, size, &plain, &b->err), 0);
	CHECK_EQ(mem_add_ram(m, 1ull << 32, size, &plain, &b->err), 0);
	b->mem = m;
	b->cfg.aio = DISK_AIO_URING;
}

static void memory_end(struct bench *b, struct mem *m)
{
	bench_end(b);
	mem_destroy(m);
}

/* Writes and reads back in guest memory; what was registered before ends. */
static void memory_round(struct bench *b, const struct mem *m, gpa_t at,
			 unsigned times)
{
	uint8_t *p = mem_run(m, at, 8192);

	for (unsigned i = 0; i < times; i++) {
		memset(p, (int)i + 1, 4096);
		memset(p + 4096, 0, 4096);
		CHECK_EQ(bench_do(b, DISK_WRITE, i * 4096ull, p, 4096), 0);
		CHECK_EQ(bench_do(b, DISK_READ, i * 4096ull, p + 4096, 4096),
			 0);
		CHECK(!memcmp(p, p + 4096, 4096));
	}
}

/* False where the file system has no O_DIRECT or the host no io_uring. */
static bool memory_open(struct bench *b, struct mem *m, enum disk_cache cache)
{
	b->cfg.cache = cache;
	if (bench_open(b))
		return true;
	print_message("# SKIP %s\n", b->err.msg);
	memory_end(b, m);
	return false;
}

TEST(memory_in_use_is_registered_piece_by_piece)
{
	const uint64_t piece = URING_MEM_BUFFER;
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct bench b;
	struct mem m;

	memory_bench(&b, &m, 2 * piece + page);
	if (!memory_open(&b, &m, DISK_CACHE_NONE))
		return;
	CHECK_EQ(pinned_kib(), 0);
	memory_round(&b, &m, 0, URING_MEM_USES / 2 - 1);
	CHECK_EQ(pinned_kib(), 0); /* not worth it yet */
	memory_round(&b, &m, 0, URING_MEM_USES);
	CHECK_EQ(pinned_kib(), piece / 1024);
	/* The last piece of the second range is a page. */
	memory_round(&b, &m, (1ull << 32) + 2 * piece - 4096, URING_MEM_USES);
	CHECK_EQ(pinned_kib(), (2 * piece + page) / 1024);
	/* What is written lies in two pieces, what is read in one. */
	memory_round(&b, &m, piece - 2048, 2 * URING_MEM_USES);
	CHECK_EQ(pinned_kib(), (3 * piece + page) / 1024);
	disk_io_free(b.io);
	b.io = NULL;
	CHECK_EQ(pinned_kib(), 0);
	memory_end(&b, &m);
}

TEST(memory_is_not_registered_for_the_page_cache)
{
	struct bench b;
	struct mem m;

	memory_bench(&b, &m, URING_MEM_BUFFER);
	if (!memory_open(&b, &m, DISK_CACHE_WRITEBACK))
		return;
	memory_round(&b, &m, 0, 2 * URING_MEM_USES);
	CHECK_EQ(pinned_kib(), 0);
	memory_end(&b, &m);
}

TEST(memory_that_may_be_given_back_is_not_registered)
{
	struct bench b;
	struct mem m;

	memory_bench(&b, &m, URING_MEM_BUFFER);
	if (!memory_open(&b, &m, DISK_CACHE_NONE))
		return;
	mem_allow_discard(&m); /* a device that came after the disk */
	memory_round(&b, &m, 0, 2 * URING_MEM_USES);
	CHECK_EQ(pinned_kib(), 0);
	memory_end(&b, &m);
}

/* In a child of its own without the right to lock more than the limit. */
TEST(memory_over_the_limit_of_locked_memory_is_used_as_it_is)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		const struct rlimit none = { 64 << 10, 64 << 10 };
		struct bench b;
		struct mem m;

		if (setrlimit(RLIMIT_MEMLOCK, &none) < 0 ||
		    (getuid() == 0 &&
		     syscall(SYS_setresuid, 65534, 65534, 65534) < 0))
			_exit(2);
		memory_bench(&b, &m, URING_MEM_BUFFER);
		if (!memory_open(&b, &m, DISK_CACHE_NONE))
			_exit(0);
		memory_round(&b, &m, 0, 2 * URING_MEM_USES);
		CHECK_EQ(pinned_kib(), 0);
		memory_end(&b, &m);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

/* ---- snapshots */

TEST(overlay_finds_runs_across_words)
{
	struct overlay o;
	struct err err;
	bool here;

	CHECK_EQ(overlay_open(&o, 512 * 1000, &err), 0);
	CHECK_EQ(overlay_run(&o, 0, 512 * 1000, &here), 512 * 1000);
	CHECK(!here);
	overlay_mark(&o, 512 * 60, 512 * 140);
	CHECK_EQ(overlay_run(&o, 100, 512 * 999, &here), 512 * 60 - 100);
	CHECK(!here);
	CHECK_EQ(overlay_run(&o, 512 * 60, 512 * 900, &here), 512 * 140);
	CHECK(here);
	CHECK_EQ(overlay_run(&o, 512 * 60 + 1, 512 * 2, &here), 512 * 2);
	CHECK(here);
	CHECK_EQ(overlay_run(&o, 512 * 199, 512 * 801, &here), 512);
	CHECK_EQ(overlay_run(&o, 512 * 200, 512 * 800, &here), 512 * 800);
	CHECK(!here);
	overlay_mark(&o, 0, 512 * 1000);
	CHECK_EQ(overlay_run(&o, 512 * 64, 512 * 64, &here), 512 * 64);
	CHECK(here);
	overlay_close(&o);
}

TEST(disk_snapshot_agrees_with_a_model_and_spares_the_base)
{
	static uint8_t model[SIZE], base[SIZE], buf[40 * 512];
	unsigned seed = 1;
	struct bench b;
	int fd;

	for (unsigned i = 0; bench_file(&b, SIZE), bench_variant(i, &b); i++) {
		for (size_t k = 0; k < SIZE; k++)
			base[k] = (uint8_t)(k >> 9);
		memcpy(model, base, SIZE);
		fd = open(b.path, O_WRONLY);
		CHECK_EQ(write(fd, base, SIZE), SIZE);
		close(fd);
		b.cfg.snapshot = true;
		if (!bench_open_variant(&b, i))
			continue;
		for (unsigned n = 0; n < 600; n++) {
			size_t len = (1 + (size_t)rand_r(&seed) % 40) * 512;
			uint64_t off = (uint64_t)rand_r(&seed) %
				       ((SIZE - len) / 512) * 512;

			switch (rand_r(&seed) % 5) {
			case 0:
				CHECK_EQ(bench_do(&b, DISK_ZEROES, off, NULL,
						  len),
					 0);
				memset(model + off, 0, len);
				break;
			case 1:
			case 2:
				memset(buf, rand_r(&seed), len);
				memcpy(model + off, buf, len);
				CHECK_EQ(
					bench_do(&b, DISK_WRITE, off, buf, len),
					0);
				break;
			default:
				CHECK_EQ(bench_do(&b, DISK_READ, off, buf, len),
					 0);
				CHECK_MEM(buf, model + off, len);
				break;
			}
		}
		bench_close(&b);
		fd = open(b.path, O_RDONLY);
		CHECK_EQ(read(fd, model, SIZE), SIZE);
		CHECK_MEM(model, base, SIZE);
		close(fd);
		unlink(b.path);
	}
	unlink(b.path);
}
