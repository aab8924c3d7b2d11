/* SPDX-License-Identifier: MIT */
/* A bank of NOR flash with Intel's command set (CFI algorithm 0001). */
#include "hw/flash/cfi01.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hw/core/log.h"

#define CHIP_SECTOR (CFI01_SECTOR / 2) /* bytes of one chip */
#define BLOCK_WORDS (CFI01_SECTOR / 4) /* and its words */

enum { MODE_ARRAY, MODE_STATUS, MODE_ID, MODE_QUERY };

/* Commands: the low byte of a word. */
#define CMD_PROGRAM_ALT	   0x10
#define CMD_ERASE	   0x20
#define CMD_PROGRAM	   0x40
#define CMD_CLEAR_STATUS   0x50
#define CMD_LOCK	   0x60 /* and one of the next three */
#define CMD_LOCK_SET	   0x01
#define CMD_LOCK_DOWN	   0x2f
#define CMD_CONFIRM	   0xd0 /* also: unlock, resume */
#define CMD_READ_STATUS	   0x70
#define CMD_READ_ID	   0x90
#define CMD_QUERY	   0x98
#define CMD_SUSPEND	   0xb0
#define CMD_BUFFER	   0xe8
#define CMD_BUFFER_COUNT   0xe9 /* ours: the count is the next cycle */
#define CMD_BUFFER_CONFIRM 0xd1 /* ours: all its data have come */
#define CMD_READ_ARRAY	   0xff

#define SR_READY       0x80
#define SR_ERASE_ERR   0x20
#define SR_PROGRAM_ERR 0x10
#define SR_LOCKED      0x02
#define SR_SEQUENCE    (SR_ERASE_ERR | SR_PROGRAM_ERR)

#define ID_MAKER  0x89 /* Intel */
#define ID_DEVICE 0x18

/* ---- the CFI query: JESD68 table, then Intel's (publication 100) */

static uint8_t log2_of(uint64_t n)
{
	return (uint8_t)(63 - __builtin_clzll(n));
}

/* What depends on the bank's size. */
static uint16_t cfi01_geometry(const struct cfi01 *s, uint32_t word)
{
	uint64_t blocks = s->size / CFI01_SECTOR;

	switch (word) {
	case 0x27: return log2_of(s->size / 2);
	case 0x2d: return (uint8_t)(blocks - 1);
	case 0x2e: return (uint8_t)((blocks - 1) >> 8);
	case 0x2f: return (uint8_t)(CHIP_SECTOR / 256);
	case 0x30: return (uint8_t)(CHIP_SECTOR / 256 >> 8);
	default: return 0;
	}
}

static uint16_t cfi01_query(const struct cfi01 *s, uint32_t word)
{
	static const uint8_t table[] = {
		[0x10] = 'Q',
		'R',
		'Y',
		0x01,
		0x00,
		0x31,
		0x00,
		/* supply voltages, and times as powers of 2 (us, ms) */
		[0x1b] = 0x45,
		0x55,
		0x00,
		0x00,
		0x07,
		0x07,
		0x0a,
		0x00,
		0x04,
		0x04,
		0x04,
		0x00,
		/* x16; the write buffer, 2^11 bytes; one erase region */
		[0x28] = 0x01,
		0x00,
		0x0b,
		0x00,
		0x01,
		/* Intel's: suspend of both, block locks at once */
		[0x31] = 'P',
		'R',
		'I',
		'1',
		'0',
		0x26,
		0x00,
		0x00,
		0x00,
		0x01,
		0x01,
		0x00,
		0x33,
		0x00,
		0x00,
	};

	if (word < sizeof(table) && table[word])
		return table[word];
	return cfi01_geometry(s, word);
}

/* ---- blocks */

static uint32_t cfi01_block(uint32_t word)
{
	return word / BLOCK_WORDS;
}

static bool cfi01_locked(const struct cfi01 *s, const struct cfi01_chip *c,
			 uint32_t block)
{
	return s->readonly || c->locked[block / 64] >> block % 64 & 1;
}

static void cfi01_set_lock(struct cfi01_chip *c, uint32_t block, bool on)
{
	uint64_t bit = UINT64_C(1) << block % 64;

	c->locked[block / 64] &= ~bit;
	c->locked[block / 64] |= on ? bit : 0;
}

/* ---- the array: word w of a chip is two bytes, from 4 w and its lane on */

