import {readFile, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {execa} from 'execa';
import {BTF_TYPE, BtfEdit, type BtfType} from '../helpers/btf_edit.js';
import {getBpftool} from './bpftool.js';
import {buildBpf, getVmlinuxHeader} from './build_bpf.js';
import {cached, contentName} from './cache.js';
import type {Kernel} from './kernels.js';

/** How much of everything an object has that is written by a program and not by a person. */
export interface LargeObject {
  /** The kernel struct that its variable is, and how many of the callbacks of that are set. */
  readonly ops: string;
  readonly callbacks: number;
  /** Kernel structs that it reads, a function for each, and members of each. */
  readonly structs: number;
  readonly members: number;
  /** Whether its callbacks write into an arena as well. */
  readonly arena?: boolean;
}

/** As large as production schedulers are. */
export const SCHEDULER: LargeObject = {
  ops: 'sched_ext_ops',
  callbacks: 37,
  structs: 110,
  members: 12,
};

/** A congestion control that reads many structs a little. */
export const MANY_ROOT_TYPES: LargeObject = {
  ops: 'tcp_congestion_ops',
  callbacks: 3,
  structs: 30,
  members: 2,
};

const WEAK_KFUNCS = 24;
const OWN_SECTIONS = 5;
/** Of a load: it has 16 bits for it. */
const OFFSET_MAX = 32_767;

/**
 * Compiles the object with a kernel's own types, in the cache: thousands of CO-RE relocations, functions that every callback
 * calls, weak kfuncs of nobody, sections of its own, a callback for a helper.
 *
 * @returns its path
 */
export async function buildLargeObject(kernel: Kernel, large: LargeObject): Promise<string> {
  // As the examples: links where there are any.
  const section = kernel.id === '6.1' ? '.struct_ops' : '.struct_ops.link';
  const source = sourceOf(new BtfEdit(await readFile(kernel.btf)), large, section);
  return compile(kernel, 'large.bpf.c', source);
}

/**
 * The same, linked by bpftool with a second file that replaces its weak function: the code of that stays, and so do the
 * records of what was in it.
 */
export async function linkLargeObject(kernel: Kernel, large: LargeObject): Promise<string> {
  const first = await compile(kernel, 'replaces.bpf.c', REPLACES);
  const second = await buildLargeObject(kernel, large);
  const content = contentName(await readFile(first), await readFile(second));
  return cached(join('bpf', `linked-${content}.bpf.o`), async path => {
    const bpftool = join(await getBpftool(), 'bin/bpftool');
    await execa(bpftool, ['gen', 'object', path, first, second]);
  });
}

async function compile(kernel: Kernel, name: string, text: string): Promise<string> {
  const source = await cached(join('bpf-sources', `${contentName(text)}-${name}`), path =>
    writeFile(path, text),
  );
  const include = dirname(await getVmlinuxHeader(kernel));
  // vmlinux.h of Linux 7.2 has Microsoft's anonymous members.
  const flags = ['-fms-extensions', '-Wno-microsoft-anon-tag', '-Wno-error', `-I${include}`];
  return buildBpf(source, flags);
}

const HEAD = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";
`;

const REPLACES = `${HEAD}
__noinline __u64 replaced(struct task_struct *task)
{
	return task->tgid;
}
`;

const ARENA = `
#define __arena __attribute__((address_space(1)))

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 100);
} arena SEC(".maps");

