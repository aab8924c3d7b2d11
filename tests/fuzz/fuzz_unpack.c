/* SPDX-License-Identifier: MIT */
/* Fuzzes the decompressors and what names a file, with exact buffers. */
#include <stdlib.h>
#include <string.h>

#include "boot/image.h"
#include "boot/unpack.h"
#include "tests/fuzz/fuzz.h"

#define UNPACK_ROOM 10000u

static void unpack_try(const uint8_t *data, size_t size, enum unpack_mode mode)
{
	enum unpack_kind kind = unpack_detect(data, size);
	uint8_t *out = malloc(UNPACK_ROOM);
	struct err err = { 0 };
	size_t got = 0;
	int ret;

	ret = unpack(kind, data, size, out, UNPACK_ROOM, mode, &got, &err);
	if (got > UNPACK_ROOM || (ret < 0) != (err.msg[0] != 0))
		abort();
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image img;
	char text[128];

	unpack_try(data, size, UNPACK_ALL);
	unpack_try(data, size, UNPACK_HEAD);
	image_from_data(&img, "fuzz", data, size);
	if (!*image_describe(&img, text, sizeof(text)))
		abort();
	return 0;
}
