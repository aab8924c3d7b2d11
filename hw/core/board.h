/* SPDX-License-Identifier: MIT */
/* The board: one immutable description of a machine, for every output. */
#ifndef HW_CORE_BOARD_H
#define HW_CORE_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/core/device.h"

enum arch { ARCH_X86_64, ARCH_ARM64, ARCH_PPC64LE, ARCH_IA64, ARCH_COUNT };

/* "x86_64", "arm64", "ppc64le", "ia64": as --arch takes them. */
const char *arch_name(enum arch a);
/* ARCH_COUNT when there is no such name. */
enum arch arch_from_name(const char *name);

enum board_trigger { TRIGGER_EDGE, TRIGGER_LEVEL };
enum board_polarity { POLARITY_HIGH, POLARITY_LOW };

/* No wired interrupt. */
#define BOARD_NO_IRQ UINT32_MAX

/* A placed device. */
struct board_dev {
	char name[32];			  /* unique: "uart", "virtio-mmio.3" */
	const struct device_class *class; /* never NULL */
	enum device_space space;	  /* where base lies */
	uint64_t base, size;		  /* MMIO or ports; size 0: none */
	uint32_t irq;			  /* GSI, SPI, ...; or BOARD_NO_IRQ */
	enum board_trigger trigger;
	enum board_polarity polarity;
	uint8_t devfn;	/* SPACE_PCI: device << 3 | function, on bus 0 */
	uint8_t uid;	/* ACPI _UID among those of one class */
	bool in_kernel; /* the accelerator supplies it */
	char *props;	/* "key=value,...", or NULL; the board's */

	/* What sits behind a virtio transport, or NULL: its own class, ... */
	const struct device_class *function;
	char function_name[32]; /* ... name ("disk0") and ... */
	char *function_props;	/* ... properties, or NULL; the board's */
};

struct board_range {
	uint64_t base, size; /* size 0: there is none */
};

/* Two of different nodes may adjoin: one run of RAM, see board_ram_run(). */
struct board_ram {
	uint64_t base, size;
	uint32_t node; /* NUMA */
};

struct board_reserved {
	const char *name;
	uint64_t base, size;
};

struct board_cpu {
	uint64_t hw_id; /* APIC id, MPIDR, PIR, LID: as tables name the CPU */
	uint32_t node;
	uint32_t socket, core, thread; /* place in the topology, from 0 */
};

struct board_pci {
	bool present;
	struct board_range ecam; /* 1 MiB a bus, from bus 0 */
	uint32_t buses;
	struct board_range mmio32; /* window below 4 GiB, as the bus counts */
	/*
	 * Where the CPU sees that window, if elsewhere; 0: at its bus address.
	 * The other window is where the bus has it.
	 */
	uint64_t mmio32_cpu;
	struct board_range mmio64; /* window above RAM */
	struct board_range pio;	   /* I/O window, as the bus counts */
	/*
	 * Where the CPU sees the window's first port in memory; 0 where it
	 * has an I/O space of its own, which begins with port 0.
	 */
	uint64_t pio_mmio;
	uint32_t intx[4]; /* board irq of slot 0's INTA..INTD */
};

/* What a BAR of a function is; the PCI binding's codes of address spaces. */
enum board_bar_kind { BAR_NONE, BAR_IO, BAR_MEM32, BAR_MEM64 };

/*
 * A PCI function, for a device tree that replaces probing.  It is no part of
 * the board: pci_describe() (hw/pci/pci.h) finds it in the machine.
 */
struct board_pci_fn {
	uint8_t devfn, revision, pin; /* pin 0: no INTx */
	uint16_t vendor, device, subsys_vendor, subsys;
	uint32_t class_code; /* base << 16 | subclass << 8 | interface */
	unsigned msi, msix;  /* vectors */
	struct {
		enum board_bar_kind kind;
		bool prefetch;
		uint64_t base, size; /* on the bus */
	} bar[6];
};

/* A page size in hash segments of some base page size, and its PTE's code. */
struct board_ppc_page {
	uint8_t shift;
	uint16_t encoding;
};

#define BOARD_PPC_SIZES 8

/*
 * ppc64le: what the guest's kernel is told of its CPUs.  The accelerator's
 * word; or a POWER9's, with pvr 0 in the configuration, on another host.
 */
struct board_ppc {
	uint32_t pvr;
	uint32_t timebase_hz;
	bool radix;	      /* the MMU that the guest is to use */
	bool hash, has_radix; /* those that it could */
	uint8_t kvm_type;     /* of KVM_CREATE_VM: 0 any, 1 HV, 2 PR */
	bool kvm_hv, kvm_pr;  /* those that it could be */
	bool pr;	      /* what it comes to: the guest is KVM-PR's */
	/*
	 * A hypervisor below the host answers "sc 1" of KVM-PR's guests, so
	 * KVM is not told of it: see boot/ppc64.c.
	 */
	bool calls_taken;
	bool nested, has_nested; /* it may have guests, or could */
	bool has_xics;		 /* the accelerator, besides XIVE */
	/* A kernel may have the other of the two, by H_CAS: the interrupt
	 * controller that is not XIVE, the other MMU. */
	bool other_xive, other_mmu;
	uint8_t htab_shift; /* hash: log2 of the page table's bytes */
	uint32_t slbs;
	bool tera_segments; /* of 1 TiB, besides those of 256 MiB */
	/* No page of a hash guest may be larger than that below it. */
	bool real_pages;
	/* Hash: by base page size; ends with a shift of 0. */
	struct board_ppc_segment {
		uint8_t shift;
		uint16_t slb_encoding;
		struct board_ppc_page page[BOARD_PPC_SIZES];
	} segment[BOARD_PPC_SIZES];
	/* Radix: page shift | AP encoding << 29; ends with 0. */
	uint32_t radix_page[BOARD_PPC_SIZES];
	uint8_t page_shift;	  /* log2 of the host's page */
	struct board_range rtas;  /* the guest's way into RTAS */
	uint32_t first_source;	  /* of interrupts; struct board's nlines */
	uint64_t phb_unit;	  /* the PCI host's address, as RTAS takes it */
	uint32_t msi_first, nmsi; /* sources for PCI's messages */
	/*
	 * XIVE: two pages of 1 << page_shift bytes for each source from 0, and
	 * four of a thread's context; 0 with another controller.
	 */
	uint64_t xive_esb, xive_tima;
};

