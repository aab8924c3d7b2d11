/* SPDX-License-Identifier: MIT */
/* gdbstub/packet: framing, escapes, runs, checksums, numbers. */
#include <stdlib.h>
#include <string.h>

#include "gdbstub/packet.h"
#include "tests/test.h"

static struct packet_in in;

/* Feeds bytes; the last event that was one. */
static enum packet_event feed(const char *bytes, size_t n)
{
	enum packet_event last = PACKET_NONE;

	for (size_t i = 0; i < n; i++) {
		enum packet_event e = packet_feed(&in, (uint8_t)bytes[i]);

		if (e != PACKET_NONE)
			last = e;
	}
	return last;
}

#define FEED(s) feed(s, sizeof(s) - 1)

static void fresh(void)
{
	memset(&in, 0, sizeof(in));
}

TEST(packet_takes_what_the_checksum_covers)
{
	fresh();
	CHECK_EQ(FEED("$m1234,8#9b"), PACKET_READY);
	CHECK_STR((char *)in.data, "m1234,8");
	CHECK_EQ(FEED("$X0,2:0*#7a"), PACKET_READY);
	CHECK_STR((char *)in.data, "X0,2:0*"); /* no run, but two bytes */
	CHECK_EQ(FEED("$m1234,8#9c"), PACKET_BAD);
	CHECK_EQ(FEED("$m1234,8#zz"), PACKET_BAD);
	CHECK_EQ(FEED("$#00"), PACKET_READY);
	CHECK_EQ(in.len, 0);
}

TEST(packet_drops_noise_and_hears_signs_between_packets)
{
	fresh();
	CHECK_EQ(FEED("noise"), PACKET_NONE);
	CHECK_EQ(FEED("+"), PACKET_ACK);
	CHECK_EQ(FEED("-"), PACKET_NAK);
	CHECK_EQ(FEED("\x03"), PACKET_INTERRUPT);
	CHECK_EQ(FEED("$abc$?#3f"), PACKET_READY); /* the first was cut off */
	CHECK_STR((char *)in.data, "?");
}

TEST(packet_unescapes_binary_data)
{
	static const char raw[] = { 'X', '#', '$', '}', '*', 0, 3 };
	static const char sent[] = "$X}\x03}\x04}]*\0\x03#";
	char sum[3];
	uint8_t s = 0;

	fresh();
	for (size_t i = 1; i < sizeof(sent) - 2; i++)
		s = (uint8_t)(s + (uint8_t)sent[i]);
	snprintf(sum, sizeof(sum), "%02x", s);
	CHECK_EQ(feed(sent, sizeof(sent) - 1), PACKET_NONE);
	CHECK_EQ(feed(sum, 2), PACKET_READY);
	CHECK_EQ(in.len, sizeof(raw));
	CHECK_MEM(in.data, raw, sizeof(raw));
}

TEST(packet_refuses_one_that_is_too_long)
{
	fresh();
	CHECK_EQ(FEED("$"), PACKET_NONE);
	for (size_t i = 0; i < PACKET_MAX + 5; i++)
		CHECK_EQ(FEED("a"), PACKET_NONE);
	CHECK_EQ(FEED("#00"), PACKET_BAD);
	CHECK_EQ(FEED("$?#3f"), PACKET_READY);
}

/* What gdb makes of a wire: escapes and runs undone, by the manual. */
static size_t undo(const struct packet_out *wire, uint8_t *to)
{
	size_t n = 0;
	uint8_t sum = 0, want;

	CHECK_EQ(wire->data[0], '$');
	for (size_t i = 1; i < wire->len - 3; i++)
		sum = (uint8_t)(sum + wire->data[i]);
	CHECK_EQ(wire->data[wire->len - 3], '#');
	CHECK(packet_unhex((char *)wire->data + wire->len - 2, 1, &want));
	CHECK_EQ(sum, want);
	for (size_t i = 1; i < wire->len - 3; i++) {
		uint8_t c = wire->data[i];

		CHECK(c != '#' && c != '$');
		if (c == '}') {
			to[n++] = wire->data[++i] ^ 0x20;
		} else if (c == '*') {
			unsigned more = wire->data[++i] - 29u;

			CHECK(wire->data[i] >= 32 && wire->data[i] <= 126);
			CHECK(wire->data[i] != '+' && wire->data[i] != '-');
			CHECK(n > 0);
			while (more--) {
				to[n] = to[n - 1];
				n++;
			}
		} else {
			to[n++] = c;
		}
	}
	return n;
}

TEST(packet_wraps_any_bytes_so_that_gdb_reads_the_same)
{
	static uint8_t bytes[600], back[2000];

	srand(5);
	for (int round = 0; round < 500; round++) {
		struct packet_out content = { 0 }, wire = { 0 };
		size_t n = (size_t)rand() % sizeof(bytes);

		for (size_t i = 0; i < n;) {
			size_t run = (size_t)rand() % 3 ? 1
							: (size_t)rand() % 250;
			int c = rand() % 2 ? "#$}*+-0"[rand() % 7]
					   : rand() % 256;

			while (i < n && run--)
				bytes[i++] = (uint8_t)c;
		}
		packet_put(&content, bytes, n);
		packet_wrap(&wire, &content);
		CHECK_EQ(undo(&wire, back), n);
		CHECK_MEM(back, bytes, n);
		packet_free(&content);
		packet_free(&wire);
	}
}

TEST(packet_shortens_runs)
{
	struct packet_out content = { 0 }, wire = { 0 };
	uint8_t zeros[500] = { 0 };

	packet_hex(&content, zeros, sizeof(zeros));
	packet_wrap(&wire, &content);
	CHECK(wire.len < 50);
	packet_free(&content);
	packet_free(&wire);
}

TEST(packet_reads_numbers_of_64_bits_and_no_more)
{
	const char *s = "ffffFFFFffffffff,";
	uint64_t val;
	uint8_t bytes[2];

	CHECK(packet_number(&s, &val));
	CHECK_EQ(val, UINT64_MAX);
	CHECK_EQ(*s, ',');
	s = "10000000000000000";
	CHECK(!packet_number(&s, &val));
	s = ",1";
	CHECK(!packet_number(&s, &val));
	CHECK(packet_unhex("12aF", 2, bytes));
	CHECK_EQ(bytes[1], 0xaf);
	CHECK(!packet_unhex("12a", 2, bytes));
	CHECK(!packet_unhex("1g", 1, bytes));
}

TEST(packet_drop_keeps_what_follows)
{
	struct packet_out o = { 0 };

	packet_str(&o, "sent and not");
	packet_drop(&o, 8);
	packet_str(&o, " yet");
	CHECK_EQ(o.len, 8);
	CHECK_MEM(o.data, " not yet", 8);
	packet_drop(&o, 8);
	CHECK_EQ(o.len, 0);
	packet_free(&o);
}
