/* SPDX-License-Identifier: MIT */
/* reach PORT: gives eth0 an address of vmm's user network, sends a line to a
 * server on the host and prints what it answers.  Of no library: klibc has no
 * such tool. */
#include <stdint.h>

enum { EXIT = 1025, READ, WRITE, IOCTL = 1065, SOCKET = 1190, CONNECT = 1192 };
enum { AF_INET = 2, SOCK_STREAM = 1 };
enum { SIOCSIFFLAGS = 0x8914, SIOCSIFADDR = 0x8916, SIOCSIFNETMASK = 0x891c };
enum { IFF_UP_RUNNING = 0x41 };

long call(long a, long b, long c, long number);
void start(const long *argc);

struct address {
	uint16_t family;
	uint8_t port[2], ip[4], zero[8];
};
struct request {
	char name[16];
	union {
		struct address address;
		uint16_t flags;
		uint8_t size[24];
	};
};

static void say(const char *text, long len)
{
	call(1, (long)text, len, WRITE);
}

/* Ends the program where a call failed, with a status that tells which. */
static long must(long ret, long status)
{
	if (ret < 0) {
		say("reach: failed\n", 14);
		call(status, 0, 0, EXIT);
	}
	return ret;
}

static struct address address(uint8_t last, unsigned port)
{
	return (struct address){ .family = AF_INET,
				 .port = { (uint8_t)(port >> 8),
					   (uint8_t)port },
				 .ip = { 10, 0, 2, last } };
}

void start(const long *argc)
{
	const char *arg = argc[0] > 1 ? (const char *)argc[2] : "";
	struct request r = { .name = "eth0", .address = address(15, 0) };
	char text[64];
	unsigned port = 0;
	struct address to;
	long fd, n;

	for (; *arg >= '0' && *arg <= '9'; arg++)
		port = port * 10 + (unsigned)(*arg - '0');
	fd = must(call(AF_INET, SOCK_STREAM, 0, SOCKET), 1);
	must(call(fd, SIOCSIFADDR, (long)&r, IOCTL), 2);
	r.address =
		(struct address){ .family = AF_INET, .ip = { 255, 255, 255 } };
	must(call(fd, SIOCSIFNETMASK, (long)&r, IOCTL), 3);
	r.flags = IFF_UP_RUNNING;
	must(call(fd, SIOCSIFFLAGS, (long)&r, IOCTL), 4);
	to = address(2, port);
	must(call(fd, (long)&to, sizeof(to), CONNECT), 5);
	must(call(fd, (long)"hello from ia64\n", 16, WRITE), 6);
	while ((n = must(call(fd, (long)text, sizeof(text), READ), 7)) > 0)
		say(text, n);
	call(0, 0, 0, EXIT);
}
