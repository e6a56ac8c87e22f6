import {nameSteps, WorkBudget} from '../btf/work_budget';
import {nameLength} from '../bytes/c_string';
import {Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {SETTING_STEPS_MAX} from '../limits';

/** Pays for the names of the object that settings are compared with, of all of them together. */
@final
export class SettingSearch {
  /** Whether there are too many: then nothing is found any more, and there is a fault. */
  spent: bool = false;
  private readonly budget: WorkBudget = new WorkBudget(SETTING_STEPS_MAX);
  private price: u32 = 1;

  constructor(private readonly faults: Faults) {}

  /** From now on names are compared with this one. */
  begin(name: usize): void {
    this.price = nameSteps(nameLength(name));
  }

  /** Before one more name is looked at. */
  goesOn(): bool {
    if (this.budget.spend(this.price)) return true;
    if (!this.spent) {
      this.faults
        .add(
          FaultCode.OBJ_TOO_LARGE,
          'the options are too many for an object of so many variables and programs',
        )
        .in(Input.Options)
        .advise('give fewer options, or split the object');
    }
    this.spent = true;
    return false;
  }
}
