/* SPDX-License-Identifier: MIT */
/* Integer arithmetic of every width and sign, on edges and on random values. */
#include <stdint.h>
#include <stdio.h>

static uint64_t seed = 0x123456789abcdef1;

static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Values that break carries, signs and shift counts, and some from anywhere. */
static uint64_t value(unsigned i)
{
	static const uint64_t edges[] = {
		0,
		1,
		2,
		3,
		7,
		10,
		63,
		64,
		0x7f,
		0x80,
		0xff,
		0x100,
		0x7fff,
		0x8000,
		0xffff,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		0x100000000,
		0x7fffffffffffffff,
		0x8000000000000000,
		0xffffffffffffffff,
		0xfffffffffffffffe,
		0xffffffff80000000,
	};
	const unsigned n = sizeof(edges) / sizeof(edges[0]);

	return i < n ? edges[i] : next() >> (next() & 63);
}

static uint64_t sum;
static void mix(uint64_t v)
{
	sum = (sum << 7 | sum >> 57) ^ v * 0x9e3779b97f4a7c15;
}

#define OPERATIONS(T, U, bits)                                         \
	static __attribute__((noinline)) void ops_##T(T a, T b)        \
	{                                                              \
		unsigned s = (unsigned)b & (bits - 1);                 \
                                                                       \
		mix((uint64_t)(T)((U)a + (U)b));                       \
		mix((uint64_t)(T)((U)a - (U)b));                       \
		mix((uint64_t)(T)((uint64_t)a * (uint64_t)b));         \
		if (b && !((T)-1 < 0 && b == (T)-1)) {                 \
			mix((uint64_t)(T)(a / b));                     \
			mix((uint64_t)(T)(a % b));                     \
		}                                                      \
		mix((uint64_t)(a & b));                                \
		mix((uint64_t)(a | b));                                \
		mix((uint64_t)(a ^ b));                                \
		mix((uint64_t)(a & ~b));                               \
		mix((uint64_t)(T)((U)a << s));                         \
		mix((uint64_t)(a >> s));                               \
		mix((uint64_t)(a < b) | (uint64_t)(a <= b) << 1 |      \
		    (uint64_t)(a == b) << 2 | (uint64_t)(a > 5) << 3); \
		mix((uint64_t)(a < b ? a : b));                        \
	}
OPERATIONS(int8_t, uint8_t, 8)
OPERATIONS(uint8_t, uint8_t, 8)
OPERATIONS(int16_t, uint16_t, 16)
OPERATIONS(uint16_t, uint16_t, 16)
OPERATIONS(int32_t, uint32_t, 32)
OPERATIONS(uint32_t, uint32_t, 32)
OPERATIONS(int64_t, uint64_t, 64)
OPERATIONS(uint64_t, uint64_t, 64)

static __attribute__((noinline)) void by_constants(int64_t a)
{
	mix((uint64_t)(a / 3));
	mix((uint64_t)(a / -7));
	mix((uint64_t)(a % 10));
	mix((uint64_t)a / 1000000007);
	mix((uint64_t)((int32_t)a / 10));
	mix((uint32_t)a % 641);
	mix((uint64_t)a * 10);
	mix((uint64_t)__builtin_popcountll((uint64_t)a));
	mix((uint64_t)__builtin_bswap64((uint64_t)a));
	mix(a ? (uint64_t)__builtin_ctzll((uint64_t)a) : 64);
	mix(a ? (uint64_t)__builtin_clzll((uint64_t)a) : 64);
}

static __attribute__((noinline)) void wide(uint64_t a, uint64_t b)
{
	unsigned __int128 p = (unsigned __int128)a * b;
	__int128 q = (__int128)(int64_t)a * (int64_t)b;

	mix((uint64_t)p);
	mix((uint64_t)(p >> 64));
	mix((uint64_t)(q >> 64));
	if (b) {
		mix((uint64_t)(p / b));
		mix((uint64_t)((p + 12345) % b));
		mix((uint64_t)(q / (int64_t)(b >> 1 | 1)));
	}
}

int main(void)
{
	for (unsigned i = 0; i < 44; i++) {
		for (unsigned j = 0; j < 44; j++) {
			uint64_t a = value(i), b = value(j);

			ops_int8_t((int8_t)a, (int8_t)b);
			ops_uint8_t((uint8_t)a, (uint8_t)b);
			ops_int16_t((int16_t)a, (int16_t)b);
			ops_uint16_t((uint16_t)a, (uint16_t)b);
			ops_int32_t((int32_t)a, (int32_t)b);
			ops_uint32_t((uint32_t)a, (uint32_t)b);
			ops_int64_t((int64_t)a, (int64_t)b);
			ops_uint64_t(a, b);
			by_constants((int64_t)a);
			wide(a, b);
		}
		printf("%u: %016lx\n", i, (unsigned long)sum);
	}
	return 0;
}
