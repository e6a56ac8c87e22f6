import {FaultCode} from './fault_code';

/** Which input a fault lies in. */
export enum Input {
  None = 0,
  Object = 1,
  Kernel = 2,
  Module = 3,
  Plan = 4,
  Options = 5,
}

/** An offset that does not apply. */
export const NO_OFFSET: u64 = u64.MAX_VALUE;

/**
 * Why an input cannot be used: a stable code, one sentence, and where. Refusing an input is a value, never a throw:
 * AssemblyScript has no catch, and the host wants every reason, not the first.
 */
@final
export class Fault {
  input: Input = Input.Object;
  offset: u64 = NO_OFFSET;
  section: string = '';
  symbol: string = '';
  struct: string = '';
  member: string = '';
  wanted: string = '';
  found: string = '';
  hint: string = '';
  /** What of the kernel is missing, and the release of Linux that brought it; empty where it does not apply. */
  feature: string = '';
  since: string = '';
  /** The right name, if one is near. */
  near: string = '';

  constructor(
    readonly code: FaultCode,
    readonly message: string,
  ) {}

  in(input: Input): Fault {
    this.input = input;
    return this;
  }

  /** `offset` counts bytes from the start of the input. */
  at(offset: u64): Fault {
    this.offset = offset;
    return this;
  }

  ofSection(name: string): Fault {
    this.section = name;
    return this;
  }

  ofSymbol(name: string): Fault {
    this.symbol = name;
    return this;
  }

  ofMember(struct: string, member: string): Fault {
    this.struct = struct;
    this.member = member;
    return this;
  }

  differs(wanted: string, found: string): Fault {
    this.wanted = wanted;
    this.found = found;
    return this;
  }

  /** What the kernel would have to have; `release` may be empty. */
  needs(feature: string, release: string): Fault {
    this.feature = feature;
    this.since = release;
    return this;
  }

  /** The name that may have been meant; empty: none. */
  resembles(name: string): Fault {
    this.near = name;
    return this;
  }

  /** What to try, where the table of fault codes does not say it already. */
  advise(hint: string): Fault {
    this.hint = hint;
    return this;
  }
}
