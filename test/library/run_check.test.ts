import test from 'ava';
import {checkAndKeep} from '../../src/check/check_objects.js';
import {runCheck} from '../../src/check/run_check.js';
import {InputError} from '../../src/errors.js';
import {entriesOf} from '../../src/kernel_file/archive.js';
import {ChunkReader} from '../../src/kernel_file/chunk_reader.js';
import {runCommand} from '../../src/run_command.js';
import {initramfsOf} from '../../src/vm/initramfs.js';
import {exampleObject} from '../helpers/bpf_objects.js';
import {getKernel} from '../rig/kernels.js';

/** `check --run` without a VM: what cannot be booted, what is missing, and what a guest is given. */

test('a kernel of which only the BTF is there cannot be run, and that is said', async t => {
  const objects = [
    {object: await exampleObject('first'), objectName: 'first.bpf.o'},
    {object: await exampleObject('first_link'), objectName: 'first_link.bpf.o'},
  ];
  const {btf} = await getKernel('6.1');
  const booted: string[] = [];
  const check = await checkAndKeep({objects, kernels: [btf], threads: 1});
  const {cells} = await runCheck(check, ({name}) => booted.push(name));
  t.deepEqual(booted, []);
  t.like(cells[0], {loader: 'loads', verifier: 'cannot_run'});
  t.regex(cells[0]?.verifier_reason ?? '', /only an x86-64 kernel with its image/);
  // There is nothing to run.
  t.like(cells[1], {loader: 'refused', verifier: 'not_run'});
});

test('a command that is not installed: which, what for, and how to get it', async t => {
  const error = await t.throwsAsync<InputError>(
    runCommand(['structops-no-such-command'], {packageName: 'nothing', purpose: 'to see'}),
    {instanceOf: InputError},
  );
  t.is(error?.code, 'COMMAND_MISSING');
  t.regex(error?.message ?? '', /structops-no-such-command[\s\S]*to see[\s\S]*apt install nothing/);
});

test('the root of a guest is a cpio archive of its files', async t => {
  const files = {init: 'x', 'bin/shim': 'four', 'plans/0000': ''};
  const archive = initramfsOf(
    ['bin', 'plans'],
    Object.entries(files).map(([path, text]) => ({path, content: Buffer.from(text)})),
  );
  const found: Record<string, string> = {};
  const reader = new ChunkReader(
    (async function* () {
      yield archive;
    })(),
  );
  for await (const entry of entriesOf('cpio', reader, 'x')) {
    found[entry.path] = Buffer.from(await entry.read()).toString();
  }
  t.deepEqual(found, files);
});