static uint16_t cfi01_array(const struct cfi01 *s, const struct cfi01_chip *c,
			    uint32_t word)
{
	const uint8_t *p = s->store.data + (uint64_t)word * 4 + c->shift / 8;

	return (uint16_t)(p[0] | p[1] << 8);
}

/* Programming clears bits and sets none.  n words, all in one block. */
static void cfi01_program(struct cfi01 *s, struct cfi01_chip *c, uint32_t word,
			  const uint16_t *val, uint32_t n)
{
	uint64_t off = (uint64_t)word * 4;
	uint8_t next[CFI01_WORDS * 4], *lanes = next + c->shift / 8;

	c->mode = MODE_STATUS;
	if (cfi01_locked(s, c, cfi01_block(word))) {
		c->status |= SR_PROGRAM_ERR | SR_LOCKED;
		return;
	}
	memcpy(next, s->store.data + off, n * 4);
	for (uint32_t i = 0; i < n; i++) {
		lanes[4 * i] &= (uint8_t)val[i];
		lanes[4 * i + 1] &= (uint8_t)(val[i] >> 8);
	}
	if (flash_store_write(&s->store, off, next, n * 4) < 0)
		c->status |= SR_PROGRAM_ERR;
}

/* The lanes of one chip; the other one's stay as they are. */
static void cfi01_erase(struct cfi01 *s, struct cfi01_chip *c, uint32_t word)
{
	uint64_t off = (uint64_t)cfi01_block(word) * CFI01_SECTOR;
	uint8_t *sector;

	c->mode = MODE_STATUS;
	if (cfi01_locked(s, c, cfi01_block(word))) {
		c->status |= SR_ERASE_ERR | SR_LOCKED;
		return;
	}
	sector = malloc(CFI01_SECTOR);
	if (!sector) {
		c->status |= SR_ERASE_ERR;
		return;
	}
	memcpy(sector, s->store.data + off, CFI01_SECTOR);
	for (uint32_t i = c->shift / 8; i < CFI01_SECTOR; i += 4)
		sector[i] = sector[i + 1] = 0xff;
	if (flash_store_write(&s->store, off, sector, CFI01_SECTOR) < 0)
		c->status |= SR_ERASE_ERR;
	free(sector);
}

/* ---- further cycles of a command */

static void cfi01_sequence_error(struct cfi01_chip *c)
{
	c->command = 0;
	c->mode = MODE_STATUS;
	c->status |= SR_SEQUENCE;
}

static void cfi01_lock_cycle(struct cfi01 *s, struct cfi01_chip *c,
			     uint32_t word, uint8_t val)
{
	uint32_t block = cfi01_block(word);

	if (val != CMD_LOCK_SET && val != CMD_LOCK_DOWN && val != CMD_CONFIRM) {
		cfi01_sequence_error(c);
		return;
	}
	cfi01_set_lock(c, block, val != CMD_CONFIRM);
	c->mode = MODE_STATUS;
	/* What is read-only stays locked, and unlocking it says so. */
	if (s->readonly && val == CMD_CONFIRM)
		c->status |= SR_LOCKED | SR_ERASE_ERR;
}

/* Setup, count and confirm may come at any address: edk2 confirms at the start
 * of the bank.  The first word of data says which block it is. */
static void cfi01_buffer_count(struct cfi01_chip *c, uint16_t val)
{
	if (val >= CFI01_WORDS) {
		cfi01_sequence_error(c);
		return;
	}
	c->command = CMD_BUFFER;
	c->count = c->left = val + 1;
	memset(c->buf, 0xff, sizeof(c->buf));
}

/* After the first, which gives the start, they may come in any order. */
static void cfi01_buffer_word(struct cfi01_chip *c, uint32_t word, uint16_t val)
{
	if (c->left == c->count)
		c->first = word;
	if (word - c->first >= c->count ||
	    cfi01_block(word) != cfi01_block(c->first)) {
		cfi01_sequence_error(c);
		return;
	}
	c->buf[word - c->first] &= val;
	if (--c->left == 0)
		c->command = CMD_BUFFER_CONFIRM;
}

static void cfi01_buffer_confirm(struct cfi01 *s, struct cfi01_chip *c,
				 uint16_t val)
{
	uint32_t left = BLOCK_WORDS - c->first % BLOCK_WORDS;

	c->command = 0;
	if ((uint8_t)val != CMD_CONFIRM)
		cfi01_sequence_error(c);
	else
		cfi01_program(s, c, c->first, c->buf,
			      c->count < left ? c->count : left);
}

