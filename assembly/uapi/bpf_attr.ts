import {
  BPF_BTF_LOAD,
  BPF_LINK_CREATE,
  BPF_LINK_DETACH,
  BPF_LINK_GET_FD_BY_ID,
  BPF_LINK_UPDATE,
  BPF_MAP_CREATE,
  BPF_MAP_DELETE_ELEM,
  BPF_MAP_FREEZE,
  BPF_MAP_GET_FD_BY_ID,
  BPF_MAP_UPDATE_ELEM,
  BPF_OBJ_GET,
  BPF_OBJ_PIN,
  BPF_PROG_BIND_MAP,
  BPF_PROG_LOAD,
} from './bpf';

/** enum bpf_cmd, since Linux 7.0 */
export const BPF_PROG_ASSOC_STRUCT_OPS: u32 = 38;
/**
 * A command of the executor, not of bpf(2), which has none for it: maps an arena into the executor's memory and writes
 * its first bytes.
 */
export const STRUCTOPS_ARENA_MAP: u32 = 0x80000001;
/** The map that is pinned at a path; without one it is made and pinned there. */
export const STRUCTOPS_PINNED_MAP: u32 = 0x80000002;
/** Removes a pin. */
export const STRUCTOPS_UNPIN: u32 = 0x80000003;
/** What struct_ops there is. */
export const STRUCTOPS_LIST: u32 = 0x80000004;

/** Flags of a step, see docs/plan-format.md. */
const MAY_FAIL: u32 = 1;
const GETS_LINK: u32 = 2;

/** What a field of `union bpf_attr` holds in a plan. */
export enum FieldUse {
  Number,
  /** NUL-terminated, or as long as the field. */
  Name,
  /** The address of a blob: zero in the image. */
  Address,
  /** An fd: zero in the image. */
  Slot,
}

/** A field by its kernel name; offset and size in bytes. */
@final
export class AttrField {
  constructor(
    readonly name: string,
    readonly offset: u32,
    readonly size: u32,
    readonly use: FieldUse,
  ) {}
}

/** A command, with the fields of its attr that a plan may use: the table in docs/plan-format.md. */
@final
export class BpfCommand {
  readonly fields: AttrField[] = [];

  constructor(
    readonly cmd: u32,
    readonly name: string,
    /** Bytes of the image. */
    readonly attrSize: u32,
    /** Whether it returns an fd. */
    readonly returnsFd: bool,
    /** Flags that its step may have. */
    readonly flags: u32 = 0,
  ) {}

  number(name: string, offset: u32, size: u32 = 4): BpfCommand {
    return this.add(name, offset, size, FieldUse.Number);
  }

  text(name: string, offset: u32, size: u32): BpfCommand {
    return this.add(name, offset, size, FieldUse.Name);
  }

  address(name: string, offset: u32): BpfCommand {
    return this.add(name, offset, 8, FieldUse.Address);
  }

  slot(name: string, offset: u32): BpfCommand {
    return this.add(name, offset, 4, FieldUse.Slot);
  }

  /** The field that has the byte at `offset`. */
  fieldAt(offset: u32): AttrField | null {
    for (let i = 0; i < this.fields.length; i++) {
      const field = this.fields[i];
      if (offset >= field.offset && offset - field.offset < field.size) return field;
    }
    return null;
  }

  /** The field of that name, which must exist. */
  field(name: string): AttrField {
    let i = 0;
    while (this.fields[i].name != name) i++;
    return this.fields[i];
  }

  private add(name: string, offset: u32, size: u32, use: FieldUse): BpfCommand {
    this.fields.push(new AttrField(name, offset, size, use));
    return this;
  }
}

