import {Btf} from '../btf/btf';
import {BtfHeader} from '../btf/btf_header';
import {WorkBudget} from '../btf/work_budget';
import {Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {NAME_STEPS_MAX} from '../limits';
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
  if (names !== null) {
    const known = lookUp(input, names, wanted);
    if (known !== null) return known;
  }
  wanted.budget = base === null ? new WorkBudget(NAME_STEPS_MAX) : wanted.moduleBudget;
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
    if (wanted.budget.exhausted) continue;
    const own = load<u32>(record) - baseStrings;
    // Modules define their own types with names of their own mostly.
    const name = own < stringsSize ? strings + own : base!.nameAt(load<u32>(record));
    collect(wanted, name, load<u32>(record, 4), firstId + walk.count - 1, matches);
  }
  input.walked(walk.count);
  const btf = input.open(header, base);
  if (!wanted.budget.exhausted) return new KernBtf(input, btf, matches);
  return lookUpInstead(input, btf, wanted, faults);
}

/** Where names are so alike that a walk gives up. A kernel that has its names gets the same answer, whichever way was first. */
function lookUpInstead(
  input: BtfInput,
  btf: Btf,
  wanted: WantedNames,
  faults: Faults,
): KernBtf | null {
  if (input.names === null && btf.base === null) {
    const names = TypeNames.of(btf);
    if (names !== null) {
      const found = lookUp(input, names, wanted);
      if (found !== null) return found;
    }
  }
  tooAlike(btf.base === null ? Input.Kernel : Input.Module, faults);
  return null;
}

/** Instead of a walk: of a kernel that many plans were made for the names are known. Null where that takes too long. */
function lookUp(input: BtfInput, names: TypeNames, wanted: WantedNames): KernBtf | null {
  const budget = new WorkBudget(NAME_STEPS_MAX);
  const count = wanted.list.length;
  const matches = new StaticArray<u32[] | null>(count);
  for (let i = 0; i < count; i++) matches[i] = names.find(wanted.list[i], budget);
  if (budget.exhausted) return null;
  return new KernBtf(input, names.btf, matches);
}

function collect(
  wanted: WantedNames,
  name: usize,
  info: u32,
  id: u32,
  matches: StaticArray<u32[] | null>,
): void {
  for (let entry = wanted.first(name); entry != 0; entry = wanted.after(entry)) {
    const number = entry - 1;
    const asked = wanted.list[number];
    if (!asked.isOfKind(info) || !asked.is(name, wanted.budget)) continue;
    const ids = matches[number];
    if (ids === null) matches[number] = [id];
    else ids.push(id);
  }
}

function tooAlike(input: Input, faults: Faults): void {
  faults
    .add(
      FaultCode.OBJ_TOO_LARGE,
      'the object asks for names that too many of the kernel resemble, so that they were made to',
    )
    .in(input)
    .differs(`at most ${NAME_STEPS_MAX} comparisons`, 'more');
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
