/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes the virtual SCSI adapter: messages of its queue, information units,
 * descriptors, command blocks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hw/core/log.h"
#include "hw/spapr/srp.h"
#include "hw/spapr/vscsi.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/vio_rig.h"

#define QUEUE	  0x1000
#define IU(i)	  (0x3000u + 0x100u * (i))
#define DATA	  0x10000
#define DISK_SIZE (1 << 20)

enum { REG = 0xfc, FREE = 0x100, SIGNAL = 0x104, SEND = 0x108, PUT_TCE = 0x20 };

static struct vio_rig vio;

/* The input, consumed; zeroes behind its end. */
static const uint8_t *in;
static size_t left;

static uint8_t in8(void)
{
	return left ? left--, *in++ : 0;
}

static uint64_t in_bytes(unsigned n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | in8();
	return v;
}

static int disk_fd(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("disk", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, DISK_SIZE) < 0)
		abort();
	return fd;
}

static void call(uint64_t nr, uint64_t a, uint64_t b)
{
	vio_rig_call(&vio, nr, VIO_RIG_UNIT, a, b, 0);
}

/* The lowest pages; the rest of the window is empty. */
static void map(void)
{
	for (uint64_t i = 0; i < 64; i++)
		call(PUT_TCE, i << 12, (RIG_RAM + (i << 12)) | 3);
}

static void put_desc(uint8_t *p)
{
	uint8_t how = in8();

	srp_put(p, 8, how & 7 ? DATA + in_bytes(2) : in_bytes(8));
	srp_put(p + 8, 4, 0);
	srp_put(p + 12, 4,
		how & 8 ? 512u * (how >> 4) : in_bytes(how & 16 ? 2 : 4));
}

/* Operation codes that there are, of which chance finds few. */
static uint8_t some_command(void)
{
	static const uint8_t all[] = {
		0x00, 0x03, 0x08, 0x0a, 0x12, 0x1a, 0x25, 0x28,
		0x2a, 0x2f, 0x35, 0x42, 0x5a, 0x88, 0x8a, 0x8f,
		0x91, 0x9e, 0xa0, 0xa8, 0xaa, 0x1b,
	};
	uint8_t i = in8();

	return i < sizeof(all) ? all[i] : i;
}

static void put_command(uint8_t iu[SRP_IU_MAX])
{
	uint8_t how = in8();

	iu[0] = SRP_CMD;
	iu[SRP_CMD_FORMATS] = how & 1 ? in8() : (how & 2 ? 0x10 : 0x01);
	iu[SRP_CMD_OUT_COUNT] = how & 4 ? in8() : in8() % 4;
	iu[SRP_CMD_IN_COUNT] = iu[SRP_CMD_OUT_COUNT];
	iu[SRP_CMD_LUN] = how & 8 ? in8() : 0x80;
	iu[SRP_CMD_ADD_CDB] = how & 16 ? in8() : 0;
	iu[SRP_CMD_CDB] = some_command();
	for (unsigned i = 1; i < 16; i++)
		iu[SRP_CMD_CDB + i] = how & 32 ? in8() : 0;
	if (!(how & 32)) {
		iu[SRP_CMD_CDB + 4] = iu[SRP_CMD_CDB + 8] = in8();
		iu[SRP_CMD_CDB + 5] = in8();
	}
	for (unsigned at = SRP_CMD_DATA; at + SRP_INDIRECT_HEAD < 160;
	     at += how & 64 ? 20 : 16)
		put_desc(iu + at);
}

static void do_unit(void)
{
	uint8_t iu[SRP_IU_MAX] = { 0 }, slot = in8() % 32, how = in8();
	uint64_t msg = (uint64_t)CRQ_COMMAND << 56;

	if (how < 200) {
		put_command(iu);
	} else {
		for (unsigned i = 0; i < 32; i++)
			iu[i] = in8();
		if (how < 220)
			iu[0] = in8() % 4;
	}
	vio_rig_put(&vio, IU(slot), iu, sizeof(iu));
	msg |= (uint64_t)(how & 1 && how >= 200 ? 2 : 1) << 48;
	msg |= how == 255 ? in_bytes(2) : 160u + (how & 63);
	call(SEND, msg, how == 254 ? in_bytes(8) : IU(slot));
}

static void do_memory(void)
{
	uint8_t buf[64];
	uint64_t at = in_bytes(2);

	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = in8();
	vio_rig_put(&vio, at, buf, sizeof(buf));
}

static void do_queue(void)
{
	static const uint8_t empty[4096];

	switch (in8() % 8) {
	case 0: call(FREE, 0, 0); break;
	case 1: call(REG, in_bytes(4), in_bytes(3)); break;
	case 2: device_reset(vio.r.dev); break;
	case 3: map(); break;
	case 4: tce_clear(&vio.tces, VIO_RIG_UNIT); break;
	case 5: call(SEND, in_bytes(8), in_bytes(8)); break;
	case 6: call(SIGNAL, 1, 0); break;
	default:
		call(REG, QUEUE, 4096);
		vio_rig_put(&vio, QUEUE, empty, sizeof(empty));
		break;
	}
}

static void make(void)
{
	char props[96];

	vio_rig_make(&vio);
	snprintf(props, sizeof(props),
		 "file=/proc/self/fd/%d,discard=on,aio=threads", disk_fd());
	vio_rig_add(&vio, &spapr_vscsi_class, props);
}

/* As if it were new. */
static void begin(void)
{
	static bool made;

	if (!made)
		make();
	made = true;
	device_reset(vio.r.dev);
	if (mem_set(&vio.r.mem, RIG_RAM, 0, 0x20000) < 0)
		abort();
	map();
	call(REG, QUEUE, 4096);
	call(SIGNAL, 1, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	in = bytes;
	left = size < 4096 ? size : 4096;
	log_threshold = -1; /* what guests do wrong is not news here */
	begin();
	while (left) {
		switch (in8() % 8) {
		case 0:
		case 1:
		case 2:
		case 3: do_unit(); break;
		case 4: do_memory(); break;
		case 5: rig_poll(&vio.r); break;
		case 6: do_queue(); break;
		case 7: rig_poll(&vio.r); break;
		}
	}
	rig_poll(&vio.r);
	return 0;
}
