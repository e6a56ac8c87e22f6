// SPDX-License-Identifier: GPL-2.0
/* Types that only the module tcp_bbr has; one has a member of a type of vmlinux. */
#include "core_relo.h"

struct minmax_sample {
	__u64 padding;
	__u32 v;
} RELOCATED;

struct minmax {
	__u64 padding;
	struct minmax_sample s[3];
} RELOCATED;

struct bbr {
	__u32 lt_rtt_cnt : 7;
	__u64 cycle_mstamp;
	struct minmax bw;
} RELOCATED;

enum bbr_mode {
	BBR_PROBE_RTT = 70,
};

EXISTS(module_exists, struct bbr, cycle_mstamp)
LOAD(module_load, struct bbr, cycle_mstamp)
OFFSET(module_into_vmlinux, struct bbr, bw.s[2].v)
BITFIELD(module_bitfield, struct bbr, lt_rtt_cnt)
TYPE_ID(module_type_id, struct bbr)
TYPE_SIZE(module_type_size, struct bbr)
ENUM_VALUE(module_enum, enum bbr_mode, BBR_PROBE_RTT)
/* In vmlinux, so modules are not asked. */
TYPE_SIZE(vmlinux_type_size, struct minmax)
