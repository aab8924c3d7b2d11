/* SPDX-License-Identifier: MIT */
/* SCSI commands of a disk: what they ask for, and answers to those that only
 * ask. */
#ifndef HW_SCSI_SCSI_H
#define HW_SCSI_SCSI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCSI_CDB       16  /* bytes of a command block, at most */
#define SCSI_SENSE     18  /* bytes of sense data, fixed format */
#define SCSI_REPLY     256 /* the longest answer */
#define SCSI_UNMAP_MAX 32  /* ranges in one UNMAP */

#define SCSI_GOOD	     0x00
#define SCSI_CHECK_CONDITION 0x02

/* Sense key << 16 | additional sense code << 8 | qualifier. */
#define SCSI_NO_SENSE	     0x000000
#define SCSI_READ_ERROR	     0x031100
#define SCSI_WRITE_ERROR     0x030c00
#define SCSI_INVALID_COMMAND 0x052000
#define SCSI_OUT_OF_RANGE    0x052100
#define SCSI_INVALID_FIELD   0x052400
#define SCSI_NO_LUN	     0x052500
#define SCSI_INVALID_PARAM   0x052600
#define SCSI_NOT_SAVED	     0x053900
#define SCSI_PROTECTED	     0x072700
#define SCSI_ABORTED	     0x0b0000

/* A disk as commands see it; its owner's. */
struct scsi_disk {
	uint64_t blocks;
	uint32_t block, physical; /* bytes; powers of two, 512 or more */
	uint32_t granule;	  /* of UNMAP, bytes; 0: it does nothing */
	uint32_t most;		  /* bytes in one transfer; 0: no limit */
	bool readonly, cached;	  /* writes are, until they are flushed */
	char serial[33];
};

enum scsi_action {
	SCSI_ANSWER, /* reply[] is the data, status the status */
	SCSI_READ,   /* len bytes at off, to the initiator */
	SCSI_WRITE,  /* len bytes at off, from the initiator */
	SCSI_FLUSH,
	SCSI_UNMAP, /* len bytes of parameters, from the initiator; then
		     * scsi_unmap() */
};

struct scsi_cmd {
	enum scsi_action action;
	uint8_t status;
	uint8_t sense[SCSI_SENSE]; /* with SCSI_CHECK_CONDITION */
	uint64_t off, len;	   /* bytes, inside the disk */
	bool fua;		   /* SCSI_WRITE: on stable storage, please */
	uint8_t reply[SCSI_REPLY];
	uint32_t reply_len; /* no more than the initiator takes */
};

/*
 * Parses a command block.  lun: whether there is one where it was sent; where
 * not, INQUIRY, REPORT LUNS and REQUEST SENSE say so and others fail.
 */
void scsi_parse(const struct scsi_disk *d, bool lun,
		const uint8_t cdb[SCSI_CDB], struct scsi_cmd *c);
/* Makes c an answer of CHECK CONDITION with that sense. */
void scsi_fail(struct scsi_cmd *c, uint32_t sense);

struct scsi_range {
	uint64_t off, len; /* bytes, inside the disk; len may be 0 */
};
/*
 * What the len bytes of UNMAP's parameters name: the number of ranges, or -1
 * where they are malformed or outside, and c has become that answer.
 */
int scsi_unmap(const struct scsi_disk *d, const uint8_t *params, size_t len,
	       struct scsi_range range[SCSI_UNMAP_MAX], struct scsi_cmd *c);

#endif
