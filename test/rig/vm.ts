import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {type Progress, silent} from './cache.js';
import {getPackage} from './debian_packages.js';
import {type GuestFile, writeInitramfs} from './initramfs.js';
import type {Kernel} from './kernels.js';
import {ARM64_QEMU, ensureSystemPackages, QEMU, type SystemPackage} from './system_packages.js';

export interface VmOptions {
  readonly kernel: Kernel;
  /** What the guest has besides busybox. */
  readonly files?: readonly GuestFile[];
  /** Run by busybox sh, as root. What it leaves in /out comes back in `outFiles`. */
  readonly script: string;
  /** 512 when absent; 1536 is enough for Node. */
  readonly memoryMiB?: number;
  /** 120 when absent. */
  readonly timeoutSeconds?: number;
  /** Receives each line of the script's output while the guest runs. */
  readonly progress?: Progress;
}

export interface VmResult {
  /** The script's. */
  readonly exitCode: number;
  /** Its standard output and standard error, as they came. */
  readonly output: string;
  /** What the kernel said. */
  readonly console: string;
  /** Path below /out -> content. */
  readonly outFiles: ReadonlyMap<string, Buffer>;
  /** From the start of qemu to its end. */
  readonly elapsedMs: number;
}

const INIT = fileURLToPath(new URL('guest/init.sh', import.meta.url));
const RUN = fileURLToPath(new URL('guest/run.sh', import.meta.url));
const EXIT_CODE = /\nrig: exit code (\d+)\n$/;
const LINES_SHOWN = 40;

/**
 * Boots a kernel under qemu without KVM, runs a script in it and powers off. A script that fails
 * is a result; a guest that panics, hangs past the timeout or ends early is an Error that ends
 * with the last lines of the console.
 */
export async function runInVm(options: VmOptions): Promise<VmResult> {
  await ensureSystemPackages([qemuFor(options.kernel)]);
  const directory = await mkdtemp(join(tmpdir(), 'structops-vm-'));
  try {
    const script = join(directory, 'script');
    await writeFile(script, options.script);
    const own = [
      {hostPath: INIT, guestPath: '/init'},
      {hostPath: RUN, guestPath: '/rig/run.sh'},
      {hostPath: script, guestPath: '/rig/script'},
      ...(options.kernel.id === 'arm64' ? [await arm64Busybox()] : []),
    ];
    const initramfs = join(directory, 'initramfs');
    await writeInitramfs([...own, ...(options.files ?? [])], initramfs);
    return await boot(options, initramfs, directory);
  } finally {
    await rm(directory, {recursive: true, force: true});
  }
}

async function boot(options: VmOptions, initramfs: string, directory: string): Promise<VmResult> {
  const consolePath = join(directory, 'console');
  const tarPath = join(directory, 'out.tar');
  const progress = options.progress ?? silent;
  const timeoutSeconds = options.timeoutSeconds ?? 120;
  const startedMs = Date.now();
  const qemu = await execa(
    qemuFor(options.kernel).lookFor,
    [
      ...machineArguments(options),
      ...['-initrd', initramfs],
      ...['-chardev', 'stdio,id=script,signal=off'],
      ...['-chardev', `file,id=out,path=${tarPath}`],
      ...['-serial', `file:${consolePath}`],
      ...serialLines(options.kernel),
    ],
    {
      reject: false,
      stdin: 'ignore',
      stdout: function* (line: unknown) {
        progress(String(line));
        yield line;
      },
      stripFinalNewline: false,
      timeout: timeoutSeconds * 1000,
      killSignal: 'SIGKILL',
    },
  );
  const elapsedMs = Date.now() - startedMs;
  const text = await readFile(consolePath, 'latin1').catch(() => '');
  const exitCode = EXIT_CODE.exec(qemu.stdout)?.[1];
  if (qemu.failed || exitCode === undefined) {
    throw new Error(describeEnd(options.kernel, qemu, timeoutSeconds, text));
  }
  return {
    exitCode: Number(exitCode),
    output: qemu.stdout.replace(EXIT_CODE, ''),
    console: text,
    outFiles: await unpackTar(tarPath, join(directory, 'out')),
    elapsedMs,
  };
}

function qemuFor({id}: Kernel): SystemPackage {
  return id === 'arm64' ? ARM64_QEMU : QEMU;
}

/** Takes the place of this machine's own in the guest. */
async function arm64Busybox(): Promise<GuestFile> {
  const {directory} = await getPackage('trixie:arm64', 'busybox-static');
  return {hostPath: join(directory, 'usr/bin/busybox'), guestPath: '/bin/busybox'};
}

/** ttyS1 and ttyS2 of the guest. A `virt` machine has one line only, so a PCI card brings them. */
function serialLines({id}: Kernel): string[] {
  if (id !== 'arm64') return ['-serial', 'chardev:script', '-serial', 'chardev:out'];
  const lines = ['unused', 'script', 'out', 'unused_too'].map(
    (name, i) => `chardev${i + 1}=${name}`,
  );
  return [
    ...['-chardev', 'null,id=unused', '-chardev', 'null,id=unused_too'],
    ...['-device', ['pci-serial-4x', ...lines].join(',')],
  ];
}

function machineArguments({kernel, memoryMiB}: VmOptions): string[] {
  // Several TCG threads race with the kernel's patching of its own text, and it panics.
  const accelerator = 'tcg,thread=single';
  // qemu's cmpxchg16b corrupts the slab fast path of 6.x; 7.x needs it for arenas.
  const x64Processor = kernel.release.startsWith('6.') ? 'max,-cx16' : 'max';
  // With -no-reboot a panic ends qemu at once, and so does what would only kill one process.
  const [machine, processor, console] =
    kernel.id === 'arm64' ? ['virt', 'cortex-a57', 'ttyAMA0'] : ['pc', x64Processor, 'ttyS0'];
  const commandLine = `console=${console} panic=-1 oops=panic`;
  return [
    ...['-machine', machine, '-accel', accelerator, '-cpu', processor],
    ...['-m', String(memoryMiB ?? 512)],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-kernel', kernel.vmlinuz, '-append', commandLine],
  ];
}

function describeEnd(
  kernel: Kernel,
  qemu: {timedOut: boolean; exitCode?: number | undefined; stdout: string; stderr: string},
  timeoutSeconds: number,
  consoleText: string,
): string {
  const panic = /Kernel panic.*/.exec(consoleText)?.[0].trimEnd();
  const reason = qemu.timedOut
    ? `did not finish within ${timeoutSeconds} s and was killed`
    : (panic ?? `ended before its script did (qemu exit code ${qemu.exitCode ?? 'none'})`);
  return [
    `VM with kernel ${kernel.release}: ${reason}`,
    qemu.stderr.trim(),
    `--- end of the script's output\n${lastLines(qemu.stdout)}`,
    `--- end of the console\n${lastLines(consoleText)}`,
  ]
    .filter(Boolean)
    .join('\n');
}

function lastLines(text: string): string {
  return text.trimEnd().split(/\r?\n/).slice(-LINES_SHOWN).join('\n');
}

async function unpackTar(tar: string, directory: string): Promise<Map<string, Buffer>> {
  await mkdir(directory);
  await execa('tar', ['-x', '-f', tar, '-C', directory]);
  const files = new Map<string, Buffer>();
  for (const entry of await readdir(directory, {recursive: true, withFileTypes: true})) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(directory.length + 1), await readFile(path));
  }
  return files;
}
