import {skipModsAndTypedefs} from '../btf/btf_algebra';
import {kindOf, typeOf} from '../btf/btf_record';
import {LocalBtf} from '../btf/local_btf';
import {typesAreCompatible} from '../btf/type_compat';
import {WorkBudget} from '../btf/work_budget';
import {nameLength, nameText} from '../bytes/c_string';
import {NearName} from '../bytes/near_name';
import {Fault, Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {EXTERN_STEPS_MAX, NEAR_FAULTS_MAX} from '../limits';
import {Extern, ExternKind} from '../object/extern';
import * as btf from '../uapi/btf';
import {kfuncSince} from './since';
import {Target} from './target';
import {WantedNames} from './wanted_names';

/**
 * Finds what the kernel has for the object's externs (`bpf_object__resolve_externs` of libbpf): kfuncs by name without
 * flavour, variables by their whole name, in vmlinux and then in the modules' own types.
 */
@final
export class ExternResolver {
  /** By extern: number of its wanted name. */
  private readonly numbers: StaticArray<u32>;
  /** Faults of names that the kernel has not, and what is near to each. */
  private readonly missing: Fault[] = [];
  private readonly near: NearName[] = [];
  private readonly budget: WorkBudget = new WorkBudget(EXTERN_STEPS_MAX);

  constructor(
    private readonly externs: Extern[],
    private readonly faults: Faults,
  ) {
    this.numbers = new StaticArray<u32>(externs.length);
  }

  want(wanted: WantedNames): void {
    for (let i = 0; i < this.externs.length; i++) {
      const extern = this.externs[i];
      if (extern.kind == ExternKind.Function) {
        const name = extern.essentialName;
        this.numbers[i] = wanted.add(name, nameLength(name), 1 << btf.BTF_KIND_FUNC, false);
      } else if (extern.kind == ExternKind.Variable) {
        const name = extern.name;
        this.numbers[i] = wanted.add(name, nameLength(name), 1 << btf.BTF_KIND_VAR, false);
      }
    }
  }

  /** Sets what each extern is in the kernel. Weak ones that it has not stay unresolved. */
  resolve(local: LocalBtf, target: Target): void {
    for (let i = 0; i < this.externs.length && !this.faults.full; i++) {
      if (this.budget.exhausted) {
        this.refuseWork();
        break;
      }
      const extern = this.externs[i];
      switch (extern.kind) {
        case ExternKind.Function:
        case ExternKind.Variable:
          this.find(extern, this.numbers[i], local, target);
          break;
      }
    }
    if (this.missing.length != 0) this.findNear(target);
  }

  /** All types are walked once, for what was not found. */
  private findNear(target: Target): void {
    for (let module: u32 = 0; module < target.count; module++) {
      const kern = target.btf(module).btf;
      if (!kern.isWhole) return;
      const end = kern.types + kern.typesSize;
      for (let record = kern.types; record < end; ) {
        const kind = kindOf(record);
        for (let i = 0; i < this.near.length; i++) {
          const wanted =
            this.missing[i].code == FaultCode.KERN_NO_KFUNC ? btf.BTF_KIND_FUNC : btf.BTF_KIND_VAR;
          if (kind == wanted) this.near[i].offer(kern.nameOf(record));
        }
        record += btf.recordSize(load<u32>(record, 4));
      }
    }
    for (let i = 0; i < this.near.length; i++) this.missing[i].resembles(this.near[i].text);
  }

  private find(extern: Extern, number: u32, local: LocalBtf, target: Target): void {
    let module: u32 = 0;
    while (module < target.count && target.btf(module).id(number) == 0) module++;
    if (module == target.count) {
      if (!extern.weak) this.refuseMissing(extern);
      return;
    }
    const kern = target.btf(module);
    const id = kern.id(number);
    const typeId = typeOf(kern.btf.record(id));
    const kernType =
      extern.kind == ExternKind.Variable ? skipModsAndTypedefs(kern.btf, typeId) : typeId;
    if (!typesAreCompatible(local.btf, extern.typeId, kern.btf, kernType, this.budget)) {
      // A weak kfunc of another prototype counts as absent: so variants of one kfunc live side by side.
      if (extern.kind == ExternKind.Function && extern.weak) return;
      this.refuseType(extern);
      return;
    }
    kern.used = true;
    extern.resolved = true;
    extern.kernBtfId = id;
    extern.module = module;
  }

  private refuseMissing(extern: Extern): void {
    const kfunc = extern.kind == ExternKind.Function;
    const what = kfunc ? 'kfunc' : 'kernel variable';
    const fault = this.refuse(
      extern,
      kfunc ? FaultCode.KERN_NO_KFUNC : FaultCode.KERN_NO_KSYM,
      `the ${what} ${extern.text} is neither in this kernel nor in the modules that were given`,
    );
    const name = nameText(extern.essentialName);
    fault.needs(`${what} ${name}`, kfunc ? kfuncSince(name) : '');
    if (<u32>this.missing.length >= NEAR_FAULTS_MAX) return;
    this.missing.push(fault);
    this.near.push(new NearName(extern.essentialName));
  }

  private refuseType(extern: Extern): void {
    const kfunc = extern.kind == ExternKind.Function;
    this.refuse(
      extern,
      kfunc ? FaultCode.KERN_KFUNC_PROTO : FaultCode.KERN_KSYM_TYPE,
      kfunc
        ? `the kfunc ${extern.text} has another prototype in this kernel`
        : `the kernel variable ${extern.text} has another type in this kernel`,
    );
  }

  private refuseWork(): void {
    this.faults
      .add(
        FaultCode.OBJ_TOO_LARGE,
        "the types of the object's kernel functions and variables are too large to be compared",
      )
      .differs(`at most ${EXTERN_STEPS_MAX} types`, 'more');
  }

  private refuse(extern: Extern, code: FaultCode, message: string): Fault {
    return this.faults.add(code, message).in(Input.Kernel).ofSymbol(extern.text);
  }
}
