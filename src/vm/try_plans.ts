import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {InputError} from '../errors.js';
import {findCountingExecutor, WITHOUT_COUNTING_EXECUTOR} from '../executor/find_executor.js';
import {type FrameResult, parseShimLine} from '../executor/shim_report.js';
import {runCommand} from '../run_command.js';
import {initramfsOf} from './initramfs.js';

/** What a kernel said to a plan. */
export interface TriedPlan {
  readonly result: FrameResult;
  /** What its verifier counted of each program that it took, in the order of the plan. */
  readonly verified: readonly string[];
}

export interface TryOptions {
  /** Names the kernel in errors; its release decides about the processor. */
  readonly kernel: string;
  /** A bzImage. */
  readonly image: Uint8Array;
  /** Files of modules that are loaded before, in this order. Default: none. */
  readonly modules?: readonly Uint8Array[];
  /** Only the steps of phase `load` are made. */
  readonly plans: readonly Uint8Array[];
  /** Milliseconds for all of it. Default: 300 000. */
  readonly timeoutMs?: number;
}

const BUSYBOX = '/bin/busybox';
const DIRECTORIES = ['bin', 'dev', 'modules', 'plans', 'proc', 'sys', 'tmp'];
const VERIFIED = 'structops: verified\n';

/** One line on the second serial port says where each answer begins. */
const INIT = `#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t bpf bpf /sys/fs/bpf
stty -F /dev/ttyS1 raw -echo
for module in /modules/*; do
	[ ! -f "$module" ] || insmod "$module"
done
for plan in /plans/*; do
	structops-shim --load-only --allow-other-programs $plan > /tmp/stdout 2> /tmp/stderr
	{ echo "plan \${plan##*/}"; cat /tmp/stdout; echo stderr; cat /tmp/stderr; echo end; } > /dev/ttyS1
done
echo done > /dev/ttyS1
poweroff -f
`;

/**
 * Boots a kernel under qemu without KVM, which not every machine with its device can do, and has
 * the executor load each plan and let go again.
 *
 * @throws {InputError} qemu, busybox or the executor is missing, or the kernel does not come to
 * its end.
 */
export async function tryPlans(options: TryOptions): Promise<TriedPlan[]> {
  const directory = await mkdtemp(join(tmpdir(), 'structops-run-'));
  try {
    const image = join(directory, 'vmlinuz');
    const initramfs = join(directory, 'initramfs');
    await writeFile(image, options.image);
    await writeFile(initramfs, await rootOf(options));
    const output = await boot(options, image, initramfs, directory);
    return options.plans.map((_, index) => answerIn(output, index, options.kernel));
  } finally {
    await rm(directory, {recursive: true, force: true});
  }
}

async function rootOf({plans, modules = []}: TryOptions): Promise<Uint8Array> {
  const executor = findCountingExecutor();
  return initramfsOf(DIRECTORIES, [
    {path: 'init', content: Buffer.from(INIT), executable: true},
    {
      path: 'bin/busybox',
      content: await need(BUSYBOX, 'apt install busybox-static'),
      executable: true,
    },
    {
      path: 'bin/structops-shim',
      content: await need(executor, WITHOUT_COUNTING_EXECUTOR),
      executable: true,
    },
    ...plans.map((content, index) => ({path: `plans/${nameOf(index)}`, content})),
    ...modules.map((content, index) => ({path: `modules/${nameOf(index)}`, content})),
  ]);
}

/** Scripts of the shell list names in their order, so names have as many digits. */
function nameOf(index: number): string {
  return String(index).padStart(4, '0');
}

async function need(path: string, hint: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new InputError(
      'COMMAND_MISSING',
      {
        what: `${path} is not on this machine`,
        why: 'it is needed in the VM that tries plans',
        hint,
      },
      {cause},
    );
  }
}

async function boot(
  {kernel, timeoutMs = 300_000}: TryOptions,
  image: string,
  initramfs: string,
  directory: string,
): Promise<string> {
  const consolePath = join(directory, 'console');
  // qemu's cmpxchg16b corrupts the slab fast path of 6.x; 7.x needs it for arenas. Several TCG
  // threads race with the kernel's patching of its own text.
  const processor = kernel.startsWith('6.') ? 'max,-cx16' : 'max';
  const done = await runCommand(
    [
      ...['qemu-system-x86_64', '-accel', 'tcg,thread=single'],
      ...['-cpu', processor, '-m', '768', '-nodefaults', '-no-user-config', '-display', 'none'],
      ...['-no-reboot', '-kernel', image, '-initrd', initramfs],
      // On a busy machine the timer comes too late for the kernel's check of it, which panics.
      ...['-append', 'console=ttyS0 panic=-1 oops=panic no_timer_check'],
      ...['-serial', `file:${consolePath}`, '-serial', 'stdio'],
    ],
    {timeoutMs, packageName: 'qemu-system-x86', purpose: 'to boot the kernel: --run'},
  );
  const output = Buffer.from(done.stdout).toString('utf8');
  if (output.endsWith('done\n')) return output;
  const said = await readFile(consolePath, 'latin1').catch(() => '');
  const panic = /Kernel panic.*/.exec(said)?.[0];
  throw new InputError('KERNEL_DID_NOT_RUN', {
    what: `the kernel ${kernel} did not come to the end of its plans`,
    why: done.timedOut ? `not within ${timeoutMs / 1000} s` : (panic ?? done.stderr.trim()),
    hint: `its image must boot without modules; the end of its console:\n${said.slice(-600)}`,
  });
}

function answerIn(output: string, index: number, kernel: string): TriedPlan {
  const start = `plan ${nameOf(index)}\n`;
  const at = output.indexOf(start);
  const end = output.indexOf('\nend\n', at);
  const [stdout = '', ...rest] = output.slice(at + start.length, end + 1).split('\nstderr\n');
  const line = stdout.split('\n').map(parseShimLine).find(Boolean);
  if (at < 0 || line === undefined || line.status === 'released' || line.status === 'error') {
    throw new InputError('KERNEL_DID_NOT_RUN', {
      what: `the executor gave no answer on kernel ${kernel}`,
      why: stdout.slice(0, 300) + rest.join('').slice(0, 300),
    });
  }
  return {result: line as FrameResult, verified: rest.join('').split(VERIFIED).slice(1)};
}
