import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import type {PlanDescription} from '../../src/plan/plan_description.js';
import {exampleObject} from '../helpers/bpf_objects.js';
import {
  CORE_WASM,
  type CoreWasm,
  faultsOf,
  jsonOf,
  openCore,
  STATUS,
} from '../helpers/core_wasm.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel} from '../rig/kernels.js';

/** The plans for the life of a registration: kept, replaced, listed, taken away. */

let core: CoreWasm;
let kernelBtf: Buffer;
const objects = new Map<string, Buffer>();

test.before(async () => {
  core = await openCore();
  kernelBtf = await readFile((await getKernel('6.12')).btf);
  for (const name of ['first', 'first_link']) objects.set(name, await exampleObject(name));
});

function plan(object: string, options: readonly string[]) {
  const inputs = {object: objects.get(object) ?? Buffer.alloc(0), kernelBtf};
  return core.call('makePlan', {...inputs, options: Buffer.from(options.join('\n'))});
}

const query = (...lines: string[]) =>
  core.call('makeQuery', {options: Buffer.from(lines.join('\n'))});

const describe = (bytes: Uint8Array) =>
  jsonOf<PlanDescription>(core.call('describePlan', {plan: bytes}));

/** Of each step: its command, id, path, the slots of its attr, and the slot that it fills. */
function linesOf(bytes: Uint8Array): string[] {
  return describe(bytes).steps.map(({cmd, attr, blobs, patches, slot, ...step}) => {
    const path = Buffer.from(blobs.pathname ?? '', 'hex').toString();
    const slots = patches.flatMap(patch =>
      patch.in === 'attr' && patch.put === 'slot' ? [`${patch.field}=${patch.slot}`] : [],
    );
    const numbers = [attr.map_id, attr.link_id, attr.flags, 'gets' in step ? step.gets : undefined];
    const words = [cmd, ...numbers, path.replace('\0', '$'), ...slots];
    if (slot !== null) words.push(`-> ${slot}`);
    return words.filter(word => word !== undefined && word !== '').join(' ');
  });
}

/** The plan of an object of examples/: its steps before and after those that load it. */
const planned = test.macro({
  exec(t, object: string, options: readonly string[], before: string[], after: string[]) {
    const {status, output} = plan(object, options);
    t.is(status, STATUS.done, output.toString());
    const lines = linesOf(output);
    const plain = linesOf(plan(object, []).output);
    const isLoaded = plain.findIndex(line => line.startsWith('BPF_MAP_UPDATE_ELEM'));
    const first = lines.indexOf(plain[0] ?? '');
    t.deepEqual(lines.slice(0, first), before);
    t.deepEqual(lines.slice(first, first + isLoaded), plain.slice(0, isLoaded));
    t.deepEqual(lines.slice(first + isLoaded), after);
    const needsAdmin = describe(output).capabilities.includes('CAP_SYS_ADMIN');
    t.is(needsAdmin, before.length > 0);
  },
  title: (what = '') => what,
});

const READY = 'BPF_MAP_UPDATE_ELEM map_fd=2';
const ATTACH = 'BPF_LINK_CREATE map_fd=2';

