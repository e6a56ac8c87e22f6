import {nameText} from '../bytes/c_string';
import {Fault, Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {Setting} from '../options';

/** A setting of what the object does not have. */
export function refuseName(faults: Faults, setting: Setting, what: string): Fault {
  return refuse(faults, FaultCode.OPTION_UNKNOWN, setting, what);
}

/** A setting whose value does not fit. */
export function refuseValue(faults: Faults, setting: Setting, wanted: string): Fault {
  const what = `cannot be set to ${nameText(setting.value)}`;
  return refuse(faults, FaultCode.OPTION_BAD_VALUE, setting, what).differs(
    wanted,
    nameText(setting.value),
  );
}

function refuse(faults: Faults, code: FaultCode, setting: Setting, what: string): Fault {
  return faults
    .add(code, `${nameText(setting.name)} ${what}`)
    .in(Input.Options)
    .ofSymbol(nameText(setting.name))
    .at(setting.offset);
}
