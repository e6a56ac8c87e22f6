import {type CoreModule, callCoreForJson} from '../core/wasm_core.js';
import type {PlanDescription} from './plan_description.js';

/** The first bytes of every plan: docs/plan-format.md, "Head". */
const MAGIC = 'structop';

/** A list of `bpf(2)` calls for one kernel, as `structops plan -o` keeps it. */
export class Plan {
  readonly #core: CoreModule | undefined;
  #description: PlanDescription | undefined;

  /**
   * @param bytes - A whole frame of docs/plan-format.md. Not copied.
   * @param core - The core to describe it with. Default: the one of this package.
   */
  constructor(
    readonly bytes: Uint8Array,
    core?: CoreModule,
  ) {
    this.#core = core;
  }

  /** Whether bytes begin as a plan does. */
  static isPlan(bytes: Uint8Array): boolean {
    return new TextDecoder('latin1').decode(bytes.subarray(0, MAGIC.length)) === MAGIC;
  }

  /**
   * Every step with every byte, made from the plan's bytes alone.
   *
   * @throws {PlanError} The bytes are no plan, or damaged.
   */
  describe(): PlanDescription {
    this.#description ??= callCoreForJson<PlanDescription>(
      'describePlan',
      [{kind: 'plan', bytes: this.bytes}],
      this.#core,
    );
    return this.#description;
  }
}