/* A cycle after a command's first. */
static void cfi01_continue(struct cfi01 *s, struct cfi01_chip *c, uint32_t word,
			   uint16_t val)
{
	uint8_t command = c->command;

	switch (command) {
	case CMD_BUFFER_COUNT: cfi01_buffer_count(c, val); return;
	case CMD_BUFFER: cfi01_buffer_word(c, word, val); return;
	case CMD_BUFFER_CONFIRM: cfi01_buffer_confirm(s, c, val); return;
	default: break;
	}
	c->command = 0;
	if (command == CMD_PROGRAM)
		cfi01_program(s, c, word, &val, 1);
	else if (command == CMD_LOCK)
		cfi01_lock_cycle(s, c, word, (uint8_t)val);
	else if ((uint8_t)val == CMD_CONFIRM)
		cfi01_erase(s, c, word);
	else
		cfi01_sequence_error(c);
}

static void cfi01_await(struct cfi01_chip *c, uint8_t command)
{
	c->command = command;
	c->mode = MODE_STATUS;
}

/* A command's first cycle. */
static void cfi01_command(struct cfi01_chip *c, uint8_t val)
{
	switch (val) {
	case CMD_READ_ARRAY: c->mode = MODE_ARRAY; break;
	case CMD_READ_ID: c->mode = MODE_ID; break;
	case CMD_QUERY: c->mode = MODE_QUERY; break;
	case CMD_CLEAR_STATUS: c->status = SR_READY; break;
	case CMD_PROGRAM:
	case CMD_PROGRAM_ALT: cfi01_await(c, CMD_PROGRAM); break;
	case CMD_ERASE:
	case CMD_LOCK: cfi01_await(c, val); break;
	case CMD_BUFFER: cfi01_await(c, CMD_BUFFER_COUNT); break;
	case CMD_READ_STATUS:
	case CMD_CONFIRM:
	case CMD_SUSPEND: c->mode = MODE_STATUS; break;
	default: break; /* reserved: no change */
	}
}

static void cfi01_cycle(struct cfi01 *s, struct cfi01_chip *c, uint32_t word,
			uint16_t val)
{
	if (c->command)
		cfi01_continue(s, c, word, val);
	else
		cfi01_command(c, (uint8_t)val);
}

static uint16_t cfi01_id(const struct cfi01 *s, const struct cfi01_chip *c,
			 uint32_t word)
{
	switch (word % BLOCK_WORDS) {
	case 0: return ID_MAKER;
	case 1: return ID_DEVICE;
	case 2: return cfi01_locked(s, c, cfi01_block(word));
	default: return 0;
	}
}

static uint16_t cfi01_fetch(const struct cfi01 *s, const struct cfi01_chip *c,
			    uint32_t word)
{
	switch (c->mode) {
	case MODE_STATUS: return c->status;
	case MODE_ID: return cfi01_id(s, c, word);
	case MODE_QUERY: return cfi01_query(s, word);
	default: return cfi01_array(s, c, word);
	}
}

/* ---- the bank */

/* Memory while both chips show the array, registers otherwise. */
static void cfi01_update_memory(struct cfi01 *s)
{
	bool array = s->chip[0].mode == MODE_ARRAY &&
		     s->chip[1].mode == MODE_ARRAY;
	int ret = mem_show(s->dev.env->mem, s->base, array);

	if (ret < 0)
		guest_error(s->dev.name,
			    "cannot be memory again, every access exits: %s",
			    strerror(-ret));
}

static uint64_t cfi01_read(void *opaque, uint64_t off, unsigned size)
{
	const struct cfi01 *s = opaque;
	uint64_t val = 0;

	for (unsigned i = 0; i < size; i++) {
		uint64_t at = off + i;
		const struct cfi01_chip *c = &s->chip[at >> 1 & 1];
		uint16_t w = cfi01_fetch(s, c, (uint32_t)(at / 4));

		val |= (uint64_t)(uint8_t)(w >> (at & 1) * 8) << i * 8;
	}
	return val;
}

/* The next cycle is not a command: its bits go into the array. */
static bool cfi01_awaits_data(const struct cfi01_chip *c)
{
	return c->command == CMD_PROGRAM || c->command == CMD_BUFFER;
}

/*
 * A write of less than both chips, by a driver that takes the bank for one
 * (U-Boot's probe finds one of 16 bits): as on QEMU's virt board, a command is
 * for the bank, data for the lanes that were written.  A byte reaches one half
 * of a chip's bus; a command counts at the lower one.
 */
