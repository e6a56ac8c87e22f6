import type {PlanLiteral} from '../helpers/plan_builder.js';

/**
 * A plan that has most commands, every kind of note, and shared and private ranges of every kind. Run-time values, arenas
 * and associations are in `valueFrame` of test/shim/sample_frames.ts.
 */
export function samplePlan(): PlanLiteral {
  const key = {bytes: Buffer.alloc(4), shared: true};
  return {
    object: {name: 'first.bpf.o', size: 9000n, sha256: 'ab'.repeat(32)},
    btf: {size: 5_212_345n, xxh64: 0x0123456789abcdefn},
    modules: [{name: 'hid', size: 77n, xxh64: 0xfn, slot: 0}],
    capabilities: (1n << 38n) | (1n << 39n) | (1n << 0n) | (1n << 63n),
    steps: [
      {
        cmd: 'BPF_BTF_LOAD',
        name: 'first',
        slot: 1,
        attr: {btf_size: 3},
        blobs: {btf: {bytes: Buffer.from('9febff', 'hex')}},
      },
      {
        cmd: 'BPF_MAP_CREATE',
        name: '.data',
        slot: 2,
        attr: {map_type: 2, key_size: 4, value_size: 8, max_entries: 1, map_name: 'first.data'},
        slots: {btf_fd: 1},
      },
      {
        cmd: 'BPF_MAP_CREATE',
        name: 'ops',
        slot: 3,
        attr: {
          ...{map_type: 26, key_size: 4, value_size: 24, max_entries: 1, map_flags: 0x8000},
          ...{map_name: 'sixteen_letters_', btf_vmlinux_value_type_id: 4_000_000_000},
          map_extra: 2n ** 53n + 1n,
        },
        slots: {btf_fd: 1, value_type_btf_obj_fd: 0},
      },
      {
        cmd: 'BPF_PROG_LOAD',
        name: 'first_init',
        slot: 4,
        attr: {prog_type: 27, insn_cnt: 2, prog_name: 'first_init', attach_btf_id: 9},
        slots: {prog_btf_fd: 1},
        blobs: {
          insns: {
            bytes: Buffer.from('18110000000000000000000000000000', 'hex'),
            slots: [{at: 4, slot: 2, width: 4}],
          },
          license: {bytes: Buffer.from('GPL\0'), shared: true},
          fd_array: {bytes: Buffer.alloc(8), slots: [{at: 4, slot: 0, width: 4}]},
        },
      },
      {cmd: 'BPF_MAP_FREEZE', name: '.data', slots: {map_fd: 2}},
      {
        cmd: 'BPF_PROG_BIND_MAP',
        name: 'first_init, .data',
        may_fail: true,
        slots: {prog_fd: 4, map_fd: 2},
      },
      {
        cmd: 'BPF_MAP_UPDATE_ELEM',
        name: 'ops',
        phase: 'attach',
        attr: {flags: 1n},
        slots: {map_fd: 3},
        blobs: {
          key,
          value: {
            bytes: Buffer.from(`${'00'.repeat(16)}6f6b0000aabb0000`, 'hex'),
            slots: [{at: 8, slot: 4, width: 8}],
          },
        },
        value_type: 'bpf_struct_ops_first',
        members: [
          {name: 'name', offset: 16, size: 4, kind: 3},
          {name: 'init', offset: 8, size: 8, kind: 2},
          {name: 'odd', offset: 21, size: 1, kind: 99},
        ],
      },
      {
        cmd: 'BPF_LINK_CREATE',
        name: 'ops',
        phase: 'attach',
        slot: 5,
        attr: {attach_type: 44},
        slots: {map_fd: 3},
      },
      {
        cmd: 'BPF_MAP_DELETE_ELEM',
        name: 'ops',
        phase: 'attach',
        slots: {map_fd: 3},
        blobs: {key: {bytes: Buffer.alloc(4)}},
      },
    ],
    notes: [
      {kind: 'setting', text: 'page_size=4096'},
      {kind: 'warning', text: 'about all'},
      {kind: 'loss', step: 3, text: 'a weak kfunc'},
      {kind: 'warning', step: 6, text: Buffer.from('not "UTF-8": \xff\x01', 'latin1')},
    ],
  };
}
