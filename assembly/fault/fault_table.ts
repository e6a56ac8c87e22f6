import {FaultCode} from './fault_code';
import {FaultEntry} from './fault_entry';
import {ofCoreRelocation, ofKernel} from './fault_table_kernel';
import {ofBtf, ofElf, ofObject} from './fault_table_object';

/** The entry of any code; null: not a code. */
export function faultEntry(code: FaultCode): FaultEntry | null {
  if (code < FaultCode.ELF_NOT_ELF) return ofUse(code);
  if (code < FaultCode.BTF_MISSING) return ofElf(code);
  if (code < FaultCode.OBJ_BAD_PROGRAM) return ofBtf(code);
  if (code < FaultCode.KERN_NOT_BTF) return ofObject(code);
  if (code < FaultCode.CORE_BAD_RECORD) return ofKernel(code);
  if (code < FaultCode.PLAN_NOT_PLAN) return ofCoreRelocation(code);
  return ofPlan(code);
}

/** Options and the ABI. */
function ofUse(code: FaultCode): FaultEntry | null {
  switch (code) {
    /**
     * A call of the core lacks an input.
     * A host called a function before it had handed over what that needs.
     */
    case FaultCode.INPUT_MISSING:
      return new FaultEntry(
        'INPUT_MISSING',
        'hand over every input that the call needs before it: docs/embedding.md names them',
      );
    /**
     * A setting names something that the object does not have.
     * The name is mistyped, or the setting is for another object.
     */
    case FaultCode.OPTION_UNKNOWN:
      return new FaultEntry(
        'OPTION_UNKNOWN',
        'compare the spelling with what `structops inspect` shows of the object',
      );
    /**
     * A setting has a value that its target cannot take.
     * The value is of another type, too large, or text that is too long.
     */
    case FaultCode.OPTION_BAD_VALUE:
      return new FaultEntry(
        'OPTION_BAD_VALUE',
        'give a value that fits the type and the size which `structops inspect` shows',
      );
    /**
     * The core found a defect of its own.
     * An assertion of structops failed, whatever the input was.
     */
    case FaultCode.CORE_BUG:
      return new FaultEntry(
        'CORE_BUG',
        'this is a defect of structops: please report it, with the object and the kernel BTF if you may share them',
      );
    default:
      return null;
  }
}

/** Plans handed back. */
function ofPlan(code: FaultCode): FaultEntry | null {
  switch (code) {
    /** The file is no plan. Another file was named. */
    case FaultCode.PLAN_NOT_PLAN:
      return new FaultEntry('PLAN_NOT_PLAN', 'name a file that `structops plan -o` wrote');
    /** The plan is of another version of the format. Another version of structops made it. */
    case FaultCode.PLAN_VERSION:
      return new FaultEntry(
        'PLAN_VERSION',
        'make the plan again with this version of structops, or show it with the one that made it',
      );
    /** The plan ends before its head says. It was cut off when it was copied. */
    case FaultCode.PLAN_TRUNCATED:
      return new FaultEntry(
        'PLAN_TRUNCATED',
        'the file is shorter than its head says: copy it again',
      );
    /** The plan is not as it was made. It was changed or damaged since. */
    case FaultCode.PLAN_DIGEST:
      return new FaultEntry(
        'PLAN_DIGEST',
        'the file was changed or damaged since it was made: copy it again, or make the plan again',
      );
    /** The plan breaks a rule of its format. No version of structops made it. */
    case FaultCode.PLAN_BAD:
      return new FaultEntry(
        'PLAN_BAD',
        'the plan breaks a rule of docs/plan-format.md: make it again, and do not carry it out',
      );
    default:
      return null;
  }
}
