import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {execa} from 'execa';
import {exampleObject} from '../helpers/bpf_objects.js';
import type {Inputs} from '../helpers/core_wasm.js';
import {ElfEdit} from '../helpers/elf_edit.js';
import {BPF_COMPILER, ensureSystemPackages} from '../rig/system_packages.js';

/** The first example, of which tests change one field each. */
export const example = new ElfEdit(await exampleObject('first'));
const {bytes} = example;

/** The example with what `edit` writes. */
export const edited = (edit: (elf: ElfEdit) => unknown) => (): Inputs => {
  const elf = new ElfEdit(bytes);
  edit(elf);
  return {object: elf.bytes};
};

export const inObject = {input: 'object'} as const;

type Arguments = (from: string, to: string) => string[];

/** What a tool makes of the first example, or a compiler of a line of C. */
export const made =
  (command: string, args: Arguments, input = '') =>
  async (): Promise<Inputs> => {
    await ensureSystemPackages(BPF_COMPILER);
    const scratch = await mkdtemp(join(tmpdir(), 'structops-malformed-'));
    try {
      const [from, to] = [join(scratch, 'from.o'), join(scratch, 'to.o')];
      await writeFile(from, bytes);
      await execa(command, args(from, to), {input});
      return {object: await readFile(to)};
    } finally {
      await rm(scratch, {recursive: true});
    }
  };
