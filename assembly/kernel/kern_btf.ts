import {Btf} from '../btf/btf';
import {BtfHeader} from '../btf/btf_header';
import {Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import * as uapi from '../uapi/btf';
import {BtfInput} from './btf_input';
import {TypeNames} from './type_names';
import {TypeWalk, WalkStop} from './type_walk';
import {WantedNames} from './wanted_names';

/** A BTF of the target kernel: vmlinux or a module, and where the wanted names are in it. */
@final
export class KernBtf {
  /** Whether the plan holds something that is only right for this BTF. */
  used: bool = false;

  constructor(
    readonly input: BtfInput,
    readonly btf: Btf,
    private readonly matches: StaticArray<u32[] | null>,
  ) {}

  /** NUL-terminated; empty for vmlinux. */
  get moduleName(): usize {
    return this.input.name;
  }

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
 * Reads a BTF of the kernel in one walk: checks that every record lies inside, and finds all wanted names. Twelve bytes
 * beyond its end must be readable.
 */
export function readKernBtf(
  input: BtfInput,
  base: Btf | null,
  wanted: WantedNames,
  faults: Faults,
): KernBtf | null {
  const names = input.names;
  if (names !== null) return lookUp(input, names, wanted);
  const which = base === null ? Input.Kernel : Input.Module;
  const raw = input.at;
  const header = BtfHeader.parse(raw, input.size, which, 0, base !== null, faults);
  if (header === null) return null;
  const matches = new StaticArray<u32[] | null>(wanted.list.length);
  const firstId = base === null ? 1 : base.endId;
  const types = raw + header.typesOffset;
  const baseStrings: u32 = base === null ? 0 : base.firstString + base.stringsSize;
  const strings = raw + header.stringsOffset;
  const stringsSize = header.stringsSize;
  input.places.expect(header.typesSize);
  const walk = new TypeWalk(
    types,
    types + header.typesSize,
    strings,
    stringsSize,
    baseStrings,
    wanted.filter,
    input.places,
  );
  for (let stop = walk.run(); stop != WalkStop.End; stop = walk.run()) {
    if (stop == WalkStop.Places) {
      input.places.expectMost(header.typesSize);
      continue;
    }
    const record = walk.stoppedAt;
    if (stop == WalkStop.BadRecord) {
      badRecord(which, firstId + walk.count, <u32>(record - raw), load<u32>(record, 4), faults);
      return null;
    }
    const own = load<u32>(record) - baseStrings;
    // Modules define their own types with names of their own mostly.
    const name = own < stringsSize ? strings + own : base!.nameAt(load<u32>(record));
    collect(wanted, name, load<u32>(record, 4), firstId + walk.count - 1, matches);
  }
  input.walked(walk.count);
  return new KernBtf(input, input.open(header, base), matches);
}

/** Instead of a walk: of a kernel that many plans were made for the names are known. */
function lookUp(input: BtfInput, names: TypeNames, wanted: WantedNames): KernBtf {
  const count = wanted.list.length;
  const matches = new StaticArray<u32[] | null>(count);
  for (let i = 0; i < count; i++) matches[i] = names.find(wanted.list[i]);
  return new KernBtf(input, names.btf, matches);
}

function collect(
  wanted: WantedNames,
  name: usize,
  info: u32,
  id: u32,
  matches: StaticArray<u32[] | null>,
): void {
  for (let link = wanted.first(name); link != 0; link = wanted.nextLink(link)) {
    const number = wanted.nameOfLink(link);
    const entry = wanted.list[number];
    if (!entry.isOfKind(info) || !entry.is(name)) continue;
    const ids = matches[number];
    if (ids === null) matches[number] = [id];
    else ids.push(id);
  }
}

function badRecord(input: Input, id: u32, offset: u32, info: u32, faults: Faults): void {
  const kind = (info >> 24) & 0x7f;
  const bytes = uapi.recordSize(info);
  const unknown = bytes == 0;
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
