/* SPDX-License-Identifier: MIT */
/*
 * The kernel's types around HID devices (mice, keyboards), cut down to what the example uses;
 * as tcp_kernel.h says, neither order nor completeness nor the offsets here matter.
 */
#ifndef HID_KERNEL_H
#define HID_KERNEL_H

#include "integers.h"
#include <bpf/bpf_helpers.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* What a callback is called about. */
struct hid_bpf_ctx {
	/* Bytes that came from the device. */
	__s32 size;
};

enum hid_report_type {
	HID_INPUT_REPORT = 0,
};

struct hid_bpf_ops {
	/* The number of the device, as in the last part of its name below /sys/bus/hid/devices. */
	int hid_id;
	int (*hid_device_event)(struct hid_bpf_ctx *ctx, enum hid_report_type type, __u64 source);
	int (*hid_rdesc_fixup)(struct hid_bpf_ctx *ctx);
};

#pragma clang attribute pop

/* So many bytes of the report or descriptor, from `offset` on; NULL if there are fewer. */
extern __u8 *hid_bpf_get_data(struct hid_bpf_ctx *ctx, unsigned int offset,
			      const unsigned long size) __ksym;

#endif /* HID_KERNEL_H */
