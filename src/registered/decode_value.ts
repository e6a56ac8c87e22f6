import type {KernelKind} from '../inspect/inspect_kernel.js';

/** What of a value of a struct_ops map is told. */
export interface DecodedValue {
  /** Under which its subsystem knows it; undefined if the kind has no such member. */
  readonly name: string | undefined;
  /** Id of the program that is each callback. */
  readonly programs: ReadonlyMap<string, number>;
}

/** Where kinds keep a name: `tcp_congestion_ops` and `sched_ext_ops`, `Qdisc_ops`. */
const NAME_MEMBERS = new Set(['name', 'id']);

/**
 * Reads the value of a struct_ops map as the kernel gives it (`bpf_struct_ops_map_sys_lookup_elem`):
 * where a function is to be called, there stands the id of the program, not its fd.
 *
 * @param hex - Its bytes.
 */
export function decodeValue(hex: string, {members}: KernelKind): DecodedValue {
  const value = Buffer.from(hex, 'hex');
  const programs = new Map<string, number>();
  let name: string | undefined;
  for (const {name: member, offset, size, kind, callback} of members) {
    if (offset + size > value.length) continue;
    const bytes = value.subarray(offset, offset + size);
    if (callback && size === 8) {
      const id = Number(bytes.readBigUInt64LE());
      if (id !== 0) programs.set(member, id);
    } else if (kind === 'ARRAY' && NAME_MEMBERS.has(member)) {
      name ??= textOf(bytes) || undefined;
    }
  }
  return {name, programs};
}

/** Up to its NUL. */
function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}
