/* SPDX-License-Identifier: MIT */
/* Tests the decompressors: whole, cut, damaged, too large, heads. */
#include "boot/unpack.h"

#include <stdlib.h>

#include "tests/boot/images.h"
#include "tests/test.h"

/* Text-like bytes that pack well and differ everywhere. */
static struct bytes sample(size_t n)
{
	struct bytes b = { 0 };

	bytes_zero(&b, n);
	for (size_t i = 0; i < n; i++)
		b.p[i] = (uint8_t)(i % 61 < 40 ? 'a' + i % 7 : i / 61 * 31);
	return b;
}

static int try_unpack(enum unpack_kind kind, const void *src, size_t n,
		      size_t cap, enum unpack_mode mode, struct bytes *out,
		      struct err *err)
{
	/* Exact copies: ASan sees a byte too many on either side. */
	uint8_t *in = malloc(n ? n : 1), *to = malloc(cap ? cap : 1);
	size_t got = 0;
	int ret;

	memcpy(in, src, n);
	*err = (struct err){ 0 };
	ret = unpack(kind, in, n, to, cap, mode, &got, err);
	CHECK(got <= cap);
	CHECK_EQ(ret < 0, err->msg[0] != '\0');
	*out = (struct bytes){ 0 };
	bytes_put(out, to, got);
	free(in);
	free(to);
	return ret;
}

/* All of packed, with room bytes to go to, is in. */
static void check_unpacks(int kind, const struct bytes *packed, size_t room,
			  const struct bytes *in)
{
	struct bytes out;
	struct err err;

	CHECK_EQ(try_unpack(kind, packed->p, packed->n, room, UNPACK_ALL, &out,
			    &err),
		 0);
	CHECK_EQ(out.n, in->n);
	CHECK_MEM(out.p, in->p, in->n);
	bytes_free(&out);
}

TEST(unpack_gives_back_what_was_packed)
{
	static const size_t sizes[] = { 1, 1000, 300000 };

	for (int kind = UNPACK_GZIP; kind < UNPACK_KINDS; kind++) {
		for (unsigned i = 0; i < 3; i++) {
			struct bytes in = sample(sizes[i]);
			struct bytes packed = images_pack(kind, &in);

			CHECK_EQ(unpack_detect(packed.p, packed.n), kind);
			check_unpacks(kind, &packed, in.n, &in);
			bytes_free(&in);
			bytes_free(&packed);
		}
	}
}

TEST(unpack_joins_the_blocks_of_lz4_and_lzo)
{
	static const enum unpack_kind kinds[] = { UNPACK_LZ4, UNPACK_LZO };

	for (unsigned i = 0; i < 2; i++) {
		struct bytes in = sample((17u << 20) + 5), out;
		struct bytes packed = images_pack(kinds[i], &in);
		struct err err;

		CHECK_EQ(try_unpack(kinds[i], packed.p, packed.n, in.n,
				    UNPACK_ALL, &out, &err),
			 0);
		CHECK_EQ(out.n, in.n);
		CHECK(!memcmp(out.p, in.p, in.n));
		bytes_free(&out);
		bytes_free(&in);
		bytes_free(&packed);
	}
}

TEST(unpack_of_damaged_blocks_of_lz4_is_an_error)
{
	struct bytes in = sample((17u << 20) + 5), out;
	struct bytes packed = images_pack(UNPACK_LZ4, &in);
	struct err err;

	/* The announced size is wrong: a block's worth, or a byte. */
	CHECK(try_unpack(UNPACK_LZ4, packed.p, packed.n, in.n - 1, UNPACK_ALL,
			 &out, &err) < 0);
	bytes_free(&out);
	CHECK_EQ(try_unpack(UNPACK_LZ4, packed.p, packed.n, in.n + 1,
			    UNPACK_ALL, &out, &err),
		 0);
	CHECK_EQ(out.n, in.n);
	bytes_free(&out);
	/* The middle block. */
	memset(packed.p + packed.n / 2, 0xff, packed.n / 8);
	CHECK(try_unpack(UNPACK_LZ4, packed.p, packed.n, in.n, UNPACK_ALL, &out,
			 &err) < 0);
	CHECK(strstr(err.msg, "does not unpack") != NULL);
	bytes_free(&out);
	bytes_free(&in);
	bytes_free(&packed);
}

TEST(unpack_of_a_cut_stream_is_an_error)
{
	for (int kind = UNPACK_GZIP; kind < UNPACK_KINDS; kind++) {
		struct bytes in = sample(700), out;
		struct bytes packed = images_pack(kind, &in);
		struct err err;
		size_t least = packed.n;

		/* Those with an end mark need all of it to be sure. */
		if (kind == UNPACK_LZ4)
			least = packed.n - 1;
		for (size_t n = 0; n < least; n++) {
			CHECK(try_unpack(kind, packed.p, n, in.n, UNPACK_ALL,
					 &out, &err) < 0);
			CHECK(strstr(err.msg, unpack_name(kind)) != NULL);
			bytes_free(&out);
		}
		bytes_free(&in);
		bytes_free(&packed);
	}
}

TEST(unpack_survives_every_damaged_byte)
{
	for (int kind = UNPACK_GZIP; kind < UNPACK_KINDS; kind++) {
		struct bytes in = sample(700), out;
		struct bytes packed = images_pack(kind, &in);
		struct err err;

		for (size_t at = 0; at < packed.n; at++) {
			for (int flip = 1; flip < 256; flip += 127) {
				packed.p[at] ^= (uint8_t)flip;
				(void)!try_unpack(kind, packed.p, packed.n,
						  in.n, UNPACK_ALL, &out, &err);
				bytes_free(&out);
				(void)!try_unpack(kind, packed.p, packed.n, 64,
						  UNPACK_HEAD, &out, &err);
				bytes_free(&out);
				packed.p[at] ^= (uint8_t)flip;
			}
		}
		bytes_free(&in);
		bytes_free(&packed);
	}
}

