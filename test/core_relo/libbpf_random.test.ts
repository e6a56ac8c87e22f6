import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {type CoreWasm, openCore} from '../helpers/core_wasm.js';
import {fuzzSeed, Random} from '../helpers/random.js';
import {libbpfSteps} from '../oracle/libbpf_steps.js';
import {REPOSITORY} from '../rig/cache.js';
import {ObjectEditor} from './object_editor.js';
import {type Relocated, relocate} from './relocated.js';

/** Relocations that nobody has thought of: any type of the object with any access, as libbpf does them. */
const FOLDER = join(REPOSITORY, 'test/bpf/core_relo');
const KERNEL_BTF = join(FOLDER, 'synthetic_kernel.btf');
const ROUNDS = 80;
const KINDS = 13;
const LDIMM64 = 0x18;

let core: CoreWasm;
let object: Buffer;
let kernelBtf: Buffer;

test.before(async () => {
  core = await openCore();
  object = await readFile(join(FOLDER, 'synthetic.bpf.o'));
  kernelBtf = await readFile(KERNEL_BTF);
});

/** One relocation of the object with another type, access or kind; all others are left out. */
function scramble(random: Random): {editor: ObjectEditor; index: number; what: string} {
  const editor = new ObjectEditor(object);
  const records = editor.records;
  const index = random.below(records.length);
  const other = random.pick(records);
  const typeId = random.below(4) === 0 ? 1 + random.below(500) : other.typeId;
  const kind = random.below(2) === 0 ? other.kind : random.below(KINDS);
  const indices = Array.from({length: random.below(4)}, () => `:${random.below(4)}`).join('');
  const access = random.below(3) === 0 ? `${random.below(3)}${indices}` : undefined;
  editor.keepOnly(index).set(index, 'typeId', typeId).set(index, 'kind', kind);
  if (access === undefined) editor.set(index, 'accessOffset', other.accessOffset);
  else editor.setAccess(index, access);
  return {editor, index, what: `kind ${kind}, type ${typeId}, ${access ?? 'access of another'}`};
}

/** Puts into the instruction what the relocation expects there, which the fault tells. */
function makeExpected(editor: ObjectEditor, index: number, {faults}: Relocated): boolean {
  const [fault] = faults;
  if (fault?.code !== 'CORE_BAD_INSN' || !/^-?\d+$/.test(fault.wanted ?? '')) return false;
  const value = BigInt(fault.wanted ?? 0);
  const insn = editor.insn(index);
  const isAccess = [1, 2, 3].includes(insn.readUInt8() & 7);
  if (isAccess) insn.writeInt16LE(Number(BigInt.asIntN(16, value)), 2);
  else insn.writeInt32LE(Number(BigInt.asIntN(32, value)), 4);
  if (insn.readUInt8() === LDIMM64) insn.writeInt32LE(Number(BigInt.asIntN(32, value >> 32n)), 12);
  return true;
}

test('relocations at random come to what libbpf makes of them', async t => {
  const random = new Random(fuzzSeed());
  t.log(`FUZZ_SEED=${fuzzSeed()}`);
  const scratch = await mkdtemp(join(tmpdir(), 'structops-core-relo-'));
  t.teardown(() => rm(scratch, {recursive: true}));
  const path = join(scratch, 'relocated.bpf.o');
  const counts = {refused: 0, relocated: 0};
  for (let round = 0; round < ROUNDS; round++) {
    const {editor, index, what} = scramble(random);
    let ours = relocate(core, editor.bytes, {kernelBtf});
    if (makeExpected(editor, index, ours)) ours = relocate(core, editor.bytes, {kernelBtf});
    await writeFile(path, editor.bytes);
    const run = await libbpfSteps(path, {release: '6.12.0', btf: KERNEL_BTF});
    const where = `round ${round}: ${what}; ${ours.faults[0]?.message ?? 'no fault'}; ${run.log}`;
    t.is(ours.faults.length > 0, run.error !== null, where);
    if (run.error !== null) {
      counts.refused++;
      continue;
    }
    const theirs = run.steps.filter(({cmd}) => cmd === 'BPF_PROG_LOAD');
    const expected = theirs.map(({blobs}) => blobs.insns);
    // All at once would be a long report.
    const differing = ours.insns.findIndex((insns, i) => insns !== expected[i]);
    t.is(differing, -1, `${where}: ${ours.insns[differing]} is ${expected[differing]} there`);
    t.is(ours.insns.length, expected.length);
    counts.relocated++;
  }
  t.log(counts);
  t.true(Math.min(counts.refused, counts.relocated) > ROUNDS / 10);
});
