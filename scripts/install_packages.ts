import {
  ARM64_C_COMPILER,
  ARM64_QEMU,
  BPF_COMPILER,
  BUSYBOX,
  CHROMIUM,
  ensureSystemPackages,
  FUZZER,
  HOST_C_COMPILER,
  NEWER_BPF_COMPILER,
  QEMU,
  RPM,
  type SystemPackage,
  WASM_TO_C,
  XZ,
} from '../test/rig/system_packages.js';

/** `tsx scripts/install_packages.ts demo|test`: everything at once, so that apt runs once. */

const MAKE: SystemPackage = {lookFor: 'make', package: 'make'};
const VM = [QEMU, BUSYBOX, XZ];

const PURPOSES: Readonly<Record<string, readonly SystemPackage[]>> = {
  demo: [...VM, ...HOST_C_COMPILER, MAKE],
  test: [
    ...VM,
    ...HOST_C_COMPILER,
    ...BPF_COMPILER,
    NEWER_BPF_COMPILER,
    ...FUZZER,
    ARM64_QEMU,
    ...ARM64_C_COMPILER,
    ...WASM_TO_C,
    CHROMIUM,
    RPM,
    {lookFor: 'clang-format-19', package: 'clang-format-19'},
  ],
};

const wanted = PURPOSES[process.argv[2] ?? ''];
if (wanted === undefined) throw new Error('usage: install_packages.ts demo|test');
try {
  await ensureSystemPackages(wanted);
} catch (error) {
  // Most of all: which line installs what is missing.
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
