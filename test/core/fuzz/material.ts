import {readFile} from 'node:fs/promises';
import {basename} from 'node:path';
import {everyObject} from '../../helpers/bpf_objects.js';
import {BtfEdit} from '../../helpers/btf_edit.js';
import {type CoreWasm, openCore, STATUS} from '../../helpers/core_wasm.js';
import {buildElf} from '../../helpers/elf_builder.js';
import {ElfEdit} from '../../helpers/elf_edit.js';
import {buildPlan} from '../../helpers/plan_builder.js';
import {smallKernel} from '../../malformed/small_kernel.js';
import {moduleOver} from '../../module/btf_of_module.js';
import {samplePlan} from '../../plan/sample_plan.js';
import {getKernel} from '../../rig/kernels.js';
import {cutBtf} from './cut_btf.js';

/** The targets of core_fuzz.c. */
export const TARGETS = [
  ...(['object', 'kernel', 'windows', 'module', 'options', 'plan', 'image', 'calls'] as const),
] as const;

export type Target = (typeof TARGETS)[number];

/** Objects larger than that make fuzzing slow. */
const OBJECT_SIZE_MAX = 32_000;
/** Of those that are beside something else that is fuzzed. */
const FIXED_OBJECTS = [
  ...['examples/tcp/first_link', 'examples/tcp/second_link', 'examples/qdisc/fifo'],
  ...['examples/sched_ext/shared', 'examples/hid/mouse', 'test/bpf/library/settings'],
  ...['test/bpf/library/kconfig', 'test/bpf/library/kconfig_weak'],
  ...[
    'maps',
    'externs',
    'programs',
    'module_kind',
    'matching',
    'arena',
    'jump_table',
    'optional',
  ].map(name => `test/bpf/conformance/${name}`),
  ...['test/bpf/conformance/program_types', 'test/bpf/core_relo/module'],
  ...['member_kind', 'missing_kfunc', 'kfunc_prototype', 'two_members'].map(
    name => `test/bpf/malformed/${name}`,
  ),
];

/** What the core tells features by (assembly/kernel/target.ts), beside those that kinds bring. */
const MARKERS =
  /^(bpf_struct_ops_(link|desc|map_link_\w+)|bpf_trace_run_ctx|btf_arg_tag|btf_layout|bpf_uprobe_multi_link|bpf_prog_assoc_struct_ops|bpf_tcp_ca_update|bpf_arena|bpf_ktime_get_coarse_ns|__x64_sys_bpf|bpf_map_type|bpf_prog_type|pt_regs)$/;

export interface Material {
  /** What is fixed, by the names of its files. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** What each target begins with. */
  readonly seeds: Readonly<Record<Target, readonly Buffer[]>>;
}

/** All that core_fuzz.c is given beside the inputs that libFuzzer makes. */
export async function makeMaterial(): Promise<Material> {
  const core = await openCore();
  const objects = await everyObject();
  const kernels = [await smallKernel(), await cutKernel(objects)];
  const fixed = FIXED_OBJECTS.map(name => found(objects, `${name}.bpf.o`));
  const modules = kernels.map(kernel => moduleOver(new BtfEdit(kernel)).bytes);
  const small = [...objects.values()].filter(({length}) => length <= OBJECT_SIZE_MAX);
  const files = new Map<string, Buffer>([
    ...kernels.map((bytes, i) => [`kernel-${i}`, bytes] as const),
    ...fixed.map((bytes, i) => [`object-${i}`, bytes] as const),
    ['module', modules[1] ?? Buffer.alloc(0)],
  ]);
  return {
    files,
    seeds: {
      object: small.flatMap((object, i) => [
        chosen(0x38 | (i % 8), object),
        chosen((i * 8) % 64, object),
      ]),
      kernel: [
        ...fixed.map((_, i) => chosen(i, kernels[0])),
        ...kernels.map(kernel => chosen(0xff, kernel)),
        ...[0, 2, 3, 10].map(i => chosen(i, kernels[1])),
      ],
      windows: windowsOf(kernels, fixed.length),
      module: [0, 1, 10, 11, 17].flatMap(i =>
        modules.map((module, kernel) => chosen(2 * i + kernel, module)),
      ),
      options: OPTIONS.flatMap(([object, lines]) => {
        const choice =
          object === '' ? 0xff : 1 + 2 * FIXED_OBJECTS.findIndex(is => is.endsWith(object));
        return [chosen(choice, Buffer.from(lines))];
      }),
      plan: plansOf(core, objects, kernels),
      image: [...kernels.map(imageOf), ...kernels.map(image => chosen(0, image))],
      calls: ['613200080010', '62076100013f08', '61c0004048', '3fff61326f0500'].map(hex =>
        Buffer.from(hex, 'hex'),
      ),
    },
  };
}

