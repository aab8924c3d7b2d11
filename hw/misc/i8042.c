/* SPDX-License-Identifier: MIT */
/* The i8042's commands, status and output port; no keyboard behind it. */
#include "hw/misc/i8042.h"

#define I8042_DATA   0
#define I8042_STATUS 4 /* read; a write is a command */

#define STS_OBF	    0x01 /* a byte waits at the data port */
#define STS_SYS	    0x04 /* the self test was passed */
#define STS_CMD	    0x08 /* the last write was a command */
#define STS_KEYLOCK 0x10 /* not locked */
#define STS_TIMEOUT 0x40 /* the device did not answer */

#define CMD_READ_CTR	0x20
#define CMD_WRITE_CTR	0x60
#define CMD_AUX_TEST	0xa9
#define CMD_SELF_TEST	0xaa
#define CMD_KBD_TEST	0xab
#define CMD_READ_OUT	0xd0
#define CMD_WRITE_OUT	0xd1
#define CMD_AUX_LOOP	0xd3
#define CMD_AUX_SEND	0xd4
#define CMD_RESET	0xfe
#define SELF_TEST_OK	0x55
#define CLOCK_STUCK_LOW 0x01 /* as an interface test says of no device */
#define KBD_RESEND	0xfe
#define OUT_NO_RESET	0x01

struct i8042 {
	struct device dev; /* dev.lock protects everything below */
	uint8_t status;
	uint8_t data;
	uint8_t ctr;
	uint8_t out;
	uint8_t expects; /* the command that the next data byte belongs to */
};

static void i8042_answer(struct i8042 *s, uint8_t val)
{
	s->data = val;
	s->status |= STS_OBF;
}

static void i8042_ask_reset(struct i8042 *s)
{
	const struct device_env *env = s->dev.env;

	env->request(env->opaque, VM_RESET, 0);
}

static void i8042_command(struct i8042 *s, uint8_t cmd)
{
	s->status |= STS_CMD;
	s->status &= ~STS_TIMEOUT;
	s->expects = 0;
	switch (cmd) {
	case CMD_READ_CTR: i8042_answer(s, s->ctr); break;
	case CMD_SELF_TEST:
		s->status |= STS_SYS;
		i8042_answer(s, SELF_TEST_OK);
		break;
	case CMD_AUX_TEST:
	case CMD_KBD_TEST: i8042_answer(s, CLOCK_STUCK_LOW); break;
	case CMD_READ_OUT: i8042_answer(s, s->out); break;
	case CMD_WRITE_CTR:
	case CMD_WRITE_OUT:
	case CMD_AUX_LOOP:
	case CMD_AUX_SEND: s->expects = cmd; break;
	case CMD_RESET: i8042_ask_reset(s); break;
	default: break; /* enabling and disabling what is not there */
	}
}

static void i8042_data(struct i8042 *s, uint8_t val)
{
	uint8_t cmd = s->expects;

	s->status &= ~(STS_CMD | STS_TIMEOUT);
	s->expects = 0;
	switch (cmd) {
	case CMD_WRITE_CTR: s->ctr = val; break;
	case CMD_WRITE_OUT:
		s->out = val;
		if (!(val & OUT_NO_RESET))
			i8042_ask_reset(s);
		break;
	case CMD_AUX_LOOP: i8042_answer(s, 0); break; /* not what was sent */
	default:
		s->status |= STS_TIMEOUT; /* nobody is there */
		i8042_answer(s, KBD_RESEND);
	}
}

static uint64_t i8042_read(void *opaque, uint64_t off, unsigned size)
{
	struct i8042 *s = opaque;

	(void)size;
	switch (off) {
	case I8042_DATA: s->status &= ~(STS_OBF | STS_TIMEOUT); return s->data;
	case I8042_STATUS: return s->status;
	default: return 0xff;
	}
}

static void i8042_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	struct i8042 *s = opaque;

	(void)size;
	if (off == I8042_DATA)
		i8042_data(s, (uint8_t)val);
	else if (off == I8042_STATUS)
		i8042_command(s, (uint8_t)val);
}

static const struct region_ops i8042_ops = {
	.read = i8042_read,
	.write = i8042_write,
	.min_size = 1,
	.max_size = 1,
};

static int i8042_realize(struct device *dev, struct err *err)
{
	(void)err;
	device_region(dev, &i8042_ops);
	return 0;
}

static void i8042_reset(struct device *dev)
{
	struct i8042 *s = (struct i8042 *)dev;

	s->status = STS_KEYLOCK;
	s->data = 0;
	s->ctr = 0;
	s->out = 0xcf; /* A20 on, no reset, clock and data lines high */
	s->expects = 0;
}

const struct device_class i8042_class = {
	.name = "i8042",
	.brief = "keyboard controller without a keyboard, for the reset",
	.size = sizeof(struct i8042),
	.space = SPACE_PIO,
	.region_size = 5,
	.realize = i8042_realize,
	.reset = i8042_reset,
};
