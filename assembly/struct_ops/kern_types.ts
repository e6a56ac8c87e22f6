import {memberAt, memberOffsetBits, memberType, sizeOf, vlenOf} from '../btf/btf_record';
import {nameFrom, nameLength, nameText} from '../bytes/c_string';
import {NearName} from '../bytes/near_name';
import {Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {kindSince} from '../kernel/since';
import {Target} from '../kernel/target';
import {WantedNames} from '../kernel/wanted_names';
import {KERN_MEMBERS_MAX, VALUE_SIZE_MAX} from '../limits';
import {ObjectMap} from '../object/object_map';
import * as btf from '../uapi/btf';
import {kindsOf as kindsOfTarget, VALUE_PREFIX} from './kernel_kinds';
import {StructOpsVariable} from './struct_ops_variable';

/** Kernels have about ten. */
const KINDS_SHOWN = 32;
const STRUCT: u32 = 1 << btf.BTF_KIND_STRUCT;

/** The two names that one variable asks the kernel for. */
@final
export class WantedKind {
  constructor(
    readonly value: u32,
    readonly inner: u32,
  ) {}
}

export function wantKind(variable: StructOpsVariable, wanted: WantedNames): WantedKind {
  const inner = variable.kernTypeName;
  const value = nameFrom(VALUE_PREFIX, inner);
  return new WantedKind(
    wanted.add(value, nameLength(value), STRUCT, false),
    wanted.add(inner, nameLength(inner), STRUCT, false),
  );
}

/**
 * Finds `bpf_struct_ops_X` and X and where X lies in it (`find_struct_ops_kern_types` of libbpf). A module's value type
 * may hold a type of vmlinux.
 */
export function findKernTypes(
  map: ObjectMap,
  kind: WantedKind,
  target: Target,
  faults: Faults,
): bool {
  const variable = map.structOps!;
  let module: u32 = 0;
  while (module < target.count && target.btf(module).id(kind.value) == 0) module++;
  if (module == target.count) {
    missingKind(map, target, faults);
    return false;
  }
  const kern = target.btf(module);
  const valueId = kern.id(kind.value);
  const inVmlinux = target.vmlinux.id(kind.inner);
  const innerId = inVmlinux != 0 ? inVmlinux : kern.id(kind.inner);
  const value = kern.btf.record(valueId);
  if (vlenOf(value) > KERN_MEMBERS_MAX) {
    tooManyMembers(map, module, VALUE_PREFIX + variable.structText, vlenOf(value), faults);
    return false;
  }
  const offset = innerId == 0 ? -1 : embeddedAt(value, innerId);
  if (offset < 0) {
    faults
      .add(
        FaultCode.KERN_NO_INNER_TYPE,
        `the kernel's ${VALUE_PREFIX}${variable.structText} does not hold a struct ${variable.structText}`,
      )
      .in(module == 0 ? Input.Kernel : Input.Module)
      .ofSymbol(map.text)
      .ofMember(variable.structText, '');
    return false;
  }
  const inner = kern.btf.record(innerId);
  if (vlenOf(inner) > KERN_MEMBERS_MAX) {
    tooManyMembers(map, module, variable.structText, vlenOf(inner), faults);
    return false;
  }
  if (!checkSizes(value, inner, offset)) {
    faults
      .add(
        FaultCode.KERN_BAD_BTF,
        `the kernel's ${VALUE_PREFIX}${variable.structText} cannot have the size that its BTF says`,
      )
      .in(module == 0 ? Input.Kernel : Input.Module)
      .ofSymbol(map.text)
      .ofMember(variable.structText, '')
      .differs(
        `${sizeOf(inner)} bytes at ${offset}, at most ${VALUE_SIZE_MAX} in all`,
        `${sizeOf(value)} bytes`,
      );
    return false;
  }
  kern.used = true;
  variable.module = module;
  variable.kernVtypeId = valueId;
  variable.kernVtypeSize = sizeOf(value);
  variable.kernTypeId = innerId;
  variable.kernDataOffset = offset;
  return true;
}

function tooManyMembers(
  map: ObjectMap,
  module: u32,
  struct: string,
  count: u32,
  faults: Faults,
): void {
  faults
    .add(
      FaultCode.KERN_BAD_BTF,
      `the kernel's struct ${struct} has more members than a kind can have`,
    )
    .in(module == 0 ? Input.Kernel : Input.Module)
    .ofSymbol(map.text)
    .ofMember(map.structOps!.structText, '')
    .differs(`at most ${KERN_MEMBERS_MAX}`, `${count}`);
}

/** Whether the value holds all of the inner type, and is of a size that a kernel can have. */
function checkSizes(value: usize, inner: usize, offset: u32): bool {
  const size = sizeOf(value);
  return size <= VALUE_SIZE_MAX && offset <= size && sizeOf(inner) <= size - offset;
}

/** Bytes to the first member of exactly that type, or -1. */
function embeddedAt(value: usize, type: u32): i32 {
  for (let i: u32 = 0; i < vlenOf(value); i++) {
    const member = memberAt(value, i);
    if (memberType(member) == type) return <i32>(memberOffsetBits(value, member) / 8);
  }
  return -1;
}

function missingKind(map: ObjectMap, target: Target, faults: Faults): void {
  const variable = map.structOps!;
  faults
    .add(
      FaultCode.KERN_NO_STRUCT_OPS,
      `this kernel has no struct_ops kind ${variable.structText}, which variable ${map.text} is of`,
    )
    .in(Input.Kernel)
    .ofSymbol(map.text)
    .ofMember(variable.structText, '')
    .differs(VALUE_PREFIX + variable.structText, `the kinds ${kindsText(target)}`)
    .needs(`struct_ops kind ${variable.structText}`, kindSince(variable.structText))
    .resembles(faults.many ? '' : nearKind(variable.kernTypeName, target));
}

/** The kinds that the kernel has, as far as a person would read on; collected once. */
function kindsText(target: Target): string {
  if (target.kindsText.length != 0) return target.kindsText;
  const kinds = kindsOfTarget(target);
  let text = kinds.length == 0 ? '(none)' : '';
  for (let i = 0; i < min(kinds.length, KINDS_SHOWN); i++) {
    text += (i == 0 ? '' : ', ') + nameText(kinds[i].name);
  }
  target.kindsText = kinds.length > KINDS_SHOWN ? text + ', …' : text;
  return target.kindsText;
}

function nearKind(name: usize, target: Target): string {
  const near = new NearName(name);
  const kinds = kindsOfTarget(target);
  for (let i = 0; i < kinds.length; i++) near.offer(kinds[i].name);
  return near.text;
}
