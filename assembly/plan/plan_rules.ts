import {Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {PlanFrame, within} from './plan_frame';
import {NONE} from './plan_wire';

/** What the checks of all records have in common. Every function gives whether the rule is kept. */
@final
export class PlanRules {
  /** The record whose rules are being checked. */
  private part: string = 'head';
  private index: u32 = NONE;

  constructor(
    private readonly frame: PlanFrame,
    private readonly faults: Faults,
  ) {}

  /** Says whose rules come next, for messages; `index` is NONE where there is but one. */
  of(part: string, index: u32 = NONE): void {
    this.part = part;
    this.index = index;
  }

  /** Text in the shared area. */
  text(offsetField: usize, sizeField: usize, most: u32): bool {
    const size = load<u32>(sizeField);
    if (size > most) {
      return this.differs(sizeField, 'a name is too long', `at most ${most}`, size.toString());
    }
    if (within(load<u32>(offsetField), size, this.frame.sharedSize)) return true;
    return this.bad(offsetField, 'a text lies outside the shared area');
  }

  zeros(from: usize, size: u32): bool {
    for (let i: u32 = 0; i < size; i++) {
      if (load<u8>(from + i) != 0) {
        return this.bad(from + i, 'a reserved field, or padding, is not zero');
      }
    }
    return true;
  }

  /** `place` is what breaks the rule. */
  bad(place: usize, rule: string): bool {
    return this.differs(place, rule, '', '');
  }

  differs(place: usize, rule: string, wanted: string, found: string): bool {
    const which = this.index == NONE ? '' : ` ${this.index}`;
    this.faults
      .add(FaultCode.PLAN_BAD, `${this.part}${which}: ${rule}`)
      .in(Input.Plan)
      .at(place - this.frame.at)
      .differs(wanted, found);
    return false;
  }
}