/** What windows.c has a host do in 16 bytes: gaps and types more, forged sums, and what it does with some windows. */
function windowsOf(kernels: readonly Buffer[], objects: number): Buffer[] {
  const scripts = ['', '400520', '0000300102060403', '00003000000102020103', '3c0020010435'];
  return kernels.flatMap((kernel, i) =>
    [...Array(i === 0 ? objects : 4).keys()].flatMap(object =>
      scripts.map(hex => {
        const script = Buffer.alloc(16);
        script.write(hex, 'hex');
        return chosen(object, Buffer.concat([script, kernel]));
      }),
    ),
  );
}

const chosen = (choice: number, bytes: Buffer = Buffer.alloc(0)) =>
  Buffer.concat([Buffer.from([choice]), bytes]);

function found(objects: ReadonlyMap<string, Buffer>, path: string): Buffer {
  const object = objects.get(path);
  if (object === undefined) throw new Error(`there is no ${path}`);
  return object;
}

/** Of the newest kernel: its kinds, what features are told by, and all that an object names. */
async function cutKernel(objects: ReadonlyMap<string, Buffer>): Promise<Buffer> {
  const {btf} = await getKernel('newest');
  const named = new Set<string>();
  for (const [path, object] of objects) {
    if (/core_relo|malformed/.test(path)) continue;
    for (const {kind, name} of new ElfEdit(object).btf.types) {
      if (/STRUCT|UNION|ENUM|FUNC$|VAR/.test(kind)) named.add(name.replace(/___.*/, ''));
    }
  }
  const isKind = (name: string) => /^bpf_struct_ops_\w+_ops(_cid)?$/.test(name);
  return cutBtf(
    new BtfEdit(await readFile(btf)),
    ({kind, name}) =>
      name !== '' &&
      ((/^(STRUCT|UNION)$/.test(kind) && (isKind(name) || named.has(name))) ||
        (/^(FUNC|VAR|ENUM|ENUM64)$/.test(kind) && named.has(name)) ||
        MARKERS.test(name)),
  );
}

/** Plans of all objects for which there is one, and one with every kind of note. */
function plansOf(
  core: CoreWasm,
  objects: ReadonlyMap<string, Buffer>,
  kernels: readonly Buffer[],
): Buffer[] {
  const plans = [...objects].flatMap(([path, object]) =>
    kernels.flatMap((kernelBtf, i) => {
      const objectName = Buffer.from(basename(path));
      const {status, output} = core.call('makePlan', {object, objectName, kernelBtf});
      return status === STATUS.done && output.length <= OBJECT_SIZE_MAX
        ? [chosen(1 + 2 * i, output)]
        : [];
    }),
  );
  return [...plans, chosen(0, buildPlan(samplePlan()))];
}

function imageOf(btf: Buffer): Buffer {
  const text = {name: '.text', content: Buffer.alloc(64, 0x90)};
  return chosen(0, buildElf([text, {name: '.BTF', content: btf}, {name: '.BTF_ids'}], []));
}

/** An object and lines for it; none: those of a query. */
const OPTIONS: readonly (readonly [object: string, lines: string])[] = [
  ['tcp/second_link', 'set.so_second.name=other\nautoload.second_init=0\n'],
  ['tcp/second_link', 'pin.so_second=a/b\nreplace.so_second=link:7\nreplace_map.so_second=3\n'],
  ['tcp/second_link', 'replace.so_second=link_pin:a\nunpin.so_second=x\nswap.so_second=detach\n'],
  ['tcp/first_link', 'create.so_first=0\nset.so_first.flags=2\nset.so_first.init=null\n'],
  ['sched_ext/shared', 'enum_constants=__SCX_\nhotplug_seq=shared_ops.hotplug_seq\n'],
  ['library/settings', 'set.number=-5\nset.flag=true\nset.text=hello\nresize.grown=4096\n'],
  ['conformance/maps', 'map.flows.max_entries=65536\nassociate=ops\n'],
  ['library/kconfig', 'CONFIG_HZ=250\nkernel_version=6.12.1\n\0CONFIG_HZ=100\nCONFIG_SMP=y\n'],
  ['library/kconfig', '\0CONFIG_CC="gcc"\n# CONFIG_X is not set\nCONFIG_M=m\n'],
  ['library/kconfig_weak', 'null_unknown_callbacks=1\nkernel_version=7.2\n'],
  ['', 'list=1\nname=all\n'],
  ['', 'detach=link_pin:a/b\nunpin=c\nunpin=d/e\nname=x\n'],
  ['', 'detach=map:12\n'],
];
