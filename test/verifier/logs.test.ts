import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import type {StepFailed} from '../../src/executor/shim_report.js';
import {explainStepFailed} from '../../src/explain/explain_errno.js';
import {explainVerifierLog} from '../../src/explain/verifier_log.js';
import {getKernel} from '../rig/kernels.js';
import {FOLDER, planRefusal, RECORDED, REFUSALS, wrongIn} from './refusals.js';

/** What is made of the logs that real kernels have written: the cause first, then where. */

/** A result as the executor gives it. */
async function refused(name: string, folder: string) {
  const kernel = await getKernel(RECORDED[folder] ?? '6.1');
  const plan = (await planRefusal(name, kernel)).describe();
  const step = plan.steps.findIndex(one => one.cmd === 'BPF_PROG_LOAD' && one.name === name);
  const failed = {
    ...{status: 'step_failed', step, cmd: 'BPF_PROG_LOAD', name, error: 'EACCES'},
    log: await readFile(join(FOLDER, folder, `${name}.log`), 'utf8'),
  } as StepFailed;
  return {failed, plan};
}

for (const [folder, id] of Object.entries(RECORDED)) {
  for (const [name, {taken}] of Object.entries(REFUSALS)) {
    if (taken && id !== '6.1') continue;
    test(`${folder}: why it refuses ${name}, the source line, the member, what to change`, async t => {
      const {failed, plan} = await refused(name, folder);
      t.deepEqual(await wrongIn(name, id, explainStepFailed(failed, plan)), []);
    });
  }

  test(`${folder}: there is a row for each log`, async t => {
    const names = Object.keys(REFUSALS).filter(name => !REFUSALS[name]?.taken || id === '6.1');
    const logs = names.map(name => `${name}.log`).sort();
    t.deepEqual((await readdir(join(FOLDER, folder))).sort(), logs);
  });
}

test('20 MB of a real log: only its end is read', async t => {
  const log = await readFile(join(FOLDER, 'linux-6.12/many_branches.log'), 'utf8');
  const loop = log.split('\n').slice(0, 50).join('\n');
  const long = `${`${loop}\n`.repeat(Math.ceil((20 * 2 ** 20) / loop.length))}${log}`;
  t.true(long.length > 20 * 2 ** 20);
  t.deepEqual(explainVerifierLog(long), explainVerifierLog(log));
});
