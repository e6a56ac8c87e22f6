import {spawnSync} from 'node:child_process';
import {copyFile, mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {buildGo} from '../test/rig/build_go.js';
import {getPackage, packagesNamed} from '../test/rig/debian_packages.js';
import type {Contender} from './contender.js';
import {firstRun, startLoader} from './loader_program.js';
import {wholeProcess} from './process_contenders.js';
import type {Workload} from './workload.js';

/** Go's loader, beside libbpf: 0.22, which Debian sid has, knows struct_ops; those before do not. */
const PACKAGE = 'golang-github-cilium-ebpf-dev';
const LIBRARY = 'github.com/cilium/ebpf';
/** A directory of the library, since its internals are for no other. */
const PROGRAM = `${LIBRARY}/structops_bench`;

const HERE = fileURLToPath(new URL('cilium/', import.meta.url));

/** The library's two doors to the kernel, and what is put in their place. */
const DOORS = [
  {
    file: 'internal/sys/syscall_other.go',
    found: 'unix.Syscall(unix.SYS_BPF, uintptr(cmd), uintptr(attr), size)',
    put: 'fakeBPF(cmd, attr, size)',
  },
  {
    file: 'btf/kernel.go',
    found: 'os.Open("/sys/kernel/btf/vmlinux")',
    put: 'os.Open(os.Args[1])',
  },
];

const progress = (line: string) => process.stderr.write(`${line}\n`);

/** A loader beside libbpf, in each of the table's ways; none where `absent` says why. */
export interface Peer {
  readonly name: string;
  readonly absent?: string;
  readonly warm: readonly Contender[];
  readonly cold: readonly Contender[];
  readonly process: readonly Contender[];
}

export async function ciliumPeer({kernel, objectPath}: Workload): Promise<Peer> {
  const nothing = {warm: [], cold: [], process: []};
  const built = await builtCiliumBench();
  if (built === null) return {...nothing, name: 'cilium/ebpf', absent: 'Debian has none here'};
  const {name, path} = built;
  const command = [path, kernel.btf, objectPath];
  const absent = refusalOf(command);
  if (absent !== null) return {...nothing, name, absent};
  return {
    name,
    warm: [
      {name, ...startLoader(command)},
      {name: `${name}, the kernel's types kept`, ...startLoader([...command, 'keep'])},
    ],
    cold: [{name: `${name}, first time`, run: () => firstRun(command)}],
    process: [await wholeProcess({name: `${name}, whole process`, command})],
  };
}

/** Why it does not load the object, without where that lies: null if it does. */
function refusalOf([file = '', ...args]: readonly string[]): string | null {
  const {status, stderr} = spawnSync(file, args, {input: '\n', encoding: 'utf8', env: {}});
  return status === 0 ? null : `refuses: ${stderr.trim().replace(/^file \S+: /, '')}`;
}

interface CiliumBench {
  /** `cilium/ebpf 0.22.0`. */
  readonly name: string;
  readonly path: string;
}

let building: Promise<CiliumBench | null> | undefined;

function builtCiliumBench(): Promise<CiliumBench | null> {
  building ??= buildCiliumBench();
  return building;
}

/** Null where Debian has no such package. */
async function buildCiliumBench(): Promise<CiliumBench | null> {
  const found = await packagesNamed('sid', new RegExp(`^${PACKAGE}$`), progress);
  if (found.length === 0) return null;
  const ebpf = await getPackage('sid', PACKAGE, progress);
  const own = ['main.go', 'fake_bpf.go'].map(file => join(HERE, file));
  const path = await buildGo(
    {
      name: 'cilium_bench',
      libraries: [ebpf, await getPackage('sid', 'golang-golang-x-sys-dev', progress)],
      target: PROGRAM,
      texts: [JSON.stringify(DOORS), ...(await Promise.all(own.map(file => readFile(file))))],
      arrange: replaceKernel,
    },
    progress,
  );
  // Without what Debian adds: 0.22.0+ds1-1.
  return {name: `cilium/ebpf ${ebpf.version.replace(/[+-].*/, '')}`, path};
}

async function replaceKernel(sources: string): Promise<void> {
  const library = join(sources, LIBRARY);
  for (const {file, found, put} of DOORS) {
    const path = join(library, file);
    const text = await readFile(path, 'utf8');
    if (text.split(found).length !== 2) throw new Error(`${path} has not one ${found}`);
    await writeFile(path, text.replace(found, put));
  }
  await copyFile(join(HERE, 'fake_bpf.go'), join(library, 'internal/sys/fake_bpf.go'));
  await mkdir(join(sources, PROGRAM));
  await copyFile(join(HERE, 'main.go'), join(sources, PROGRAM, 'main.go'));
}
