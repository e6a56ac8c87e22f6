import {ByteWriter} from '../bytes/byte_writer';
import {EMPTY_NAME, nameIs} from '../bytes/c_string';
import {SHA256_SIZE} from '../bytes/lent_sha256';
import {Input} from '../fault/fault';
import {FaultCode} from '../fault/fault_code';
import {Faults} from '../fault/faults';
import {Inputs} from '../inputs';
import {refuseUnknown, Setting, splitSettings} from '../options';
import {refuseValue} from '../settings/setting_faults';
import {STRUCTOPS_LIST} from '../uapi/bpf_attr';
import {CAP_SYS_ADMIN} from '../uapi/capability';
import {Plan} from './plan';
import {encodePlan, sealPlan} from './plan_encode';
import * as wire from './plan_wire';
import {checkPath, Registration, zeroKeyOf} from './registration';

/**
 * A plan that loads no object: it lists what is there, or takes something of it away. Made of options alone (docs/embedding.md,
 * "Queries"), it is for any kernel.
 */
export function makeQuery(inputs: Inputs, out: ByteWriter, faults: Faults): bool {
  const settings = splitSettings(inputs.options, faults);
  const plan = new Plan();
  plan.objectSha256 = heap.alloc(SHA256_SIZE);
  memory.fill(plan.objectSha256, 0, SHA256_SIZE);
  plan.objectName = plan.shared.name(EMPTY_NAME);
  // Whoever sees what others have made is an administrator to the kernel.
  plan.capabilities = (<u64>1) << CAP_SYS_ADMIN;
  const query = new Query(faults);
  for (let i = 0; i < settings.length && !faults.full; i++) {
    query.add(settings[i]);
    plan.setting(settings[i].text);
  }
  if (!faults.any) query.addSteps(plan);
  if (faults.any || !encodePlan(plan, out, faults)) return false;
  sealPlan(out);
  return true;
}

@final
class Query {
  private isList: bool = false;
  private registration: Registration | null = null;
  private readonly pins: Setting[] = [];
  private name: usize = EMPTY_NAME;

  constructor(private readonly faults: Faults) {}

  add(setting: Setting): void {
    const faults = this.faults;
    if (nameIs(setting.name, 'list')) {
      this.isList = nameIs(setting.value, '1');
      if (!this.isList) refuseValue(faults, setting, '1');
    } else if (nameIs(setting.name, 'detach')) {
      this.registration = Registration.parse(setting, faults);
    } else if (nameIs(setting.name, 'unpin')) {
      if (checkPath(setting, faults)) this.pins.push(setting);
    } else if (nameIs(setting.name, 'name')) {
      this.name = setting.value;
    } else {
      refuseUnknown(setting, faults);
    }
  }

  addSteps(plan: Plan): void {
    const name = plan.shared.name(this.name);
    const registration = this.registration;
    if (this.isList == (registration !== null) || (this.isList && this.pins.length > 0)) {
      this.faults
        .add(FaultCode.INPUT_MISSING, 'a query is list=1, or detach= with what is to be detached')
        .in(Input.Options);
      return;
    }
    if (registration === null) {
      plan.add(STRUCTOPS_LIST, wire.PHASE_LOAD, name);
      return;
    }
    registration.get(plan, name);
    if (registration.pin != 0) registration.unpin(plan, name, registration.pin);
    for (let i = 0; i < this.pins.length; i++) registration.unpin(plan, name, this.pins[i].value);
    registration.detach(plan, name, zeroKeyOf(plan));
  }
}