test(
  'a link is pinned once it is made',
  planned,
  'first_link',
  ['pin.so_first=net/first'],
  [],
  [...[READY, `${ATTACH} -> 6`, 'BPF_OBJ_PIN net/first$ bpf_fd=6']],
);
test(
  'a map without a link is pinned',
  planned,
  'first',
  ['pin.so_first=first'],
  [],
  [...[READY, 'BPF_OBJ_PIN first$ bpf_fd=2']],
);
test(
  'TCP: the link is updated',
  planned,
  'first_link',
  ['replace.so_first=link:7'],
  ['BPF_LINK_GET_FD_BY_ID 7 -> 6'],
  [...[READY, 'BPF_LINK_UPDATE link_fd=6 new_map_fd=2']],
);
test(
  'TCP: the link is updated if it has the map that is named',
  planned,
  'first_link',
  ['replace.so_first=link_pin:a/b', 'replace_map.so_first=6'],
  ['BPF_OBJ_GET link a/b$ -> 6', 'BPF_MAP_GET_FD_BY_ID 6 -> 7'],
  [READY, 'BPF_LINK_UPDATE 4 link_fd=6 new_map_fd=2 old_map_fd=7'],
);
test(
  'detach and attach: pins go before the link and come after it',
  planned,
  'first_link',
  ['replace.so_first=link_pin:a', 'unpin.so_first=b', 'unpin.so_first=c', 'swap.so_first=detach'],
  ['BPF_OBJ_GET link a$ -> 6'],
  [
    READY,
    ...['a', 'b', 'c'].map(path => `STRUCTOPS_UNPIN ${path}$ bpf_fd=6`),
    ...['BPF_LINK_DETACH link_fd=6', `${ATTACH} -> 7`, 'BPF_OBJ_PIN a$ bpf_fd=7'],
  ],
);
test(
  'detach and attach: the new link has a pin of its own',
  planned,
  'first_link',
  ['replace.so_first=link:7', 'pin.so_first=new', 'swap.so_first=detach'],
  ['BPF_LINK_GET_FD_BY_ID 7 -> 6'],
  [READY, 'BPF_LINK_DETACH link_fd=6', `${ATTACH} -> 7`, 'BPF_OBJ_PIN new$ bpf_fd=7'],
);
test(
  'without links: the old one goes before the new one is registered',
  planned,
  'first',
  ['replace.so_first=map_pin:old', 'pin.so_first=new'],
  ['BPF_OBJ_GET map old$ -> 6'],
  [
    ...['STRUCTOPS_UNPIN old$ bpf_fd=6', 'BPF_MAP_DELETE_ELEM map_fd=6', READY],
    'BPF_OBJ_PIN new$ bpf_fd=2',
  ],
);
test(
  'a link in the place of a map without one',
  planned,
  'first_link',
  ['replace.so_first=map:3'],
  ['BPF_MAP_GET_FD_BY_ID 3 -> 6'],
  [READY, 'BPF_MAP_DELETE_ELEM map_fd=6', `${ATTACH} -> 7`],
);

test('a swap with a gap warns of it, and of what cannot be put back', t => {
  const texts = (...options: string[]) =>
    describe(plan('first_link', options).output).warnings.map(({text}) => text);
  t.deepEqual(texts('replace.so_first=link:7'), []);
  t.regex(texts('replace.so_first=link:7', 'swap.so_first=detach')[0] ?? '', /it is put back/);
  t.regex(texts('replace.so_first=map:7')[0] ?? '', /cannot be put back/);
});

const refused = test.macro({
  exec(t, code: string, ...options: string[]) {
    const {status, output} = plan('first_link', options);
    t.is(status, STATUS.faults);
    t.like(faultsOf({output}), [{code, where: {input: 'options'}}]);
  },
  title: (_, _code: string, ...options: string[]) => `refused: ${options.join(', ')}`,
});

const LONG = 'a'.repeat(256);
for (const path of ['', '/a', 'a/', 'a//b', '.', '../a', 'a.b', LONG, 'abc/'.repeat(128)]) {
  test(refused, 'OPTION_BAD_VALUE', `pin.so_first=${path}`);
}
for (const value of [
  '',
  '7',
  'link',
  'link:',
  'link:0',
  'link:-1',
  'link:4294967296',
  'map:x',
  'prog:1',
  'link_pin:/a',
  'map_pin:',
]) {
  test(refused, 'OPTION_BAD_VALUE', `replace.so_first=${value}`);
}
test(refused, 'OPTION_BAD_VALUE', 'swap.so_first=now');
test(refused, 'OPTION_BAD_VALUE', 'swap.so_first=update');
test(refused, 'OPTION_BAD_VALUE', 'replace.so_first=map:1', 'swap.so_first=update');
test(refused, 'OPTION_BAD_VALUE', 'replace.so_first=link:1', 'replace_map.so_first=0');
test(refused, 'OPTION_BAD_VALUE', 'replace.so_first=link:1', 'pin.so_first=a');
test(refused, 'OPTION_BAD_VALUE', 'replace_map.so_first=6');
test(refused, 'OPTION_BAD_VALUE', 'unpin.so_first=a');
for (const name of ['pin', 'unpin', 'replace', 'replace_map', 'swap']) {
  test(refused, 'OPTION_UNKNOWN', `${name}.so_frist=a`);
}

