import {basename} from 'node:path';
import {checkObjects} from '../../src/check/check_objects.js';
import type {CheckCell} from '../../src/check/check_report.js';
import type {Verdict} from './judge.js';
import type {OracleObject, OracleOptions} from './our_plan.js';

/** What `check` says of an object on a kernel, and what that kernel has said. */
export interface Agreement {
  readonly object: string;
  readonly loader: string;
  readonly kernel: string;
  readonly agree: boolean;
}

/**
 * Compares `structops check` with the outcomes in a VM. What loads must be attached, or come to
 * the verifier or the subsystem, which no loader can speak for. What does not load, libbpf must not
 * get into force on that kernel either: nobody else can be asked, as there is no plan.
 *
 * @param verdicts by object, of that kernel
 */
export async function agreementsOn(
  options: OracleOptions,
  objects: readonly OracleObject[],
  verdicts: readonly Verdict[],
): Promise<Agreement[]> {
  const cells = new Map<OracleObject, CheckCell>();
  for (const settings of new Set(objects.map(one => one.settings))) {
    const these = objects.filter(one => one.settings === settings);
    for (const cell of await check(these, options)) {
      cells.set(these[cell.object] as OracleObject, cell);
    }
  }
  return objects.map(one => {
    const [cell, verdict] = [cells.get(one), verdicts.find(({object}) => object === one.name)];
    if (cell === undefined || verdict === undefined) throw new Error(`${one.name} was not seen`);
    return {object: one.name, ...compare(cell, verdict)};
  });
}

/** As `structops check` does, with the same modules and settings. */
async function check(objects: readonly OracleObject[], {kernel, modules = {}}: OracleOptions) {
  const {cells, problems} = await checkObjects({
    objects: objects.map(({bytes, path}) => ({object: bytes, objectName: basename(path)})),
    kernels: [kernel.vmlinuz],
    settings: objects[0]?.settings ?? {},
    modules: Object.entries(modules).map(([name, path]) => ({name, path})),
    threads: 1,
  });
  if (problems[0] !== undefined) throw new Error(problems[0].message);
  return cells;
}

/** What the machine that runs the kernel may lack is no matter of the kernel's, and the plan warns of it. */
function isForeseen({warnings}: CheckCell, refusal: string): boolean {
  const machine = warnings.map(text => /^map (\S+) .* a machine that has no such/.exec(text)?.[1]);
  return machine.some(map => map !== undefined && refusal.startsWith(`BPF_MAP_CREATE ${map}:`));
}

function compare(cell: CheckCell, {ours, libbpf}: Verdict): Omit<Agreement, 'object'> {
  if (cell.loader === 'refused') {
    const codes = [...new Set(cell.faults.map(({code}) => code))];
    // Of an object with nothing in it a kernel is asked nothing.
    const isEmpty = codes.join() === 'OBJ_NOTHING';
    const agree = isEmpty || libbpf.kind === 'unusable' || libbpf.kind === 'refused';
    return {loader: `no: ${codes.join(', ')}`, kernel: `libbpf: ${libbpf.text}`, agree};
  }
  const lost = cell.losses.length === 0 ? '' : ', with losses';
  const isBeyond = ours.by === 'verifier' || ours.by === 'subsystem';
  return {
    loader: `ok${lost}`,
    kernel: ours.by === undefined ? ours.text : `${ours.by}: ${ours.text}`,
    agree: ours.kind === 'attached' || isBeyond || isForeseen(cell, ours.text),
  };
}
