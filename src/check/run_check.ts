import {StructopsError} from '../errors.js';
import {explainStepFailed} from '../explain/explain_errno.js';
import {countsIn} from '../explain/verifier_log.js';
import {Plan} from '../plan/plan.js';
import {type TriedPlan, tryPlans} from '../vm/try_plans.js';
import type {KeptCheck} from './check_objects.js';
import type {CheckCell, CheckedKernel, CheckReport, VerifiedProgram} from './check_report.js';

/**
 * Proves a check: boots each kernel that has an image, loads every plan, and puts the verifier's
 * answer into the cells.
 *
 * @param onKernel - Called before each boot.
 * @throws {InputError} qemu, busybox or the executor is missing here.
 */
export async function runCheck(
  {report, kept}: KeptCheck,
  onKernel: (kernel: CheckedKernel) => void = () => {},
): Promise<CheckReport> {
  const cells: CheckCell[] = [...report.cells];
  for (const [number, kernel] of report.kernels.entries()) {
    const {plans = [], image, modules = []} = kept[number] ?? {};
    const own = cells.flatMap((cell, index) => (cell.kernel === number ? [index] : []));
    const planned = own.filter(index => plans[cells[index]?.object ?? -1] !== undefined);
    const bytes = planned.map(index => plans[cells[index]?.object ?? -1] as Uint8Array);
    if (image === undefined || kernel.machine !== 'x86-64') {
      for (const index of planned) set(cells, index, cannotRun(CANNOT_BOOT));
    } else if (bytes.length > 0) {
      onKernel(kernel);
      const answers = await answersOf(kernel, image, bytes, modules);
      for (const [i, index] of planned.entries()) {
        const answer = answers[i];
        const verdict =
          answer === undefined || answer instanceof StructopsError
            ? cannotRun(
                [answer?.shortMessage ?? 'no answer', answer?.why].filter(Boolean).join(': '),
              )
            : verdictOf(answer, new Plan(bytes[i] as Uint8Array));
        set(cells, index, verdict);
      }
    }
  }
  return {...report, cells};
}

const CANNOT_BOOT = 'only an x86-64 kernel with its image, not its BTF alone, can be booted here';

type Verdict = Pick<CheckCell, 'verifier'> & Partial<CheckCell>;

function set(cells: CheckCell[], index: number, verdict: Verdict): void {
  cells[index] = {...(cells[index] as CheckCell), ...verdict};
}

function cannotRun(reason: string): Verdict {
  return {verifier: 'cannot_run', verifier_reason: reason};
}

/** That one kernel does not boot is an answer for its cells; that nothing can, is thrown. */
async function answersOf(
  kernel: CheckedKernel,
  image: Uint8Array,
  plans: readonly Uint8Array[],
  modules: readonly Uint8Array[],
): Promise<readonly (TriedPlan | StructopsError)[]> {
  try {
    return await tryPlans({kernel: kernel.name, image, plans, modules});
  } catch (error) {
    if (!(error instanceof StructopsError) || error.code !== 'KERNEL_DID_NOT_RUN') throw error;
    return plans.map(() => error);
  }
}

function verdictOf({result, verified}: TriedPlan, plan: Plan): Verdict {
  const description = plan.describe();
  const loads = description.steps.filter(({cmd}) => cmd === 'BPF_PROG_LOAD');
  const programs: VerifiedProgram[] = verified.map((text, index) => ({
    name: loads[index]?.name ?? '?',
    accepted: true,
    ...countsIn(text.split('\n')),
  }));
  if (result.status === 'loaded') return {verifier: 'accepted', programs};
  if (result.status === 'wrong_kernel') {
    return cannotRun(`in the VM the module ${result.btf} was not loaded, or is another one`);
  }
  if (result.status !== 'step_failed') {
    return cannotRun(`the executor answered ${result.status}`);
  }
  const {what, why = ''} = explainStepFailed(result, description);
  const counted = countsIn((result.log ?? '').split('\n'));
  const failed = {name: result.name, accepted: false, ...counted};
  return {
    verifier: 'refused',
    verifier_reason: [what, ...why.split('\n')].filter(Boolean).join('; '),
    programs: result.cmd === 'BPF_PROG_LOAD' ? [...programs, failed] : programs,
  };
}
