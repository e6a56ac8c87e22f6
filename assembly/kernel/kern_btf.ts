import {Btf} from '../btf/btf';
import {BtfHeader} from '../btf/btf_header';
import {Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import * as uapi from '../uapi/btf';
import {WantedNames} from './wanted_names';

/** Of the kernel's 100,000 types one in 16 has its place remembered. */
const CHECKPOINT_SHIFT: u32 = 4;

/** A BTF of the target kernel: vmlinux or a module, and where the wanted names are in it. */
@final
export class KernBtf {
  /** Whether the plan holds something that is only right for this BTF. */
  used: bool = false;

  constructor(
    /** NUL-terminated; empty for vmlinux. */
    readonly moduleName: usize,
    readonly raw: usize,
    readonly rawSize: u32,
    readonly btf: Btf,
    private readonly matches: StaticArray<u32[] | null>,
  ) {}

  /** Its own types that a wanted name meant, lowest id first. */
  ids(wanted: u32): u32[] {
    const ids = this.matches[wanted];
    return ids === null ? [] : ids;
  }

  /** The lowest of them, or 0. */
  id(wanted: u32): u32 {
    const ids = this.matches[wanted];
    return ids === null ? 0 : ids[0];
  }
}

/**
 * Reads a BTF of the kernel in one walk: checks that every record lies inside, and finds all wanted names. Four bytes
 * beyond `size` must be readable.
 */
export function readKernBtf(
  raw: usize,
  size: u32,
  base: Btf | null,
  moduleName: usize,
  wanted: WantedNames,
  faults: Faults,
): KernBtf | null {
  const input = base === null ? Input.Kernel : Input.Module;
  const header = BtfHeader.parse(raw, size, input, 0, base !== null, faults);
  if (header === null) return null;
  const matches = new StaticArray<u32[] | null>(wanted.list.length);
  const firstId = base === null ? 1 : base.endId;
  const types = raw + header.typesOffset;
  // The smallest record has 12 bytes.
  const most = header.typesSize / uapi.BTF_TYPE_SIZE;
  const checkpoints = heap.alloc((<usize>(most >> CHECKPOINT_SHIFT) + 1) * 4);
  const baseStrings: u32 = base === null ? 0 : base.firstString + base.stringsSize;
  const strings = raw + header.stringsOffset;
  const stringsSize = header.stringsSize;
  const kinds = wanted.kinds;
  let id = firstId;
  let at = types;
  const end = types + header.typesSize;
  while (at < end) {
    const info = <usize>12 <= end - at ? load<u32>(at, 4) : 0;
    const kind = (info >> 24) & 0x7f;
    const bytes = kind <= uapi.BTF_KIND_MAX ? uapi.recordSize(kind, info & 0xff_ffff) : 0;
    if (kind - 1 >= uapi.BTF_KIND_MAX || <usize>bytes > end - at) {
      badRecord(input, id, <u32>(at - raw), kind, bytes, faults);
      return null;
    }
    const index = id - firstId;
    if ((index & ((1 << CHECKPOINT_SHIFT) - 1)) == 0) {
      store<u32>(checkpoints + ((index >> CHECKPOINT_SHIFT) << 2), <u32>(at - types));
    }
    if (((kinds >> kind) & 1) != 0) {
      // An offset below baseStrings wraps to a large one; modules define their own types with names of their own mostly.
      const name = load<u32>(at) - baseStrings;
      if (name < stringsSize) {
        const link = wanted.first(firstBytes(strings + name));
        if (link != 0) collect(wanted, link, strings + name, kind, id, matches);
      } else if (base !== null) {
        const inherited = base.nameAt(load<u32>(at));
        const link = wanted.first(firstBytes(inherited));
        if (link != 0) collect(wanted, link, inherited, kind, id, matches);
      }
    }
    id++;
    at += bytes;
  }
  const btf = new Btf(
    base,
    types,
    header.typesSize,
    strings,
    stringsSize,
    checkpoints,
    CHECKPOINT_SHIFT,
    firstId,
    id,
    baseStrings,
  );
  return new KernBtf(moduleName, raw, size, btf, matches);
}

/** The first four bytes of a name; zeros from its end on. */
function firstBytes(name: usize): u32 {
  const word = load<u32>(name);
  // The lowest byte that is zero has its upper bit set in this.
  const ends = (word - 0x01010101) & ~word & 0x80808080;
  return ends == 0 ? word : word & ((1 << (ctz(ends) & 0x18)) - 1);
}

function collect(
  wanted: WantedNames,
  link: u32,
  name: usize,
  kind: u32,
  id: u32,
  matches: StaticArray<u32[] | null>,
): void {
  for (; link != 0; link = wanted.nextLink(link)) {
    const number = wanted.nameOfLink(link);
    const entry = wanted.list[number];
    if (((entry.kinds >> kind) & 1) == 0 || !entry.is(name)) continue;
    const ids = matches[number];
    if (ids === null) matches[number] = [id];
    else ids.push(id);
  }
}

function badRecord(
  input: Input,
  id: u32,
  offset: u32,
  kind: u32,
  bytes: u32,
  faults: Faults,
): void {
  const unknown = kind == 0 || kind > uapi.BTF_KIND_MAX;
  faults
    .add(
      FaultCode.KERN_BAD_BTF,
      unknown
        ? `type ${id} of the kernel's BTF has kind ${kind}, which this version does not know`
        : `type ${id} of the kernel's BTF reaches beyond the type section`,
    )
    .in(input)
    .at(offset)
    .differs(
      unknown ? `a kind from 1 to ${uapi.BTF_KIND_MAX}` : 'a record within the type section',
      unknown ? `kind ${kind}` : `${bytes} bytes`,
    );
}
