import {createReadStream} from 'node:fs';
import {mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {type Progress, silent} from './cache.js';
import {getPackage} from './debian_packages.js';
import {guestTool} from './guest_tools.js';
import {type GuestFile, writeInitramfs} from './initramfs.js';
import type {Kernel} from './kernels.js';
import {ARM64_QEMU, ensureSystemPackages, QEMU, type SystemPackage} from './system_packages.js';

export interface VmOptions {
  readonly kernel: Kernel;
  /** What the guest has besides busybox. */
  readonly files?: readonly GuestFile[];
  /**
   * Run by busybox sh, as root. What it leaves in /out comes back in `outFiles`; `send PATH` moves
   * a part of it out before the end, so that it outlives a panic.
   */
  readonly script: string;
  /** 512 when absent; 1536 is enough for Node. */
  readonly memoryMiB?: number;
  /** What a boot may take before the script begins; 90 when absent. */
  readonly bootSeconds?: number;
  /** Of the script; 120 when absent. */
  readonly timeoutSeconds?: number;
  /** How long the script may print nothing; no limit when absent. */
  readonly silenceSeconds?: number;
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

/** A guest that did not come to its end, with what it had sent and printed before. */
export class VmError extends Error {
  constructor(
    message: string,
    readonly output: string,
    readonly console: string,
    readonly outFiles: ReadonlyMap<string, Buffer>,
    /** Its script did not begin. */
    readonly isStuck: boolean,
  ) {
    super(message);
  }
}

const GUEST = fileURLToPath(new URL('guest', import.meta.url));
const BEGINS = 'rig: begins';
const EXIT_CODE = /\nrig: exit code (\d+)\n$/;
const LINES_SHOWN = 40;

/** Without KVM, on a busy machine, a boot was seen to stand still: it is tried again. */
const BOOTS_MAX = 3;

/** Room for what a guest sends; the file takes only as much as was sent. */
const DISK_BYTES = 2 ** 33;

/**
 * Boots a kernel under qemu without KVM, runs a script in it and powers off. A script that fails
 * is a result; a guest that panics, hangs past a timeout or ends early is a VmError that ends
 * with the last lines of the console.
 */
export async function runInVm(options: VmOptions): Promise<VmResult> {
  await ensureSystemPackages([qemuFor(options.kernel)]);
  const directory = await mkdtemp(join(tmpdir(), 'structops-vm-'));
  try {
    const script = join(directory, 'script');
    await writeFile(script, options.script);
    const own = [
      {hostPath: join(GUEST, 'init.sh'), guestPath: '/init'},
      {hostPath: join(GUEST, 'run.sh'), guestPath: '/rig/run.sh'},
      {hostPath: join(GUEST, 'functions.sh'), guestPath: '/rig/functions.sh'},
      await guestTool('objects', options.kernel.id),
      {hostPath: join(GUEST, 'send.sh'), guestPath: '/usr/bin/send'},
      {hostPath: script, guestPath: '/rig/script'},
      ...(options.kernel.id === 'arm64' ? [await arm64Busybox()] : []),
    ];
    const initramfs = join(directory, 'initramfs');
    await writeInitramfs([...own, ...(options.files ?? [])], initramfs);
    for (let boots = 1; ; boots++) {
      try {
        return await boot(options, initramfs, await mkdtemp(join(directory, 'boot-')));
      } catch (error) {
        if (!(error instanceof VmError && error.isStuck) || boots === BOOTS_MAX) throw error;
        process.stderr.write(`${error.message}\nonce more\n`);
      }
    }
  } finally {
    await rm(directory, {recursive: true, force: true});
  }
}

async function boot(options: VmOptions, initramfs: string, directory: string): Promise<VmResult> {
  const paths = {
    console: join(directory, 'console'),
    disk: join(directory, 'disk'),
    serial: join(directory, 'serial'),
  };
  await writeFile(paths.disk, '');
  await truncate(paths.disk, DISK_BYTES);
  const startedMs = Date.now();
  const {qemu, late, isStuck} = await runQemu(options, [
    ...machineArguments(options),
    ...['-initrd', initramfs],
    ...['-drive', `file=${paths.disk},if=none,id=disk,format=raw`],
    ...['-device', 'nvme,drive=disk,serial=out'],
    ...['-chardev', 'stdio,id=script,signal=off'],
    ...['-chardev', `file,id=out,path=${paths.serial}`],
    ...['-serial', `file:${paths.console}`],
    ...serialLines(options.kernel),
  ]);
  const elapsedMs = Date.now() - startedMs;
  const text = await readFile(paths.console, 'latin1').catch(() => '');
  const outFiles = await unpackSent([paths.disk, paths.serial], join(directory, 'out'));
  const exitCode = EXIT_CODE.exec(qemu.stdout)?.[1];
  if (qemu.failed || exitCode === undefined) {
    const message = describeEnd(options.kernel, qemu, late, text);
    throw new VmError(message, qemu.stdout, text, outFiles, isStuck);
  }
  return {
    exitCode: Number(exitCode),
    output: qemu.stdout.replace(EXIT_CODE, ''),
    console: text,
    outFiles,
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

/** Runs it to its end, or to the end of the time that it has: `late` says of which. */
async function runQemu(options: VmOptions, args: readonly string[]) {
  const {progress = silent, bootSeconds = 90, timeoutSeconds = 120, silenceSeconds} = options;
  let late: string | undefined;
  let isStuck = true;
  let silence: NodeJS.Timeout | undefined;
  const process = execa(qemuFor(options.kernel).lookFor, args, {
    reject: false,
    stdin: 'ignore',
    stdout: function* (line: unknown) {
      if (line === BEGINS) return begin();
      listen();
      progress(String(line));
      yield line;
    },
    stripFinalNewline: false,
    killSignal: 'SIGKILL',
  });
  const endAfter = (seconds: number, what: string) =>
    setTimeout(() => {
      late = `${what} within ${seconds} s and was killed`;
      process.kill();
    }, seconds * 1000);
  let end = endAfter(bootSeconds, 'did not boot');
  function begin(): void {
    isStuck = false;
    clearTimeout(end);
    end = endAfter(timeoutSeconds, 'did not finish');
    listen();
  }
  function listen(): void {
    if (silenceSeconds === undefined) return;
    clearTimeout(silence);
    silence = endAfter(silenceSeconds, 'printed nothing');
  }
  const qemu = await process;
  clearTimeout(end);
  clearTimeout(silence);
  // What has panicked is not stuck.
  return {qemu, late, isStuck: isStuck && late !== undefined};
}

function machineArguments({kernel, memoryMiB}: VmOptions): string[] {
  // Several TCG threads race with the kernel's patching of its own text, and it panics.
  const accelerator = 'tcg,thread=single';
  // qemu's cmpxchg16b corrupts the slab fast path of 6.x; 7.x needs it for arenas.
  const x64Processor = kernel.release.startsWith('6.') ? 'max,-cx16' : 'max';
  // With -no-reboot a panic ends qemu at once, and so does what would only kill one process.
  // On a busy machine the timer comes too late for x86's check of it, which panics.
  const [machine, processor, own] =
    kernel.id === 'arm64'
      ? ['virt', 'cortex-a57', 'console=ttyAMA0']
      : ['pc', x64Processor, 'console=ttyS0 no_timer_check'];
  const commandLine = `${own} panic=-1 oops=panic`;
  return [
    ...['-machine', machine, '-accel', accelerator, '-cpu', processor],
    ...['-m', String(memoryMiB ?? 512)],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-kernel', kernel.vmlinuz, '-append', commandLine],
  ];
}

function describeEnd(
  kernel: Kernel,
  qemu: {exitCode?: number | undefined; stdout: string; stderr: string},
  late: string | undefined,
  consoleText: string,
): string {
  const panic = /Kernel panic.*/.exec(consoleText)?.[0].trimEnd();
  const ended = `ended before its script did (qemu exit code ${qemu.exitCode ?? 'none'})`;
  return [
    `VM with kernel ${kernel.release}: ${late ?? panic ?? ended}`,
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

/** The files of all whole archives that `send` wrote one after the other. */
async function unpackSent(paths: readonly string[], directory: string) {
  await mkdir(directory);
  for (const path of paths) {
    // Behind the last archive of the disk there is nothing, for gigabytes.
    const sentBytes = (await stat(path).catch(() => ({blocks: 0}))).blocks * 512;
    if (sentBytes === 0) continue;
    const input = createReadStream(path, {end: sentBytes - 1});
    const args = ['-x', '--ignore-zeros', '-f', '-', '-C', directory];
    // Of an archive that a panic cut short, what is whole is there.
    await execa('tar', args, {input, reject: false});
  }
  const files = new Map<string, Buffer>();
  for (const entry of await readdir(directory, {recursive: true, withFileTypes: true})) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(directory.length + 1), await readFile(path));
  }
  return files;
}
