import {access, mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {execa} from 'execa';
import pc from 'picocolors';
import {VMLINUX_BTF} from '../src/index.js';
import {bpftoolFiles, getBpftool} from '../test/rig/bpftool.js';
import {REPOSITORY} from '../test/rig/cache.js';
import {guestTool} from '../test/rig/guest_tools.js';
import {getKernel} from '../test/rig/kernels.js';
import {packageFiles} from '../test/rig/package_files.js';
import {runInVm} from '../test/rig/vm.js';

/**
 * `npm run demo [-- --here]`: a congestion control from its ELF file to a TCP connection. First
 * the dry run, for this machine's kernel; then for real, in a VM or with --here on this machine.
 * Exit codes: 0 all was seen, 1 something went wrong, 2 wrong arguments or not root.
 */

const NAME = 'so_second';
/** For kernels with struct_ops links; the other is for those before Linux 6.4. */
const LINK_OBJECT = 'second_link.bpf.o';
const LEGACY_OBJECT = 'second.bpf.o';
const OBJECTS = join(REPOSITORY, 'examples/tcp');
const SCRIPT = join(REPOSITORY, 'examples/demo.sh');
const COMMAND = join(REPOSITORY, 'dist/cli.js');

const progress = (line: string) => console.log(pc.dim(`  ${line}`));

function heading(text: string): void {
  console.log(`\n${pc.bold(pc.cyan(text))}`);
}

/** The kernel puts the first 8 bytes of the object's name before a section's. */
const countersOf = (object: string) => `${object.slice(0, 8).replace(/\..*/, '')}.bss`;

/** The BTF of this machine's kernel, or where it has none, that of a Debian kernel. */
async function chooseBtf(): Promise<{text: string; option: string[]}> {
  const isHere = await access(VMLINUX_BTF).then(
    () => true,
    () => false,
  );
  if (isHere) return {text: "this machine's kernel", option: []};
  const {release, btf} = await getKernel('newest', progress);
  return {text: `Linux ${release}, since this machine's kernel has no BTF`, option: ['--btf', btf]};
}

/** Shows the dry run; returns the object that the kernel can take. */
async function dryRun(): Promise<string> {
  const {text, option} = await chooseBtf();
  heading(`1. A dry run for ${text}: no privilege, nothing happens`);
  for (const object of [LINK_OBJECT, LEGACY_OBJECT]) {
    console.log(`\n$ structops plan examples/tcp/${object} ${option.join(' ')}`);
    const args = [COMMAND, 'plan', join(OBJECTS, object), ...option];
    const {exitCode} = await execa(process.execPath, args, {stdio: 'inherit', reject: false});
    if (exitCode === 0) {
      console.log(`
Each numbered line is one bpf(2) call that root would make, with all that the kernel is given: first everything is
loaded and verified, then attached. The table at the end is the value that the kernel gets, laid out for this kernel.`);
      return object;
    }
    if (object === LEGACY_OBJECT) throw new Error('the dry run failed');
    console.log(
      "\nThis kernel cannot take that build of the example; the other one doesn't use links:",
    );
  }
  throw new Error('unreachable');
}

async function inVm(): Promise<void> {
  const kernel = await getKernel('newest', progress);
  heading(`2. For real, in a VM with Linux ${kernel.release}`);
  const files = [
    ...(await packageFiles()),
    ...(await bpftoolFiles(progress)),
    await guestTool('transfer'),
    {hostPath: SCRIPT, guestPath: '/root/demo.sh'},
    {hostPath: join(OBJECTS, LINK_OBJECT), guestPath: `/root/${LINK_OBJECT}`},
  ];
  progress('booting it under qemu, without KVM');
  const colors = process.stdout.isTTY ? '' : 'NO_COLOR=1 ';
  const {exitCode} = await runInVm({
    kernel,
    files,
    memoryMiB: 1536,
    timeoutSeconds: 300,
    script: `cd /root && ${colors}sh demo.sh ${LINK_OBJECT} ${NAME} ${countersOf(LINK_OBJECT)}`,
    progress: line => line.startsWith('rig: ') || console.log(line),
  });
  if (exitCode !== 0) throw new Error('something went wrong in the VM');
}

/** The same script as in the VM, with the same commands in its PATH. */
async function onThisMachine(object: string): Promise<void> {
  heading('2. For real, on this machine');
  const scratch = await mkdtemp(join(tmpdir(), 'structops-demo-'));
  try {
    const commands = join(scratch, 'bin');
    await mkdir(commands);
    const command = `#!/bin/sh\nexec '${process.execPath}' '${COMMAND}' "$@"\n`;
    await writeFile(join(commands, 'structops'), command, {mode: 0o755});
    await symlink((await guestTool('transfer')).hostPath, join(commands, 'transfer'));
    const bpftool = join(await getBpftool(progress), 'bin');
    await execa('sh', [SCRIPT, object, NAME, countersOf(object)], {
      cwd: OBJECTS,
      env: {PATH: [commands, bpftool, process.env.PATH].join(':')},
      stdio: 'inherit',
    });
  } finally {
    await rm(scratch, {recursive: true});
  }
}

try {
  const object = await dryRun();
  if (process.argv[2] === '--here') await onThisMachine(object);
  else await inVm();
  heading('done');
} catch (error) {
  process.stderr.write(`\ndemo: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
