import {readdir, readFile} from 'node:fs/promises';
import {dirname, join, normalize} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import ts from 'typescript';
import {
  constantsOfC,
  constantsOfCore,
  recordOfDocument,
  recordsOfC,
} from './helpers/wire_records.js';

/** The walls between the folders, and what is written down twice. ARCHITECTURE.md has the reasons. */

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const LINES_MAX = 400;
/** A fake kernel, or a table of cases, is read from top to bottom. */
const TEST_LINES_MAX = 500;

/** Every file below a folder whose name ends in one of these, by its path from the root. */
async function filesIn(folder: string, endings: RegExp): Promise<string[]> {
  const entries = await readdir(join(ROOT, folder), {recursive: true, withFileTypes: true});
  return entries
    .filter(entry => entry.isFile() && endings.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name).slice(ROOT.length))
    .sort();
}

function readText(path: string): Promise<string> {
  return readFile(join(ROOT, path), 'utf8');
}

interface Import {
  readonly from: string;
  /** A path from the root without its ending, or a package. */
  readonly of: string;
}

/** `import`, `export … from` and `import()`. */
async function importsOf(path: string): Promise<Import[]> {
  const {importedFiles} = ts.preProcessFile(await readText(path));
  return importedFiles.map(({fileName: of}) => ({
    from: path,
    of: of.startsWith('.') ? normalize(join(dirname(path), of.replace(/\.js$/, ''))) : of,
  }));
}

async function importsIn(folder: string): Promise<Import[]> {
  return (await Promise.all((await filesIn(folder, /\.ts$/)).map(importsOf))).flat();
}

/** The folder of assembly/ or src/ that a path is in, or the path itself. */
function roomOf(path: string): string {
  const [, room = '', rest] = path.split('/');
  return rest === undefined ? path : room;
}

const importers = (imports: readonly Import[], of: RegExp) =>
  [...new Set(imports.filter(one => of.test(one.of)).map(one => one.from))].sort();

test('assembly/ imports nothing from outside itself', async t => {
  const imports = await importsIn('assembly');
  t.true(imports.length > 50);
  t.deepEqual(
    imports.filter(({of}) => !of.startsWith('assembly/')),
    [],
  );
});

/** Folder of assembly/ -> those that it must not know. */
const STRANGERS: Readonly<Record<string, readonly string[]>> = {
  uapi: ['bytes', 'elf', 'btf', 'insn', 'fault', 'object', 'kernel', 'struct_ops', 'link', 'plan'],
  bytes: ['elf', 'btf', 'insn', 'fault', 'json', 'object', 'kernel', 'struct_ops', 'link', 'plan'],
  elf: ['btf', 'object', 'kernel', 'struct_ops', 'link', 'plan'],
  btf: ['elf', 'object', 'kernel', 'struct_ops', 'link', 'plan'],
  insn: ['elf', 'btf', 'object', 'kernel', 'struct_ops', 'link', 'plan'],
  struct_ops: ['plan'],
};

test('the folders of assembly/ know only what lies before them', async t => {
  const imports = await importsIn('assembly');
  const wrong = imports.filter(({from, of}) => STRANGERS[roomOf(from)]?.includes(roomOf(of)));
  t.deepEqual(wrong, []);
});

