import {ByteWriter} from '../bytes/byte_writer';
import {nameLength} from '../bytes/c_string';
import {RESOLVE_DEPTH_MAX, TYPE_TEXT_MAX} from '../limits';
import * as uapi from '../uapi/btf';
import {Btf} from './btf';
import {arrayElement, arrayLength, kflagOf, kindOf, paramAt, typeOf, vlenOf} from './btf_record';

/**
 * Writes types as C declares them without a name: `u64`, `unsigned int[4]`, `struct foo`, `int (*)(struct sock *)`. What is
 * nested deeper than RESOLVE_DEPTH_MAX, or is longer than TYPE_TEXT_MAX bytes, ends in `...`.
 *
 * C puts what a declarator is made of around the place of the name: pointers and the base type before it, array lengths
 * and parameters behind it. So there are two walks from the outermost type inwards.
 */
@final
export class TypeText {
  private readonly out: ByteWriter = new ByteWriter(TYPE_TEXT_MAX + 16);

  constructor(private readonly btf: Btf) {}

  /** UTF-8, as far as the names in the file are; good until the next `write`. */
  get pointer(): usize {
    return this.out.pointer;
  }

  get size(): u32 {
    return this.out.size;
  }

  write(id: u32): void {
    this.out.clear();
    this.declare(id, 0);
    if (this.full) this.out.ascii('...');
  }

  private get full(): bool {
    return this.out.size >= TYPE_TEXT_MAX;
  }

  private declare(id: u32, depth: u32): void {
    this.before(id, depth);
    this.behind(id, depth);
  }

  private before(id: u32, depth: u32): void {
    if (this.full) return;
    if (depth >= RESOLVE_DEPTH_MAX) {
      this.ascii('...');
      return;
    }
    const record = this.btf.record(id);
    switch (kindOf(record)) {
      case uapi.BTF_KIND_VOID:
        this.ascii('void');
        break;
      case uapi.BTF_KIND_STRUCT:
        this.tagged('struct', record);
        break;
      case uapi.BTF_KIND_UNION:
        this.tagged('union', record);
        break;
      case uapi.BTF_KIND_ENUM:
      case uapi.BTF_KIND_ENUM64:
        this.tagged('enum', record);
        break;
      case uapi.BTF_KIND_FWD:
        this.tagged(kflagOf(record) ? 'union' : 'struct', record);
        break;
      case uapi.BTF_KIND_PTR:
        this.before(typeOf(record), depth + 1);
        this.ascii(this.starText(typeOf(record)));
        break;
      case uapi.BTF_KIND_ARRAY:
        this.before(arrayElement(record), depth + 1);
        break;
      case uapi.BTF_KIND_FUNC_PROTO:
        this.before(typeOf(record), depth + 1);
        break;
      case uapi.BTF_KIND_CONST:
        this.qualified('const', typeOf(record), depth);
        break;
      case uapi.BTF_KIND_VOLATILE:
        this.qualified('volatile', typeOf(record), depth);
        break;
      case uapi.BTF_KIND_RESTRICT:
        this.qualified('restrict', typeOf(record), depth);
        break;
      case uapi.BTF_KIND_TYPE_TAG:
        this.before(typeOf(record), depth + 1);
        break;
      default:
        // INT, FLOAT, TYPEDEF; and what cannot be the type of anything, by its name.
        this.name(record);
    }
  }

  /** `char *`, `char **`, `int (*)[4]`, `int *(*)[4]` */
  private starText(pointee: u32): string {
    const star = this.isSuffixed(pointee) ? '(*' : '*';
    return this.afterStar ? star : ' ' + star;
  }

  private behind(id: u32, depth: u32): void {
    if (this.full || depth >= RESOLVE_DEPTH_MAX) return;
    const record = this.btf.record(id);
    switch (kindOf(record)) {
      case uapi.BTF_KIND_PTR:
        if (this.isSuffixed(typeOf(record))) this.ascii(')');
        this.behind(typeOf(record), depth + 1);
        break;
      case uapi.BTF_KIND_ARRAY:
        this.ascii(`[${arrayLength(record)}]`);
        this.behind(arrayElement(record), depth + 1);
        break;
      case uapi.BTF_KIND_FUNC_PROTO:
        this.parameters(record, depth + 1);
        this.behind(typeOf(record), depth + 1);
        break;
      case uapi.BTF_KIND_CONST:
      case uapi.BTF_KIND_VOLATILE:
      case uapi.BTF_KIND_RESTRICT:
      case uapi.BTF_KIND_TYPE_TAG:
        this.behind(typeOf(record), depth + 1);
        break;
    }
  }

  private parameters(record: usize, depth: u32): void {
    this.ascii('(');
    const count = vlenOf(record);
    if (count == 0) this.ascii('void');
    for (let i: u32 = 0; i < count && !this.full; i++) {
      if (i > 0) this.ascii(', ');
      const type = load<u32>(paramAt(record, i), 4);
      // The last parameter of a variadic function is void.
      if (type == 0) this.ascii('...');
      else this.declare(type, depth);
    }
    this.ascii(')');
  }

  /** `const int`, but `int *const`. */
  private qualified(word: string, id: u32, depth: u32): void {
    const pointer = kindOf(this.unqualified(id)) == uapi.BTF_KIND_PTR;
    if (pointer) {
      this.before(id, depth + 1);
      if (!this.afterStar) this.ascii(' ');
      this.ascii(word);
    } else {
      this.ascii(word);
      this.ascii(' ');
      this.before(id, depth + 1);
    }
  }

  /** Whether the declarator goes on behind the name, so that a pointer to it needs brackets. */
  private isSuffixed(id: u32): bool {
    const kind = kindOf(this.unqualified(id));
    return kind == uapi.BTF_KIND_ARRAY || kind == uapi.BTF_KIND_FUNC_PROTO;
  }

  /** The record behind CONST, VOLATILE, RESTRICT and TYPE_TAG; typedefs have names and stay. */
  private unqualified(id: u32): usize {
    let record = this.btf.record(id);
    for (let step: u32 = 0; step < RESOLVE_DEPTH_MAX; step++) {
      const kind = kindOf(record);
      if (
        kind != uapi.BTF_KIND_TYPE_TAG &&
        (kind < uapi.BTF_KIND_VOLATILE || kind > uapi.BTF_KIND_RESTRICT)
      ) {
        break;
      }
      record = this.btf.record(typeOf(record));
    }
    return record;
  }

  private get afterStar(): bool {
    return this.out.size > 0 && load<u8>(this.out.pointer + this.out.size - 1) == 0x2a;
  }

  private tagged(tag: string, record: usize): void {
    this.ascii(tag);
    this.ascii(' ');
    if (load<u8>(this.btf.nameOf(record)) == 0) this.ascii('{...}');
    else this.name(record);
  }

  private name(record: usize): void {
    const name = this.btf.nameOf(record);
    this.bytes(name, nameLength(name));
  }

  private ascii(text: string): void {
    if (!this.full) this.out.ascii(text);
  }

  private bytes(from: usize, size: u32): void {
    if (!this.full) this.out.bytes(from, min(size, TYPE_TEXT_MAX - this.out.size));
  }
}
