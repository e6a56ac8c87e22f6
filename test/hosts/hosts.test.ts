import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {basename, join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {CORE_WASM, openCore} from '../helpers/core_wasm.js';
import {builtNativePlanner} from '../native/structops_plan.js';
import {REPOSITORY} from '../rig/cache.js';
import {getKernel, KERNEL_IDS} from '../rig/kernels.js';
import {startChromium} from '../viewer/chromium.js';
import {builtGoHost} from './go_host.js';
import {builtWasmEdgeHost} from './wasmedge_host.js';

/** examples/hosts: the same plans from every engine, to the last bit. */

const OBJECTS = [
  ...['first', 'first_link', 'second', 'second_link'].map(name => `examples/tcp/${name}.bpf.o`),
  ...['sched_ext/shared', 'qdisc/fifo'].map(name => `examples/${name}.bpf.o`),
];
const HOSTS = join(REPOSITORY, 'examples/hosts');

let kernels: string[];
/** Each line is a plan's SHA-256 or the codes of its faults, the object and the kernel. */
let expected: string[];

test.before(async () => {
  const core = await openCore();
  kernels = [];
  expected = [];
  for (const id of KERNEL_IDS) kernels.push((await getKernel(id)).btf);
  for (const kernel of kernels) {
    const kernelBtf = await readFile(kernel);
    for (const path of OBJECTS) {
      const object = await readFile(join(REPOSITORY, path));
      const objectName = Buffer.from(basename(path));
      const {status, output} = core.call('makePlan', {object, objectName, kernelBtf});
      const result = status === 0 ? sha256(output) : codesOf(output.toString());
      expected.push(`${result} ${basename(path)} ${basename(kernel)}`);
    }
  }
});

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const codesOf = (json: string) =>
  JSON.parse(json)
    .faults.map(({code}: {code: string}) => code)
    .join();

test('the plans that are compared are many and different', t => {
  const digests = expected.map(line => line.split(' ')[0] ?? '').filter(word => word.length === 64);
  t.true(digests.length >= 11, expected.join('\n'));
  t.is(new Set(digests).size, digests.length);
});

const printsThem = test.macro({
  async exec(t, command: string, args: readonly string[] = []) {
    t.timeout(300_000);
    const path = command === 'go' ? await builtGoHost() : command;
    const inputs = [...OBJECTS, '--', ...kernels];
    const {stdout} = await execa(path, [...args, CORE_WASM, ...inputs], {
      cwd: REPOSITORY,
      preferLocal: true,
      // ava's own options for its workers.
      env: {NODE_OPTIONS: ''},
    });
    t.deepEqual(stdout.split('\n'), expected);
  },
  title: (engine = '') => `${engine} makes the plans of Node`,
});

const COMMAND = join(HOSTS, 'command.mjs');
test('Node, by the example', printsThem, process.execPath, [COMMAND]);
test('Bun (JavaScriptCore)', printsThem, 'bun', [COMMAND]);
test('Deno', printsThem, 'deno', ['run', '--no-config', '--allow-read', COMMAND]);
test('Go with wazero', printsThem, 'go');

/** A program for one plan, which goes to its standard output. */
interface Planner {
  readonly command: readonly [string, ...string[]];
  argumentsFor(object: string, kernel: string): readonly string[];
  /** Of the faults, from what it printed instead. */
  codes(printed: {stdout: string; stderr: string}): string;
}

const PLANNERS = {
  async wasm2c(): Promise<Planner> {
    return {
      command: [await builtNativePlanner()],
      argumentsFor: (object, kernel) => [object, '--btf', kernel, '-o', '-'],
      codes: ({stderr}) => [...stderr.matchAll(/^ {2}(\w+) \(\d+\)$/gm)].map(([, c]) => c).join(),
    };
  },
  async wasmEdge(): Promise<Planner> {
    return {
      command: await builtWasmEdgeHost(),
      argumentsFor: (object, kernel) => [CORE_WASM, object, kernel],
      codes: ({stdout}) => codesOf(stdout),
    };
  },
};

const printsOne = test.macro({
  async exec(t, planner: keyof typeof PLANNERS) {
    t.timeout(300_000);
    const {command, argumentsFor, codes} = await PLANNERS[planner]();
    const [path, ...first] = command;
    const lines: string[] = [];
    for (const kernel of kernels) {
      for (const object of OBJECTS) {
        const args = [...first, ...argumentsFor(join(REPOSITORY, object), kernel)];
        const {exitCode, stdout, stderr} = await execa(path, args, {
          reject: false,
          encoding: 'buffer',
          stripFinalNewline: false,
        });
        const text = {
          stdout: Buffer.from(stdout).toString(),
          stderr: Buffer.from(stderr).toString(),
        };
        const result = exitCode === 0 ? sha256(stdout) : codes(text);
        lines.push(`${result} ${basename(object)} ${basename(kernel)}`);
      }
    }
    t.deepEqual(lines, expected);
  },
  title: (engine = '') => `${engine} makes the plans of Node`,
});

test('C, by wasm2c,', printsOne, 'wasm2c');
test('C with WasmEdge', printsOne, 'wasmEdge');

test('a page in Chromium makes the plans of Node', async t => {
  t.timeout(300_000);
  // Only what the page asks for, by the names that it is given.
  const files = new Map<string | undefined, string>([
    ...['page.html', 'core.mjs'].map(name => [`/${name}`, join(HOSTS, name)] as const),
    ['/core.wasm', CORE_WASM],
    ...OBJECTS.map(path => [`/${basename(path)}`, join(REPOSITORY, path)] as const),
    ...kernels.map(path => [`/${encodeURIComponent(basename(path))}`, path] as const),
  ]);
  const server = createServer(({url}, response) => {
    const path = files.get(url?.split('?')[0]);
    if (path === undefined) return response.writeHead(404).end();
    const type = path.endsWith('.html') ? 'text/html' : 'text/javascript';
    response.setHeader('content-type', /\.(html|mjs)$/.test(path) ? type : 'application/wasm');
    return createReadStream(path).pipe(response);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const browser = await startChromium();
  try {
    const page = await browser.context.newPage();
    const query = new URLSearchParams({core: 'core.wasm'});
    for (const path of OBJECTS) query.append('object', basename(path));
    for (const path of kernels) query.append('kernel', encodeURIComponent(basename(path)));
    const {port} = server.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/page.html?${query}`);
    const lines = page.locator('#lines[data-done]');
    const text = (await lines.textContent({timeout: 120_000})) ?? '';
    t.deepEqual(text.trim().split('\n').map(decodeURIComponent), expected);
  } finally {
    await browser.close();
    server.close();
  }
});

test('docs/embedding.md has the host that runs here', async t => {
  const document = await readFile(join(REPOSITORY, 'docs/embedding.md'), 'utf8');
  const [, shown] = /^```js\n(.*?)^```$/ms.exec(document) ?? [];
  const host = await readFile(join(HOSTS, 'core.mjs'), 'utf8');
  t.true(host.includes(shown ?? 'no host'));
  t.true((shown ?? '').split('\n').length <= 60);
});