TEST(unpack_never_writes_beyond_its_room)
{
	static const size_t less[] = { 1, 100, 250000 };

	for (int kind = UNPACK_GZIP; kind < UNPACK_KINDS; kind++) {
		struct bytes in = sample(300000), out;
		struct bytes packed = images_pack(kind, &in);
		struct err err;

		for (unsigned i = 0; i < 3; i++) {
			CHECK(try_unpack(kind, packed.p, packed.n,
					 in.n - less[i], UNPACK_ALL, &out,
					 &err) < 0);
			CHECK(strstr(err.msg, "more than") != NULL);
			bytes_free(&out);
		}
		bytes_free(&in);
		bytes_free(&packed);
	}
}

TEST(unpack_of_a_head_stops_when_it_is_full)
{
	for (int kind = UNPACK_GZIP; kind < UNPACK_KINDS; kind++) {
		struct bytes in = sample(2000000), out;
		struct bytes packed = images_pack(kind, &in);
		struct err err;

		CHECK_EQ(try_unpack(kind, packed.p, packed.n, 4096, UNPACK_HEAD,
				    &out, &err),
			 0);
		CHECK_EQ(out.n, 4096);
		CHECK_MEM(out.p, in.p, 4096);
		bytes_free(&in);
		bytes_free(&packed);
		bytes_free(&out);
	}
}

TEST(unpack_ignores_what_follows_the_stream)
{
	for (int kind = UNPACK_GZIP; kind < UNPACK_KINDS; kind++) {
		struct bytes in = sample(5000), out;
		struct bytes packed = images_pack(kind, &in);
		struct err err;

		bytes_put(&packed, "\xff\xff\xff\xff and more", 13);
		CHECK_EQ(try_unpack(kind, packed.p, packed.n, in.n, UNPACK_ALL,
				    &out, &err),
			 0);
		CHECK_EQ(out.n, in.n);
		bytes_free(&in);
		bytes_free(&packed);
		bytes_free(&out);
	}
}

/* What unpacking the damaged gzip stream says, to room for cap bytes. */
static void check_gzip_says(const struct bytes *packed, size_t n, size_t cap,
			    const char *what)
{
	struct bytes out;
	struct err err;

	CHECK(try_unpack(UNPACK_GZIP, packed->p, n, cap, UNPACK_ALL, &out,
			 &err) < 0);
	CHECK_STR(err.msg, what);
	bytes_free(&out);
}

TEST(unpack_tells_what_is_wrong_with_gzip)
{
	struct bytes in = sample(5000);
	struct bytes packed = images_pack(UNPACK_GZIP, &in);

	check_gzip_says(&packed, packed.n - 1, in.n + 1,
			"the gzip data is cut short after 5000 bytes");
	check_gzip_says(&packed, 10, in.n,
			"the gzip data is cut short after 0 bytes");
	check_gzip_says(&packed, packed.n, 4999,
			"the gzip data unpacks to more than the 4999 bytes "
			"that were announced or fit");
	packed.p[packed.n - 1] ^= 1;
	check_gzip_says(&packed, packed.n, in.n,
			"the gzip data is corrupt: incorrect length check");
	packed.p[packed.n - 5] ^= 1;
	check_gzip_says(&packed, packed.n, in.n,
			"the gzip data is corrupt: incorrect data check");
	packed.p[10] = 7; /* a block of the reserved type */
	check_gzip_says(&packed, packed.n, in.n,
			"the gzip data is corrupt: invalid block type");
	bytes_free(&in);
	bytes_free(&packed);
}

/* RFC 1952, 2.2: members may follow one another; a kernel is one of them. */
TEST(unpack_takes_the_first_member_of_gzip)
{
	struct bytes in = sample(5000), other = sample(70);
	struct bytes packed = images_pack(UNPACK_GZIP, &in);
	struct bytes second = images_pack(UNPACK_GZIP, &other);

	bytes_put(&packed, second.p, second.n);
	check_unpacks(UNPACK_GZIP, &packed, 9000, &in);
	bytes_free(&in);
	bytes_free(&other);
	bytes_free(&packed);
	bytes_free(&second);
}

TEST(unpack_gives_the_head_of_a_cut_stream)
{
	struct bytes in = sample(300000), out;
	struct bytes packed = images_pack(UNPACK_GZIP, &in);
	struct err err;

	CHECK_EQ(try_unpack(UNPACK_GZIP, packed.p, packed.n / 2, 4096,
			    UNPACK_HEAD, &out, &err),
		 0);
	CHECK_EQ(out.n, 4096);
	CHECK_MEM(out.p, in.p, 4096);
	bytes_free(&in);
	bytes_free(&packed);
	bytes_free(&out);
}

TEST(unpack_detects_nothing_in_other_bytes)
{
	CHECK_EQ(unpack_detect("", 0), UNPACK_NONE);
	CHECK_EQ(unpack_detect("\x1f", 1), UNPACK_NONE);
	CHECK_EQ(unpack_detect("\x7f"
			       "ELF",
			       4),
		 UNPACK_NONE);
	CHECK_EQ(unpack_detect("070701", 6), UNPACK_NONE);
}
