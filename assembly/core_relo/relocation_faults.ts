import {Btf} from '../btf/btf';
import {nameText} from '../bytes/c_string';
import {Fault} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {CoreRelocation} from './core_relocation';
import {CoreSpec} from './core_spec';
import {relocationKindText} from './relocation_kind';
import {accessText, specText, typeText} from './relocation_text';

/** Words the faults of relocations: all say which instruction, and what it means in C. */
@final
export class RelocationFaults {
  constructor(
    private readonly btf: Btf,
    private readonly faults: Faults,
  ) {}

  /** Whether further faults would be dropped. */
  get full(): bool {
    return this.faults.full;
  }

  /** Of a record that cannot be read as an access: its parts are shown as they are. */
  refuseRaw(code: FaultCode, relocation: CoreRelocation, what: string): Fault {
    const type = typeText(this.btf, relocation.typeId);
    const access = nameText(this.btf.nameAt(relocation.accessOffset));
    const kind = relocationKindText(relocation.kind);
    return this.add(code, relocation, `${kind} of ${type}, access string "${access}", ${what}`);
  }

  /** `what` completes the sentence that begins with the kind and the access of `spec`. */
  refuse(code: FaultCode, relocation: CoreRelocation, spec: CoreSpec, what: string): Fault {
    const kind = relocationKindText(relocation.kind);
    return this.add(
      code,
      relocation,
      `${kind} of ${specText(relocation.kind, spec)} ${what}`,
    ).ofMember(nameText(spec.btf.nameOf(spec.btf.record(spec.rootId))), accessText(spec));
  }

  /** Of all of them. */
  refuseWork(): void {
    this.faults.add(
      FaultCode.OBJ_TOO_LARGE,
      "the object's CO-RE relocations ask for more than can be looked up in the kernel's types",
    );
  }

  private add(code: FaultCode, relocation: CoreRelocation, what: string): Fault {
    const program = relocation.program;
    return this.faults
      .add(code, `instruction ${relocation.insn} of ${program.text}: ${what}`)
      .ofSection(program.section.text)
      .ofSymbol(program.text)
      .at(relocation.fileOffset);
  }
}