/** The files of this repository that files import, directly or not, and those themselves. */
async function reachedFrom(files: readonly string[]): Promise<ReadonlySet<string>> {
  const reached = new Set<string>();
  const waiting = [...files];
  for (const path of waiting) {
    if (reached.has(path) || !/^(assembly|src)\//.test(path)) continue;
    reached.add(path);
    waiting.push(...(await importsOf(`${path}.ts`)).map(({of}) => of));
  }
  return reached;
}

test('every file of assembly/ is used by the core or by its probe', async t => {
  const reached = await reachedFrom(['assembly/index', 'assembly/probe', 'assembly/abort']);
  const all = (await filesIn('assembly', /\.ts$/)).map(path => path.replace(/\.ts$/, ''));
  t.deepEqual(
    all.filter(path => !reached.has(path)),
    [],
  );
});

test("assembly/ rotates by shifts: V8's baseline compiler has no rotations", async t => {
  const rotating: string[] = [];
  for (const path of await filesIn('assembly', /\.ts$/)) {
    if (/\brot[lr]</.test(await readText(path))) rotating.push(path);
  }
  // bytes/rotate.ts has them.
  t.deepEqual(rotating, []);
});

test('src/: one file knows the Wasm loader, two start processes, few read files', async t => {
  const imports = await importsIn('src');
  t.deepEqual(importers(imports, /^@assemblyscript\/loader$/), ['src/core/wasm_core.ts']);
  t.deepEqual(importers(imports, /^(execa|node:child_process)$/), [
    'src/executor/shim_process.ts',
    'src/run_command.ts',
  ]);
  t.deepEqual(importers(imports, /^node:fs/), [
    'src/commands/output.ts',
    'src/commands/program.ts',
    'src/core/host_node.ts',
    'src/doctor/diagnose.ts',
    'src/doctor/host_files.ts',
    'src/executor/shim_process.ts',
    'src/inputs/kernel_btf.ts',
    'src/inputs/open_input.ts',
    'src/kernel_file/files.ts',
    'src/machine/boot_time.ts',
    'src/machine/bpf_holders.ts',
    'src/vm/try_plans.ts',
  ]);
  t.deepEqual(importers(imports, /^(assembly|shim|test|bench|examples|scripts)\//), []);
});

test('src/: what the entry for browsers reaches needs nothing of Node', async t => {
  const files = [...(await reachedFrom(['src/browser', 'src/core/host_browser']))];
  // The bundle has host_browser.ts in its place.
  const inBundle = files.filter(path => path !== 'src/core/host_node').map(path => `${path}.ts`);
  t.true(inBundle.length > 8);
  const imports = (await Promise.all(inBundle.map(importsOf))).flat().map(({of}) => of);
  t.deepEqual([...new Set(imports.filter(of => !of.startsWith('src/')))].sort(), [
    '@assemblyscript/loader',
    '@noble/hashes/sha2.js',
    '@noble/hashes/utils.js',
    'build/core.wasm',
    'diff',
  ]);
  for (const path of inBundle) t.notRegex(await readText(path), /\b(Buffer|process)\b\./, path);
});

test('src/: the library knows nothing of the command', async t => {
  const imports = await importsIn('src');
  const ofCommand = /^src\/(cli$|commands\/|render\/)/;
  t.deepEqual(
    importers(imports, ofCommand).filter(path => !ofCommand.test(path.replace(/\.ts$/, ''))),
    [],
  );
});

test('shim/ includes no header of ours from elsewhere', async t => {
  const files = await filesIn('shim', /\.[ch]$/);
  for (const path of files) {
    for (const [, kind, name = ''] of (await readText(path)).matchAll(
      /^#\s*include ([<"])(.*)[>"]/gm,
    )) {
      if (kind === '"') t.true(files.includes(`shim/${name}`), `${path}: ${name}`);
      else t.regex(name, /^((linux|sys)\/)?\w+\.h$/, path);
    }
  }
});

test('no file is long', async t => {
  const folders = ['assembly', 'src', 'shim', 'native', 'test', 'examples', 'scripts', 'viewer'];
  const files = await Promise.all(
    folders.map(folder => filesIn(folder, /\.(tsx?|mjs|css|[ch]|sh)$/)),
  );
  for (const path of files.flat()) {
    const lines = (await readText(path)).split('\n').length - 1;
    const most = path.startsWith('test/') ? TEST_LINES_MAX : LINES_MAX;
    t.true(lines <= most, `${path} has ${lines} lines`);
  }
});

/** Prefix of the core's constants -> the record of shim/plan_wire.h, and its part of the document. */
const RECORDS = [
  {prefix: 'HEAD', struct: 'head', heading: 'Head'},
  {prefix: 'MODULE', struct: 'module', heading: 'Modules'},
  {prefix: 'STEP', struct: 'step', heading: 'Steps'},
  {prefix: 'PATCH', struct: 'patch', heading: 'Patches'},
  {prefix: 'NOTE', struct: 'note', heading: 'Notes'},
] as const;

test('the records of a plan are the same in assembly/, in shim/ and in the document', async t => {
  const core = constantsOfCore(await readText('assembly/plan/plan_wire.ts'));
  const structs = recordsOfC(await readText('shim/plan_wire.h'));
  const document = await readText('docs/plan-format.md');
  for (const {prefix, struct, heading} of RECORDS) {
    const fields = structs.get(struct) ?? {};
    const entries = Object.entries(fields);
    t.true(entries.length > 5, struct);
    const last = entries.at(-1)?.[1] ?? {offset: 0, size: 0};
    const ofCore = Object.fromEntries(
      entries.map(([field]) => {
        // PATCH_SIZE is the size of a patch.
        const name = field === 'size' ? 'range_size' : field;
        return [field, core.get(`${prefix}_${name.toUpperCase()}`)];
      }),
    );
    t.deepEqual(ofCore, Object.fromEntries(entries.map(([field, {offset}]) => [field, offset])));
    t.is(core.get(`${prefix}_SIZE`), last.offset + last.size, prefix);
    t.deepEqual(recordOfDocument(document, heading), fields, heading);
  }
});

/** Name in assembly/plan/plan_wire.ts or assembly/limits.ts -> the one in shim/plan_wire.h. */
const CONSTANTS = {
  VERSION: 'PLAN_VERSION',
  NONE: 'PLAN_NONE',
  DIGEST_SIZE: 'PLAN_DIGEST_SIZE',
  ATTR_SIZE_MAX: 'PLAN_ATTR_SIZE_MAX',
  PHASE_LOAD: 'PHASE_LOAD',
  PHASE_ATTACH: 'PHASE_ATTACH',
  FLAG_MAY_FAIL: 'STEP_MAY_FAIL',
  ADDRESS_IN_ATTR: 'PATCH_ADDRESS_IN_ATTR',
  SLOT_IN_ATTR: 'PATCH_SLOT_IN_ATTR',
  SLOT_IN_BLOB: 'PATCH_SLOT_IN_BLOB',
  FRAME_SIZE_MAX: 'PLAN_FRAME_SIZE_MAX',
  SLOTS_MAX: 'PLAN_SLOTS_MAX',
  MODULES_MAX: 'PLAN_MODULES_MAX',
  STEPS_MAX: 'PLAN_STEPS_MAX',
  PATCHES_MAX: 'PLAN_PATCHES_MAX',
  NOTES_MAX: 'PLAN_NOTES_MAX',
  NAME_SIZE_MAX: 'PLAN_NAME_SIZE_MAX',
  MODULE_NAME_MAX: 'PLAN_MODULE_NAME_SIZE_MAX',
} as const;

test("the plan format's numbers are the same in assembly/ and in shim/", async t => {
  const header = await readText('shim/plan_wire.h');
  const executor = constantsOfC(header);
  const source = await readText('assembly/plan/plan_wire.ts');
  const core = constantsOfCore(source + (await readText('assembly/limits.ts')));
  for (const [name, inC] of Object.entries(CONSTANTS)) {
    t.true(Number.isInteger(core.get(name)), name);
    t.is(core.get(name), executor.get(inC), name);
  }
  const magic = /MAGIC: u64 = (0x\w+);/.exec(source)?.[1] ?? '0';
  const text = Buffer.from(BigInt(magic).toString(16), 'hex').reverse().toString();
  t.is(text, /PLAN_MAGIC "(.*)"/.exec(header)?.[1] ?? 'none');
});