#define BOARD_MIN_STATE 1024
/* ia64: hw/sal/code.h says what lies in it; CPUs that nobody started are in its
 * first BOARD_IA64_WAIT bytes and begin at base. */
#define BOARD_IA64_WAIT 0x100
struct board_ia64 {
	struct board_range firmware;
	struct board_range pal;	  /* in it, the entry of PAL's procedures */
	struct board_range ports; /* the I/O port space, as the CPU sees it */
	uint64_t interrupt_block;
	/* where SAL is entered at an INIT, PAL when a PMI ends; the area in
	 * which each CPU saves, that of CPU 0 first, BOARD_MIN_STATE bytes each
	 */
	uint64_t init_entry, pmi_return, min_state;
	bool paravirt; /* the engine's interface of cpu/ia64/pv.h is offered */
};

#define BOARD_MAX_NODES 16
/* The address of a network device that the tree describes. */
struct board_mac {
	const char *name; /* of its board_dev */
	uint8_t addr[6];
};

/*
 * What a machine that was made tells beyond its board, for a device tree that
 * replaces probing.  Everything is the machine's.
 */
struct board_found {
	const struct board_pci_fn *fn;
	unsigned nfns;
	const struct board_mac *mac;
	unsigned nmacs;
};

#define BOARD_MAX_RAM	   (BOARD_MAX_NODES + 4)
#define BOARD_MAX_RESERVED 8

struct board {
	enum arch arch;
	const char *machine; /* "virt" */
	const char *irqchip; /* as --irqchip, never "auto": "kernel", ... */

	struct board_cpu *cpus;
	unsigned ncpus;
	unsigned sockets, cores, threads; /* cores a socket, threads a core */

	struct board_ram ram[BOARD_MAX_RAM]; /* ascending */
	unsigned nram;
	bool ram_thp; /* by transparent huge pages, unless told otherwise */
	/*
	 * RAM besides that, of which no kernel is told as of memory: firmware
	 * and all tables lie there, in the range acpi too.  Size 0: there is
	 * none, and they lie in ram[].
	 */
	struct board_range firmware_ram;
	/* Inside or outside RAM, not for the guest's kernel to use. */
	struct board_reserved reserved[BOARD_MAX_RESERVED];
	unsigned nreserved;
	/* Between NUMA nodes; 0: the usual one.  See board_distance(). */
	uint8_t distance[BOARD_MAX_NODES][BOARD_MAX_NODES];

	struct board_dev *devs; /* in the order in which they are realized */
	unsigned ndevs;
	struct board_pci pci;

	uint32_t nlines;      /* of the interrupt controller */
	bool aarch32;	      /* arm64: the CPUs start in AArch32 */
	bool pmu;	      /* arm64: the CPUs have a PMUv3 */
	struct board_ppc ppc; /* ppc64le */
	struct board_ia64 ia64;
	struct board_range acpi; /* where boot/ writes the tables; the
				  * RSDP is at base */
	/* arm64: kept free for devices of the host's, of which there are none
	 * yet; no table names it. */
	struct board_range platform;
	unsigned phys_bits; /* guest-physical address width */
};

/* The device of that name, or NULL. */
const struct board_dev *board_find(const struct board *b, const char *name);
/* The first device of that class at or after index *i, which it moves past. */
const struct board_dev *board_next_class(const struct board *b,
					 const char *class_name, unsigned *i);
/* The board irq behind pin (0 = INTA) of a slot: the standard swizzle. */
uint32_t board_intx(const struct board *b, unsigned slot, unsigned pin);
/* ppc64le: numbers of interrupt servers, one more than the highest CPU's. */
uint32_t board_servers(const struct board *b);
/* NUMA nodes: one more than the highest that RAM or a CPU is of. */
uint32_t board_nodes(const struct board *b);
/* From a NUMA node to another, as ACPI counts (6.4, section 5.2.17): to
 * itself 10. */
uint8_t board_distance(const struct board *b, uint32_t from, uint32_t to);
/*
 * RAM without a gap, of whatever nodes: the run that begins with ram[*i], and
 * *i moves past it.  Its size is 0 past the last.
 */
struct board_range board_ram_run(const struct board *b, unsigned *i);
/* The first of them. */
struct board_range board_first_ram(const struct board *b);
/* The bytes of ram[]: what --memory asked for. */
uint64_t board_ram_size(const struct board *b);
/* One past the last byte of RAM. */
uint64_t board_ram_top(const struct board *b);

#endif
