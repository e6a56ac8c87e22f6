import {skipModsAndTypedefs} from '../btf/btf_algebra';
import {kindOf, paramAt, sizeOf, typeOf, vlenOf} from '../btf/btf_record';
import {LocalBtf} from '../btf/local_btf';
import {WorkBudget} from '../btf/work_budget';
import {ByteWriter} from '../bytes/byte_writer';
import {nameFrom, nameIs} from '../bytes/c_string';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {CONTEXT_TAGS_MAX, CONTEXT_TYPES_SIZE_MAX} from '../limits';
import * as bpf from '../uapi/bpf';
import * as uapi from '../uapi/btf';
import {contextName} from './context_name';
import {LinkedProgram} from './linked_program';

const TAG = 'arg:ctx';
/** Of struct btf_decl_tag: the number of the parameter. */
const COMPONENT_IDX: usize = 12;

/** A global function with tagged parameters, and what the program at work has of it. */
@final
class TaggedFunction {
  /** Ids of its tags, in their order. */
  readonly tags: u32[] = [];
  /** The program that the rest is of. */
  program: LinkedProgram | null = null;
  /** Offset of its record in the program's func_info. */
  record: u32 = 0;
  /** Offset of the copied prototype in the new types. */
  prototype: u32 = 0;
}

/**
 * Tells kernels before 6.8, which do not know the tag `arg:ctx` (`__arg_ctx`), which parameters of global functions are
 * the context: a copy of such a function has the pointer that those kernels know a context by
 * (`bpf_program_fixup_func_info` of libbpf). Each program has copies of its own, since the pointer depends on its type.
 */
@final
export class ContextArguments {
  private readonly types: ByteWriter = new ByteWriter();
  private readonly strings: ByteWriter = new ByteWriter();
  private nextId: u32;
  /** By type of programs: where the name of their context is, or 0. */
  private readonly names: StaticArray<u32> = new StaticArray<u32>(bpf.BPF_PROG_TYPE_NETFILTER + 1);
  /** For the tags of all programs. */
  private readonly budget: WorkBudget = new WorkBudget(CONTEXT_TAGS_MAX);
  /** By id of the FUNC; none at all without a tag. */
  private readonly functions: StaticArray<TaggedFunction | null>;

  constructor(
    private readonly local: LocalBtf,
    /** The kernel is for arm64, where a program on a kprobe gets another struct than on x86-64. */
    private readonly arm64: bool,
  ) {
    const btf = local.btf;
    this.nextId = btf.endId;
    let functions = new StaticArray<TaggedFunction | null>(0);
    for (let id: u32 = 1; id < btf.endId; id++) {
      const record = btf.record(id);
      if (kindOf(record) != uapi.BTF_KIND_DECL_TAG || !nameIs(btf.nameOf(record), TAG)) continue;
      const func = typeOf(record);
      if (!isGlobalFunction(btf.record(func))) continue;
      if (functions.length == 0) functions = new StaticArray<TaggedFunction | null>(btf.endId);
      if (functions[func] === null) functions[func] = new TaggedFunction();
      functions[func]!.tags.push(id);
    }
    this.functions = functions;
  }

  /** The object's BTF with all copies. */
  finish(faults: Faults): LocalBtf {
    if (this.full) {
      faults
        .add(FaultCode.OBJ_TOO_LARGE, 'the object has too many functions with __arg_ctx')
        .differs(
          `fewer than ${CONTEXT_TAGS_MAX} such parameters in all programs`,
          `more, or types of ${this.types.size} bytes for them`,
        );
      return this.local;
    }
    if (this.types.size == 0) return this.local;
    return this.local.withTypes(this.types, this.strings, faults);
  }

  private get full(): bool {
    return this.budget.exhausted || this.types.size > CONTEXT_TYPES_SIZE_MAX;
  }

  /** Whether no parameter is tagged. */
  get none(): bool {
    return this.functions.length == 0;
  }

  /** Lets the func_info of a program, records of that size, name copies; whether there was something to do. */
  fix(linked: LinkedProgram, funcInfo: ByteWriter, recordSize: u32): bool {
    const type = linked.program.type;
    const context = contextName(type);
    if (context.length == 0 || this.none) return false;
    const tags = this.tagsOf(linked, funcInfo, recordSize);
    let pointer: u32 = 0;
    for (let i = 0; i < tags.length && !this.full; i++) {
      const tag = this.local.btf.record(tags[i]);
      const func = typeOf(tag);
      const index = load<u32>(tag, COMPONENT_IDX);
      if (!this.needsCopy(func, index, context, type)) continue;
      const known = this.functions[func]!;
      const record = funcInfo.pointer + known.record;
      if (load<u32>(record, 4) == func) store<u32>(record, this.copy(known, func), 4);
      if (pointer == 0) pointer = this.addPointer(context, type);
      this.add(this.local.btf.record(tags[i]), uapi.BTF_KIND_DECL_TAG, 0, load<u32>(record, 4));
      this.types.u32(index);
      this.types.setU32(known.prototype + <u32>paramAt(0, index) + 4, pointer);
    }
    return pointer != 0;
  }

