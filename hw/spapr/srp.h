/* SPDX-License-Identifier: MIT */
/* SRP information units and the management datagrams beside them. */
#ifndef HW_SPAPR_SRP_H
#define HW_SPAPR_SRP_H

#include <stdint.h>

/* Everything is big-endian; offsets are those of ANSI INCITS 365, clause 6. */
#define SRP_IU_MAX 256 /* bytes, either way */
#define SRP_IU_MIN 16  /* through the tag, which all have */
#define SRP_TAG	   8

enum srp_opcode {
	SRP_LOGIN_REQ = 0x00,
	SRP_TSK_MGMT = 0x01,
	SRP_CMD = 0x02,
	SRP_I_LOGOUT = 0x03,
	SRP_LOGIN_RSP = 0xc0,
	SRP_RSP = 0xc1,
	SRP_LOGIN_REJ = 0xc2,
};

/* SRP_CMD */
#define SRP_CMD_FORMATS	  5 /* data-out << 4 | data-in */
#define SRP_CMD_OUT_COUNT 6
#define SRP_CMD_IN_COUNT  7
#define SRP_CMD_LUN	  20
#define SRP_CMD_ADD_CDB	  31 /* bytes more than 16, a multiple of 4 */
#define SRP_CMD_CDB	  32
#define SRP_CMD_DATA	  48

enum { SRP_NO_DATA, SRP_DIRECT, SRP_INDIRECT };

/* A memory descriptor: address (8), key (4), length (4). */
#define SRP_DESC 16
/* An indirect one: that of the table, then the total length (4), then some
 * or all of the table. */
#define SRP_INDIRECT_HEAD 20

/* SRP_RSP; all that precedes the sense data. */
#define SRP_RSP_LIMIT	 4
#define SRP_RSP_FLAGS	 18
#define SRP_RSP_STATUS	 19
#define SRP_RSP_OUT_LEFT 20
#define SRP_RSP_IN_LEFT	 24
#define SRP_RSP_SENSE	 28 /* its length */
#define SRP_RSP_DATA	 32 /* its length */
#define SRP_RSP_SIZE	 36

#define SRP_RSP_VALID	0x01
#define SRP_SENSE_VALID 0x02
#define SRP_OUT_UNDER	0x08
#define SRP_IN_UNDER	0x20

/* SRP_LOGIN_RSP */
#define SRP_LOGIN_LIMIT	  4
#define SRP_LOGIN_MAX_IN  16
#define SRP_LOGIN_MAX_OUT 20
#define SRP_LOGIN_FORMATS 24 /* direct and indirect: 6 */
#define SRP_LOGIN_SIZE	  52

/* Management datagrams: LoPAR 17.2.2.3.  type (4), status (2), length (2),
 * tag (8), then a buffer's address (8). */
#define MAD_STATUS 4
#define MAD_LENGTH 6
#define MAD_BUFFER 16
#define MAD_SIZE   24

enum mad_type {
	MAD_EMPTY = 1,
	MAD_ERROR_LOG = 2,
	MAD_ADAPTER_INFO = 3,
	MAD_CAPABILITIES = 5,
	MAD_FAST_FAIL = 8,
};
enum { MAD_SUCCESS = 0, MAD_NOT_SUPPORTED = 0xf1, MAD_FAILED = 0xf7 };

/* MAD_ADAPTER_INFO's buffer. */
#define INFO_VERSION   0 /* 8 bytes: "16.a" */
#define INFO_PARTITION 8 /* 96 bytes: a name */
#define INFO_NUMBER    104
#define INFO_MAD       108
#define INFO_OS	       112
#define INFO_MOST      116 /* the largest transfer of each of 8 ports */
#define INFO_SIZE      148

/* The message that carries an information unit: command, format, status at 3,
 * length (2) at 6, address or tag (8) at 8. */
#define CRQ_FORMAT_SRP	1
#define CRQ_FORMAT_MAD	2
#define CRQ_STATUS	3
#define CRQ_LENGTH	6
#define CRQ_ADDRESS	8
#define CRQ_STATUS_FAIL 0x10 /* the adapter could not reach memory */

static inline uint64_t srp_get(const uint8_t *p, unsigned bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | *p++;
	return v;
}

static inline void srp_put(uint8_t *p, unsigned bytes, uint64_t v)
{
	while (bytes--) {
		p[bytes] = (uint8_t)v;
		v >>= 8;
	}
}

#endif
