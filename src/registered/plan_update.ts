import {posix} from 'node:path';
import type {Bytes} from '../core/wasm_core.js';
import {InputError} from '../errors.js';
import type {Replacement} from '../inputs/settings.js';
import {inspectObject} from '../inspect/inspect_object.js';
import type {Plan} from '../plan/plan.js';
import {planForRunningKernel, type RunningKernelRequest} from '../plan/plan_for_running_kernel.js';
import {planObject} from '../plan/plan_object.js';
import {pinPathOf} from './pin_path.js';
import {idOf, type Registration} from './registration.js';

export interface UpdateRequest extends RunningKernelRequest {
  /** Default: the running kernel's. */
  readonly kernelBtf?: Bytes;
  /** The struct_ops variable that replaces it. Default: the object's only one of its kind. */
  readonly variable?: string;
  /** The directory that the new one is pinned in, by its name; by default where the old one was. */
  readonly pin?: string;
  /** Default: `/sys/fs/bpf`. */
  readonly pinRoot?: string;
}

export interface PlannedUpdate {
  readonly plan: Plan;
  readonly replaces: Registration;
  readonly variable: string;
  /** How: `update`, at once; `detach`, the old one goes before the new one comes. */
  readonly swap: 'update' | 'detach';
  /** Whether the new one stays without a process that holds it. */
  readonly stays: boolean;
}

/**
 * Plans to put a variable of an object in the place of what is registered. Other struct_ops variables of the object are not made.
 *
 * @throws {InputError} The object has no variable of that kind, or several.
 * @throws {PlanError} As `planObject`.
 */
export function planUpdate(replaces: Registration, request: UpdateRequest): PlannedUpdate {
  const {variable: _, pin, pinRoot, kernelBtf, settings = {}, ...rest} = request;
  const variables = variablesOf(request);
  const variable = chooseVariable(replaces, variables, request);
  const linked = variables.find(({name}) => name === variable)?.link ?? false;
  const swap = linked && replaces.link !== undefined ? replaces.swap : 'detach';
  const others = variables.filter(({name}) => name !== variable).map(({name}) => [name, false]);
  const pinned = swap === 'update' ? undefined : pinFor(replaces, variable, pin, pinRoot);
  const full = {
    ...rest,
    settings: {
      ...settings,
      create: {...settings.create, ...Object.fromEntries(others)},
      replace: {...settings.replace, [variable]: replacementOf(replaces, swap, pinRoot)},
      ...(pinned !== undefined && {pins: {...settings.pins, [variable]: pinned}}),
    },
  };
  const plan = kernelBtf ? planObject({...full, kernelBtf}) : planForRunningKernel(full);
  // A link that is updated stays with whoever has it.
  return {plan, replaces, variable, swap, stays: swap === 'update' || pinned !== undefined};
}

function variablesOf({object, objectName, core}: UpdateRequest) {
  return inspectObject({object, objectName, ...(core && {core})}).struct_ops;
}

function chooseVariable(
  {kind, name}: Registration,
  variables: ReturnType<typeof variablesOf>,
  {variable, objectName}: UpdateRequest,
): string {
  const ofKind = variables.filter(({struct}) => withoutFlavour(struct) === kind);
  const wanted = ofKind.filter(one => one.name === (variable ?? name));
  const [only, ...others] = wanted.length > 0 || variable !== undefined ? wanted : ofKind;
  if (only !== undefined && others.length === 0) return only.name;
  const names = ofKind.map(one => one.name).join(', ') || 'none';
  throw new InputError('BAD_ARGUMENT', {
    what:
      only === undefined
        ? `${objectName} has no ${kind} ${variable ?? ''}`.trimEnd()
        : `${objectName} has several variables that could replace ${name}`,
    why: `only a struct of the same kind can take its place; of that kind: ${names}`,
    hint: only === undefined ? `structops inspect ${objectName}` : 'say which: --variable NAME',
  });
}

/** As `essential_name` of libbpf. */
function withoutFlavour(struct: string): string {
  return struct.replace(/___.*$/, '');
}

/** Where the new one is pinned: as it was typed, else where the old one was. */
function pinFor(
  {pins, link}: Registration,
  variable: string,
  directory?: string,
  pinRoot?: string,
): string | undefined {
  const old = pins.find(({of}) => of === (link === undefined ? 'map' : 'link'));
  const path = directory === undefined ? old?.path : posix.join(directory, variable);
  return path === undefined ? undefined : pinPathOf(path, pinRoot);
}

function replacementOf(
  replaces: Registration,
  swap: 'update' | 'detach',
  pinRoot?: string,
): Replacement {
  const {link, map, pins} = replaces;
  if (swap === 'update') return {registration: idOf(replaces), mapId: map.id, swap};
  const of = link === undefined ? 'map' : 'link';
  const paths = pins.filter(pin => pin.of === of).map(({path}) => pinPathOf(path, pinRoot));
  return {registration: idOf(replaces), unpin: paths, swap};
}