const queried = test.macro({
  exec(t, lines: readonly string[], wanted: readonly string[]) {
    const {status, output} = query(...lines);
    t.is(status, STATUS.done, output.toString());
    t.deepEqual(linesOf(output), wanted);
    const {kernel, capabilities} = describe(output);
    t.is(kernel.btf_size, 0, 'it is for any kernel');
    t.deepEqual(capabilities, ['CAP_SYS_ADMIN']);
  },
  title: (_, lines: readonly string[]) => `a query: ${lines.join(', ')}`,
});
test(queried, ['list=1'], ['STRUCTOPS_LIST']);
test(
  queried,
  ['detach=link:9', 'unpin=a', 'name=so_first'],
  [...['BPF_LINK_GET_FD_BY_ID 9 -> 0', 'STRUCTOPS_UNPIN a$ bpf_fd=0', 'BPF_LINK_DETACH link_fd=0']],
);
test(
  queried,
  ['detach=map_pin:a/b'],
  [
    ...[
      'BPF_OBJ_GET map a/b$ -> 0',
      'STRUCTOPS_UNPIN a/b$ bpf_fd=0',
      'BPF_MAP_DELETE_ELEM map_fd=0',
    ],
  ],
);

const queryRefused = test.macro({
  exec(t, ...lines: string[]) {
    const {status, output} = query(...lines);
    t.is(status, STATUS.faults);
    t.is(faultsOf({output})[0]?.where.input, 'options');
  },
  title: (_, ...lines: string[]) => `no query: ${lines.join(', ') || 'nothing'}`,
});
test(queryRefused);
test(queryRefused, 'list=0');
test(queryRefused, 'list=1', 'detach=link:1');
test(queryRefused, 'list=1', 'unpin=a');
test(queryRefused, 'unpin=a');
test(queryRefused, 'detach=link:1', 'unpin=a.b');
test(queryRefused, 'pin.so_first=a');

interface KernelDescription {
  readonly schema: string;
  readonly features: {name: string; present: boolean}[];
  readonly kinds: {
    struct: string;
    swap: string;
    module: null;
    value_size: number;
    members: Member[];
  }[];
}
interface Member {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly callback: boolean;
}

test('inspectKernel: kinds with their members, how they are replaced, and what the kernel can', t => {
  const {schema, features, kinds} = jsonOf<KernelDescription>(
    core.call('inspectKernel', {kernelBtf}),
  );
  t.is(schema, 'structops.kernel/1');
  const can = features.filter(({present}) => present).map(({name}) => name);
  t.true(can.includes('updating congestion controls without a gap'));
  t.true(can.includes('telling of struct_ops links that are dropped'));
  t.deepEqual(
    kinds.map(({struct, swap}) => [struct, swap]),
    [
      ['bpf_dummy_ops', 'detach'],
      ['tcp_congestion_ops', 'update'],
    ],
  );
  const [, tcp] = kinds;
  t.like(tcp, {value_size: 256, module: null});
  const member = (name: string) => tcp?.members.find(one => one.name === name);
  t.like(member('ssthresh'), {offset: 64, size: 8, callback: true});
  t.like(member('name'), {size: 16, callback: false});
});

test('inspectKernel of what is no BTF is refused', t => {
  const {status, output} = core.call('inspectKernel', {kernelBtf: Buffer.from('x')});
  t.is(status, STATUS.faults);
  t.is(faultsOf({output})[0]?.code, 'KERN_NOT_BTF');
});

test('JavaScriptCore makes the same bytes', async t => {
  const options = [
    'pin.so_first=a',
    'replace.so_first=link:7',
    'replace.so_first=map_pin:b swap.so_first=detach',
  ];
  const queries = ['list=1', 'detach=link_pin:a unpin=b'];
  const ofV8 = [
    ...options.map(line => plan('first_link', line.split(' '))),
    ...queries.map(line => query(...line.split(' '))),
  ].map(({status, output}) => {
    t.is(status, STATUS.done);
    return createHash('sha256').update(output).digest('hex');
  });
  const object = join(REPOSITORY, 'examples/tcp/first_link.bpf.o');
  const args = [CORE_WASM, object, (await getKernel('6.12')).btf, ...options];
  const script = join(REPOSITORY, 'test/plan/life_bytes.ts');
  const {stdout} = await execa('bun', [script, ...args, ...queries.map(line => `q ${line}`)], {
    cwd: REPOSITORY,
    preferLocal: true,
    env: {NODE_OPTIONS: ''},
  });
  t.deepEqual(stdout.split('\n'), ofV8);
  t.is(new Set(ofV8).size, ofV8.length);
});
