/* SPDX-License-Identifier: MIT */
/* Which CPU --cpu asks for on arm64, and what its ID registers say. */
#ifndef CPU_ARM64_FEATURES_H
#define CPU_ARM64_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/core/err.h"

/* The ID registers that hold features; ID_AA64..._EL1. */
enum arm64_id {
	ARM64_PFR0,
	ARM64_PFR1,
	ARM64_ISAR0,
	ARM64_ISAR1,
	ARM64_ISAR2,
	ARM64_MMFR2,
	ARM64_IDS,
	ARM64_NO_ID = ARM64_IDS, /* the vCPU is made with it or without */
};

/*
 * A feature: present where the four-bit field of an ID register that begins
 * at bit shift has at least that level; less is the field without it.
 */
struct arm64_feature {
	const char *name; /* as in /proc/cpuinfo, where it is there */
	enum arm64_id id;
	uint8_t shift, level, less;
};

/* Those without an ID register here come first, in this order. */
enum { ARM64_PMU, ARM64_SVE, ARM64_PAUTH, ARM64_VCPU_FEATURES };
#define ARM64_FEATURES 45

extern const struct arm64_feature arm64_features[ARM64_FEATURES];

enum arm64_wish { ARM64_AS_HOST, ARM64_WITH, ARM64_WITHOUT };

/* What --cpu says. */
struct arm64_cpu {
	bool aarch32; /* EL1 is to be */
	uint8_t wish[ARM64_FEATURES];
};

/*
 * Parses "host", then ",+feature", ",-feature" and ",aarch64=on|off"; NULL is
 * "host".  What an AArch32 CPU never has is as if it were told to go.
 * -EINVAL with the reason and a remedy.
 */
int arm64_cpu_parse(const char *spec, struct arm64_cpu *cpu,
		    struct err *err) MUST_CHECK;

/*
 * Takes from the ID registers what is to go.  -ENOTSUP where a feature is
 * wanted that they lack.
 */
int arm64_cpu_select(const struct arm64_cpu *cpu, uint64_t id[ARM64_IDS],
		     struct err *err) MUST_CHECK;

/* "this host does not offer ... to guests"; returns -ENOTSUP. */
int arm64_not_offered(const char *name, struct err *err);

#endif
