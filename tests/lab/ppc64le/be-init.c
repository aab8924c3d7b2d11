/* SPDX-License-Identifier: MIT */
/* The init of a big-endian guest, for which there is no busybox: reads its
 * disk, adds to it, powers off. cc: -mbig-endian -mabi=elfv2 -mcpu=power8 */
#include <stdint.h>

enum {
	SYS_READ = 3,
	SYS_WRITE = 4,
	SYS_OPEN = 5,
	SYS_LSEEK = 19,
	SYS_MOUNT = 21,
	SYS_SYNC = 36,
	SYS_REBOOT = 88
};
enum { O_RDWR = 2 };

static long call(long nr, long a, long b, long c, long d, long e)
{
	register long r0 __asm__("r0") = nr;
	register long r3 __asm__("r3") = a;
	register long r4 __asm__("r4") = b;
	register long r5 __asm__("r5") = c;
	register long r6 __asm__("r6") = d;
	register long r7 __asm__("r7") = e;

	__asm__ volatile("sc\n\tbns+ 1f\n\tneg 3, 3\n1:"
			 : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6),
			   "+r"(r7)
			 :
			 : "memory", "cr0", "r8", "r9", "r10", "r11", "r12",
			   "ctr", "xer");
	return r3;
}

static void say(const char *s)
{
	long n = 0;

	while (s[n])
		n++;
	call(SYS_WRITE, 1, (long)s, n, 0, 0);
}

/* The kernel's drivers are there before its first program is. */
static int disk(void)
{
	static char sector[512] __attribute__((aligned(512)));
	long fd = call(SYS_OPEN, (long)"/dev/vda", O_RDWR, 0, 0, 0);

	if (fd < 0 || call(SYS_READ, fd, (long)sector, 512, 0, 0) != 512)
		return 0;
	say("guest: the disk begins with: ");
	call(SYS_WRITE, 1, (long)sector, 20, 0, 0);
	say("\n");
	for (int i = 0; i < 512; i++)
		sector[i] = "big\n"[i % 4];
	return !call(SYS_LSEEK, fd, 0, 0, 0, 0) &&
	       call(SYS_WRITE, fd, (long)sector, 512, 0, 0) == 512;
}

void _start(void)
{
	const uint32_t one = 0x01020304;

	say(*(const uint8_t *)&one == 1 ? "guest: hello, big-endian\n"
					: "guest: hello, little-endian\n");
	call(SYS_MOUNT, (long)"dev", (long)"/dev", (long)"devtmpfs", 0, 0);
	if (disk())
		say("guest: the disk is written\n");
	call(SYS_SYNC, 0, 0, 0, 0, 0);
	call(SYS_REBOOT, (long)0xfee1dead, 672274793, 0x4321fedc, 0, 0);
}