/** Every command that a plan may have. */
@final
export class BpfCommands {
  private readonly list: BpfCommand[] = [
    mapFields(new BpfCommand(BPF_MAP_CREATE, 'BPF_MAP_CREATE', 92, true)),
    elementCommand(BPF_MAP_UPDATE_ELEM, 'BPF_MAP_UPDATE_ELEM')
      .address('value', 16)
      .number('flags', 24, 8),
    elementCommand(BPF_MAP_DELETE_ELEM, 'BPF_MAP_DELETE_ELEM'),
    progLoad(),
    new BpfCommand(BPF_BTF_LOAD, 'BPF_BTF_LOAD', 40, true).address('btf', 0).number('btf_size', 16),
    new BpfCommand(BPF_MAP_FREEZE, 'BPF_MAP_FREEZE', 4, false).slot('map_fd', 0),
    new BpfCommand(BPF_OBJ_PIN, 'BPF_OBJ_PIN', 20, false).address('pathname', 0).slot('bpf_fd', 8),
    new BpfCommand(BPF_OBJ_GET, 'BPF_OBJ_GET', 20, true, GETS_LINK).address('pathname', 0),
    new BpfCommand(BPF_MAP_GET_FD_BY_ID, 'BPF_MAP_GET_FD_BY_ID', 12, true).number('map_id', 0),
    new BpfCommand(BPF_LINK_GET_FD_BY_ID, 'BPF_LINK_GET_FD_BY_ID', 12, true).number('link_id', 0),
    new BpfCommand(BPF_LINK_UPDATE, 'BPF_LINK_UPDATE', 16, false)
      .slot('link_fd', 0)
      .slot('new_map_fd', 4)
      .number('flags', 8)
      .slot('old_map_fd', 12),
    new BpfCommand(BPF_LINK_DETACH, 'BPF_LINK_DETACH', 4, false).slot('link_fd', 0),
    new BpfCommand(BPF_LINK_CREATE, 'BPF_LINK_CREATE', 64, true)
      .slot('map_fd', 0)
      .number('attach_type', 8),
    new BpfCommand(BPF_PROG_BIND_MAP, 'BPF_PROG_BIND_MAP', 12, false, MAY_FAIL)
      .slot('prog_fd', 0)
      .slot('map_fd', 4),
    new BpfCommand(BPF_PROG_ASSOC_STRUCT_OPS, 'BPF_PROG_ASSOC_STRUCT_OPS', 12, false, MAY_FAIL)
      .slot('map_fd', 0)
      .slot('prog_fd', 4),
    new BpfCommand(STRUCTOPS_ARENA_MAP, 'STRUCTOPS_ARENA_MAP', 32, false)
      .slot('map_fd', 0)
      .number('offset', 8, 8)
      .address('data', 16)
      .number('data_size', 24),
    mapFields(new BpfCommand(STRUCTOPS_PINNED_MAP, 'STRUCTOPS_PINNED_MAP', 104, true)).address(
      'pathname',
      96,
    ),
    new BpfCommand(STRUCTOPS_UNPIN, 'STRUCTOPS_UNPIN', 16, false)
      .address('pathname', 0)
      .slot('bpf_fd', 8),
    new BpfCommand(STRUCTOPS_LIST, 'STRUCTOPS_LIST', 8, false),
  ];

  find(cmd: u32): BpfCommand | null {
    for (let i = 0; i < this.list.length; i++) {
      if (this.list[i].cmd == cmd) return this.list[i];
    }
    return null;
  }
}

function mapFields(command: BpfCommand): BpfCommand {
  return command
    .number('map_type', 0)
    .number('key_size', 4)
    .number('value_size', 8)
    .number('max_entries', 12)
    .number('map_flags', 16)
    .slot('inner_map_fd', 20)
    .number('numa_node', 24)
    .text('map_name', 28, 16)
    .slot('btf_fd', 48)
    .number('btf_key_type_id', 52)
    .number('btf_value_type_id', 56)
    .number('btf_vmlinux_value_type_id', 60)
    .number('map_extra', 64, 8)
    .slot('value_type_btf_obj_fd', 72);
}

function elementCommand(cmd: u32, name: string): BpfCommand {
  return new BpfCommand(cmd, name, 32, false).slot('map_fd', 0).address('key', 8);
}

function progLoad(): BpfCommand {
  return new BpfCommand(BPF_PROG_LOAD, 'BPF_PROG_LOAD', 168, true)
    .number('prog_type', 0)
    .number('insn_cnt', 4)
    .address('insns', 8)
    .address('license', 16)
    .number('kern_version', 40)
    .number('prog_flags', 44)
    .text('prog_name', 48, 16)
    .number('expected_attach_type', 68)
    .slot('prog_btf_fd', 72)
    .number('func_info_rec_size', 76)
    .address('func_info', 80)
    .number('func_info_cnt', 88)
    .number('line_info_rec_size', 92)
    .address('line_info', 96)
    .number('line_info_cnt', 104)
    .number('attach_btf_id', 108)
    .slot('attach_btf_obj_fd', 112)
    .address('fd_array', 120);
}
