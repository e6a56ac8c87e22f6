import {NO_SIZE, resolveSize} from '../btf/btf_algebra';
import {
  memberAt,
  memberBitfieldBits,
  memberNameOffset,
  memberOffsetBits,
  memberType,
  sizeOf,
  vlenOf,
} from '../btf/btf_record';
import {LocalBtf} from '../btf/local_btf';
import {nameText} from '../bytes/c_string';
import {Fault} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {StructOpsVariable} from './struct_ops_variable';

/**
 * Checks that the members of a struct_ops variable's type lie in it, one beside the other, as those of every C struct do:
 * whoever walks the members then looks at no byte often.
 */
export function checkMemberLayout(
  variable: StructOpsVariable,
  section: string,
  local: LocalBtf,
  faults: Faults,
): bool {
  const type = local.btf.record(variable.typeId);
  const structBits = <u64>sizeOf(type) * 8;
  let takenBits: u64 = 0;
  for (let i: u32 = 0; i < vlenOf(type); i++) {
    const member = memberAt(type, i);
    const name = local.btf.nameAt(memberNameOffset(member));
    const size = resolveSize(local.btf, memberType(member));
    if (size == NO_SIZE) {
      refuse(faults, variable, section, name, 'has an incomplete type');
      return false;
    }
    const bitfieldBits = memberBitfieldBits(type, member);
    const offset: u64 = memberOffsetBits(type, member);
    // The bytes that the type of a bit-field takes may begin before it and end behind it.
    const bits = bitfieldBits != 0 ? bitfieldBits : <u64>size * 8;
    if (bits > structBits || offset > structBits - bits) {
      refuse(faults, variable, section, name, 'lies outside its struct').differs(
        `${structBits} bits`,
        `${bits} bits at ${offset}`,
      );
      return false;
    }
    takenBits += bits;
    if (takenBits > structBits) {
      refuse(faults, variable, section, name, 'overlaps other members').differs(
        `members of ${structBits} bits together`,
        `${takenBits} bits and more`,
      );
      return false;
    }
  }
  return true;
}

function refuse(
  faults: Faults,
  variable: StructOpsVariable,
  section: string,
  name: usize,
  what: string,
): Fault {
  const member = nameText(name);
  return faults
    .add(FaultCode.OBJ_BAD_VARIABLE, `member ${member} of ${variable.text} ${what}`)
    .ofSection(section)
    .ofSymbol(variable.text)
    .ofMember(variable.structText, member)
    .at(variable.fileOffset);
}
