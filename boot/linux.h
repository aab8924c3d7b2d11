/* SPDX-License-Identifier: MIT */
/* The setup header of Linux on x86, Documentation/arch/x86/boot.rst. */
#ifndef BOOT_LINUX_H
#define BOOT_LINUX_H

/* Offsets, the same in a bzImage file and in struct boot_params. */
#define BZ_SETUP_SECTS	      0x1f1
#define BZ_SYSSIZE	      0x1f4
#define BZ_BOOT_FLAG	      0x1fe
#define BZ_JUMP		      0x200 /* its second byte tells the length */
#define BZ_MAGIC	      0x202
#define BZ_VERSION	      0x206
#define BZ_TYPE_OF_LOADER     0x210
#define BZ_LOADFLAGS	      0x211
#define BZ_RAMDISK_IMAGE      0x218
#define BZ_RAMDISK_SIZE	      0x21c
#define BZ_CMD_LINE_PTR	      0x228
#define BZ_INITRD_ADDR_MAX    0x22c
#define BZ_KERNEL_ALIGNMENT   0x230
#define BZ_RELOCATABLE_KERNEL 0x234
#define BZ_XLOADFLAGS	      0x236
#define BZ_CMDLINE_SIZE	      0x238
#define BZ_PAYLOAD_OFFSET     0x248
#define BZ_PAYLOAD_LENGTH     0x24c
#define BZ_SETUP_DATA	      0x250
#define BZ_PREF_ADDRESS	      0x258
#define BZ_INIT_SIZE	      0x260
#define BZ_HEADER_END	      0x268 /* of the fields above */
#define BZ_HEADER_MAX	      0x290 /* of the room in boot_params */

#define BZ_LOADED_HIGH	 0x01
#define BZ_KASLR_FLAG	 0x02
#define BZ_XLF_KERNEL_64 0x0001
#define BZ_XLF_ABOVE_4G	 0x0002

#endif