static void cfi01_write_narrow(struct cfi01 *s, uint64_t off, uint16_t val,
			       unsigned size)
{
	const struct cfi01_chip *to = &s->chip[off >> 1 & 1];
	bool data = cfi01_awaits_data(to);
	uint16_t bits = val;

	if (size == 1 && off & 1) {
		if (!data)
			return;
		bits = (uint16_t)(val << 8 | 0xff);
	} else if (size == 1 && data) {
		bits = val | 0xff00;
	}
	for (unsigned i = 0; i < 2; i++) {
		struct cfi01_chip *c = &s->chip[i];

		cfi01_cycle(s, c, (uint32_t)(off / 4),
			    c == to || !data ? bits : 0xffff);
	}
}

static void cfi01_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	struct cfi01 *s = opaque;

	if (size < CFI01_BANK_WIDTH)
		cfi01_write_narrow(s, off, (uint16_t)val, size);
	for (unsigned i = 0; size >= CFI01_BANK_WIDTH && i < size; i += 2) {
		uint64_t at = off + i;

		cfi01_cycle(s, &s->chip[at >> 1 & 1], (uint32_t)(at / 4),
			    (uint16_t)(val >> i * 8));
	}
	cfi01_update_memory(s);
}

static const struct region_ops cfi01_ops = {
	.read = cfi01_read,
	.write = cfi01_write,
	.min_size = 1,
	.max_size = 8,
};

/* ---- the device */

void cfi01_set_base(struct cfi01 *s, gpa_t base)
{
	s->base = base;
}

static void cfi01_init(struct device *dev)
{
	((struct cfi01 *)dev)->size = CFI01_SIZE;
}

static int cfi01_realize(struct device *dev, struct err *err)
{
	struct cfi01 *s = (struct cfi01 *)dev;
	int ret;

	if (s->size & (s->size - 1))
		return err_set(err, EINVAL,
			       "size: a bank of flash is a power of two");
	ret = flash_store_open(&s->store, s->file, s->size, s->readonly, err);
	if (ret < 0)
		return ret;
	ret = mem_add_host(dev->env->mem, s->base, s->size, s->store.data, true,
			   err);
	if (ret < 0) {
		flash_store_close(&s->store);
		return ret;
	}
	s->chip[1].shift = 16;
	device_region(dev, &cfi01_ops);
	dev->region.size = s->size;
	return 0;
}

static void cfi01_unrealize(struct device *dev)
{
	struct cfi01 *s = (struct cfi01 *)dev;

	mem_remove(dev->env->mem, s->base);
	flash_store_close(&s->store);
}

/* As after power-up; what is in the array stays. */
static void cfi01_reset(struct device *dev)
{
	struct cfi01 *s = (struct cfi01 *)dev;

	for (unsigned i = 0; i < 2; i++) {
		struct cfi01_chip *c = &s->chip[i];

		c->mode = MODE_ARRAY;
		c->command = 0;
		c->status = SR_READY;
		memset(c->locked, 0, sizeof(c->locked));
	}
	cfi01_update_memory(s);
}

static const struct prop cfi01_props[] = {
	{ .name = "file",
	  .arg = "path",
	  .kind = PROP_STR,
	  .off = offsetof(struct cfi01, file),
	  .brief = "what the bank holds (default: nothing, and kept nowhere)",
	  .detail = "A shorter file is padded with erased flash; it grows when "
		    "the guest writes beyond its end." },
	{ .name = "readonly",
	  .kind = PROP_BOOL,
	  .off = offsetof(struct cfi01, readonly),
	  .brief = "lock it: the guest can neither program nor erase" },
	{ .name = "size",
	  .kind = PROP_SIZE,
	  .off = offsetof(struct cfi01, size),
	  .min = CFI01_SECTOR,
	  .max = CFI01_SIZE,
	  .brief = "of the bank, a power of two (default 64M)" },
	{ 0 },
};

const struct device_class cfi01_class = {
	.name = "cfi-flash",
	.brief = "NOR flash with Intel's command set",
	.compatible = "cfi-flash",
	.size = sizeof(struct cfi01),
	.space = SPACE_MMIO,
	.region_size = CFI01_SIZE,
	.props = cfi01_props,
	.init = cfi01_init,
	.realize = cfi01_realize,
	.unrealize = cfi01_unrealize,
	.reset = cfi01_reset,
};