  /** Of all functions of a program, in the order of their ids. Of several records of a function the first counts. */
  private tagsOf(linked: LinkedProgram, funcInfo: ByteWriter, recordSize: u32): u32[] {
    const tags: u32[] = [];
    for (let at: u32 = 0; at < funcInfo.size; at += recordSize) {
      const func = load<u32>(funcInfo.pointer + at, 4);
      const known = func < <u32>this.functions.length ? this.functions[func] : null;
      if (known === null || known.program === linked) continue;
      known.program = linked;
      known.record = at;
      if (!this.budget.spend(known.tags.length)) break;
      for (let i = 0; i < known.tags.length; i++) tags.push(known.tags[i]);
    }
    return tags.sort((a, b) => (a < b ? -1 : 1));
  }

  /** Whether the verifier would not take the parameter for the context (`need_func_arg_type_fixup`). */
  private needsCopy(func: u32, index: u32, context: string, type: u32): bool {
    const btf = this.local.btf;
    const prototype = btf.record(typeOf(btf.record(func)));
    if (index >= vlenOf(prototype)) return false;
    const pointer = btf.record(skipModsAndTypedefs(btf, load<u32>(paramAt(prototype, index), 4)));
    if (kindOf(pointer) != uapi.BTF_KIND_PTR) return false;
    const what = btf.record(skipModsAndTypedefs(btf, typeOf(pointer)));
    const name = btf.nameOf(what);
    if (kindOf(what) == uapi.BTF_KIND_VOID) return true;
    switch (type) {
      case bpf.BPF_PROG_TYPE_KPROBE:
        return kindOf(what) == uapi.BTF_KIND_STRUCT && nameIs(name, 'pt_regs');
      case bpf.BPF_PROG_TYPE_PERF_EVENT: {
        const registers = this.arm64 ? 'user_pt_regs' : 'pt_regs';
        return kindOf(what) == uapi.BTF_KIND_STRUCT && nameIs(name, registers);
      }
      case bpf.BPF_PROG_TYPE_RAW_TRACEPOINT:
      case bpf.BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
        return kindOf(what) == uapi.BTF_KIND_INT && sizeOf(what) == 8;
      default:
        return false;
    }
  }

  /** Prototype and function once more; gives the id of the function. */
  private copy(known: TaggedFunction, func: u32): u32 {
    const btf = this.local.btf;
    const record = btf.record(func);
    const prototype = btf.record(typeOf(record));
    const vlen = vlenOf(prototype);
    known.prototype = this.types.size;
    const id = this.add(0, uapi.BTF_KIND_FUNC_PROTO, vlen, typeOf(prototype));
    this.types.bytes(paramAt(prototype, 0), vlen * uapi.BTF_PARAM_SIZE);
    // Differs from libbpf: it adds the program's name to the strings, unused, if no type has that name.
    return this.add(record, uapi.BTF_KIND_FUNC, uapi.BTF_FUNC_GLOBAL, id);
  }

  /** To the struct that the verifier knows the context by; one for a program. */
  private addPointer(context: string, type: u32): u32 {
    if (this.names[type] == 0) {
      this.names[type] = this.local.stringOrNew(nameFrom(context), this.strings);
    }
    const id = this.add(0, uapi.BTF_KIND_STRUCT, 0, 0);
    this.types.setU32(this.types.size - uapi.BTF_TYPE_SIZE, this.names[type]);
    return this.add(0, uapi.BTF_KIND_PTR, 0, id);
  }

  /** With the name of another record, or none; gives its id. */
  private add(named: usize, kind: u32, vlen: u32, sizeOrType: u32): u32 {
    this.types.u32(named == 0 ? 0 : load<u32>(named));
    this.types.u32((kind << 24) | vlen);
    this.types.u32(sizeOrType);
    return this.nextId++;
  }
}

function isGlobalFunction(record: usize): bool {
  return kindOf(record) == uapi.BTF_KIND_FUNC && vlenOf(record) == uapi.BTF_FUNC_GLOBAL;
}
