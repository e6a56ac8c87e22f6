import {nameSteps, WorkBudget} from '../btf/work_budget';
import {essentialLength, nameLength, prefixesEqual} from '../bytes/c_string';

const UNDERSCORE: u8 = 0x5f;

/**
 * Whether the kernel's name is `local`, of `localLength` bytes without its flavour, but for a flavour of its own. Two
 * empty names match. The caller has paid for `local`.
 */
export function essentialNameIs(
  kern: usize,
  local: usize,
  localLength: u32,
  budget: WorkBudget,
): bool {
  if (!prefixesEqual(local, kern, localLength)) return false;
  const next = load<u8>(kern + localLength);
  if (next != 0) {
    // Only a flavour may follow.
    if (next != UNDERSCORE || !budget.spend(nameSteps(nameLength(kern)))) return false;
  }
  return essentialLength(kern) == localLength;
}
