// SPDX-License-Identifier: GPL-2.0
/*
 * so_mouse: mends a mouse that sends five buttons and says that it has three, and swaps the
 * first two for the left hand.
 *
 * When it is attached the kernel asks the device's descriptor of itself again, and the callback
 * changes it; from then on each report passes by the other one. At the end the kernel asks once
 * more, and the mouse is as it was.
 *
 * It is for one device, whose number is set when it is loaded: `--set so_mouse.hid_id=N`.
 */
#include "hid_kernel.h"
#include <bpf/bpf_tracing.h>

/* The kernel has room for so many bytes, whatever the device sends. */
#define DESCRIPTOR_BYTES 64
#define REPORT_BYTES 8

/*
 * Where the descriptor of such a mouse says how many buttons it has: the highest button's
 * number, how many bits follow, and how many more fill up the byte.
 */
#define USAGE_MAXIMUM 14
#define BUTTON_COUNT 20
#define PADDING_SIZE 28

#define LEFT_BUTTON 1
#define RIGHT_BUTTON 2

char LICENSE[] SEC("license") = "GPL";

const volatile bool left_handed = true;

__u64 descriptors;
__u64 mended;
__u64 reports;
__u64 swapped;

static __always_inline void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

static __always_inline bool has_item(const __u8 *descriptor, __u32 at, __u8 item, __u8 value)
{
	return descriptor[at] == item && descriptor[at + 1] == value;
}

/* Sleepable: the kernel allows it here, and a mend may ask the device something. */
SEC("struct_ops.s")
int BPF_PROG(mouse_rdesc_fixup, struct hid_bpf_ctx *hid)
{
	__u8 *descriptor = hid_bpf_get_data(hid, 0, DESCRIPTOR_BYTES);

	count(&descriptors);
	if (!descriptor)
		return 0;
	if (!has_item(descriptor, USAGE_MAXIMUM, 0x29, 3) ||
	    !has_item(descriptor, BUTTON_COUNT, 0x95, 3) ||
	    !has_item(descriptor, PADDING_SIZE, 0x75, 5))
		return 0;
	descriptor[USAGE_MAXIMUM + 1] = 5;
	descriptor[BUTTON_COUNT + 1] = 5;
	descriptor[PADDING_SIZE + 1] = 3;
	count(&mended);
	/* 0: as long as before. */
	return 0;
}

SEC("struct_ops")
int BPF_PROG(mouse_device_event, struct hid_bpf_ctx *hid, enum hid_report_type type)
{
	__u8 *report = hid_bpf_get_data(hid, 0, REPORT_BYTES);
	__u8 buttons, others;

	if (!report || type != HID_INPUT_REPORT || hid->size < 1)
		return 0;
	count(&reports);
	if (!left_handed)
		return 0;
	buttons = report[0];
	others = buttons & ~(LEFT_BUTTON | RIGHT_BUTTON);
	report[0] = others | (buttons & LEFT_BUTTON) << 1 | (buttons & RIGHT_BUTTON) >> 1;
	if (report[0] != buttons)
		count(&swapped);
	return 0;
}

SEC(".struct_ops.link")
struct hid_bpf_ops so_mouse = {
	.hid_rdesc_fixup = (void *)mouse_rdesc_fixup,
	.hid_device_event = (void *)mouse_device_event,
};