__u64 __arena shared[1000] = {1, 2, 3};
`;

/** Numbers of a struct that C can name: no bit-fields, and nothing within unnamed members. */
interface Readable {
  readonly name: string;
  readonly members: readonly string[];
}

function sourceOf(btf: BtfEdit, large: LargeObject, section: string): string {
  const {ops, callbacks, structs, members, arena} = large;
  const readable = readableStructs(btf, members).slice(0, structs);
  const names = callbacksOf(btf, btf.type('STRUCT', ops)).slice(0, callbacks);
  const times = <T>(count: number, line: (i: number) => T) =>
    Array.from({length: count}, (_, i) => line(i));
  return [
    HEAD,
    ...times(WEAK_KFUNCS, i => `extern int of_nobody_${i}___v${i % 3}(int) __ksym __weak;`),
    ...times(OWN_SECTIONS, i => `__u64 data_${i}[${4 + i}] SEC(".data.part_${i}") = {${i + 1}};`),
    ...times(OWN_SECTIONS, i => `const volatile __u32 limit_${i} SEC(".rodata.part_${i}") = ${i};`),
    '__u64 counters[64];',
    ...(arena ? [ARENA] : []),
    '',
    ...readable.map(readerOf),
    '__weak __noinline __u64 replaced(struct task_struct *task)\n{\n\treturn task->pid;\n}\n',
    '__hidden __noinline __u64 hidden(__u64 sum)\n{\n\treturn sum * limit_0;\n}\n',
    'static long each(__u32 index, void *sum)\n{\n\t*(__u64 *)sum += data_1[index & 3];\n\treturn 0;\n}\n',
    ...names.map((name, i) => callbackOf(name, i, readable.length, arena)),
    `SEC("${section}") struct ${ops} large_ops = {`,
    '\t.name = "large",',
    ...names.map(name => `\t.${name} = (void *)large_${name},`),
    '};',
    '',
  ].join('\n');
}

function readerOf({name, members}: Readable, index: number): string {
  return [
    `static __noinline __u64 read_${index}(struct ${name} *from)`,
    '{',
    `\t__u64 sum = bpf_core_type_exists(struct ${name});`,
    '',
    ...members.map(member => `\tsum += (__u64)from->${member};`),
    `\tif (bpf_core_field_exists(from->${members[0]}))`,
    `\t\tsum ^= bpf_core_field_size(from->${members[0]});`,
    '\treturn sum;',
    '}',
    '',
  ].join('\n');
}

function callbackOf(name: string, index: number, readers: number, arena = false): string {
  const kfunc = `of_nobody_${index % WEAK_KFUNCS}___v${(index % WEAK_KFUNCS) % 3}`;
  return [
    `SEC("struct_ops") __u64 large_${name}(__u64 *ctx)`,
    '{',
    '\t__u64 sum = replaced((void *)ctx[0]);',
    '',
    // Each begins elsewhere, so that the order of functions differs.
    ...Array.from(
      {length: readers},
      (_, i) => `\tsum += read_${(i + index) % readers}((void *)ctx[0]);`,
    ),
    `\tif (${kfunc})`,
    `\t\tsum += ${kfunc}(${index});`,
    '\tbpf_loop(3, each, &sum, 0);',
    ...(arena ? [`\tshared[${index}] += sum;`] : []),
    `\tcounters[${index}] += hidden(sum) + data_${index % OWN_SECTIONS}[1];`,
    '\treturn sum;',
    '}',
    '',
  ].join('\n');
}

function readableStructs(btf: BtfEdit, count: number): Readable[] {
  const structs = btf.types.filter(
    ({kind, name, vlen}) => kind === 'STRUCT' && name !== '' && vlen >= count,
  );
  const seen = new Map<string, number>();
  for (const {name} of btf.types.filter(({kind}) => kind === 'STRUCT'))
    seen.set(name, (seen.get(name) ?? 0) + 1);
  return structs
    .filter(({name, at}) => seen.get(name) === 1 && sizeAt(btf, at) <= OFFSET_MAX)
    .map(type => ({name: type.name, members: numbersOf(btf, type).slice(0, count)}))
    .filter(({members}) => members.length === count);
}

const sizeAt = (btf: BtfEdit, at: number) => btf.bytes.readUInt32LE(at + BTF_TYPE.size_or_type);

function numbersOf(btf: BtfEdit, type: BtfType): string[] {
  const usesBits = (btf.bytes.readUInt32LE(type.at + BTF_TYPE.info) & 0x8000_0000) !== 0;
  if (usesBits) return [];
  return membersOf(btf, type)
    .filter(({of}) => of?.kind === 'INT')
    .map(({name}) => name)
    .filter(Boolean);
}

function callbacksOf(btf: BtfEdit, type: BtfType): string[] {
  const target = (of: BtfType | undefined) =>
    of?.kind === 'PTR'
      ? btf.types[btf.bytes.readUInt32LE(of.at + BTF_TYPE.size_or_type) - 1]
      : undefined;
  return membersOf(btf, type)
    .filter(({of}) => target(of)?.kind === 'FUNC_PROTO')
    .map(({name}) => name);
}

function membersOf(btf: BtfEdit, type: BtfType) {
  return Array.from({length: type.vlen}, (_, i) => {
    const at = btf.part(type, i);
    const of = btf.types[btf.bytes.readUInt32LE(at + 4) - 1];
    return {name: btf.name(btf.bytes.readUInt32LE(at)), of};
  });
}
