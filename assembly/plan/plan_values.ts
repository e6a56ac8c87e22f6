import * as wire from './plan_wire';

/**
 * Of the name of a kernel symbol: KSYM_NAME_LEN of the kernel, without its NUL. The executor has the same in
 * shim/plan_wire.h.
 */
export const SYMBOL_NAME_MAX: u32 = 511;

/** The name that docs/plan-json.md gives a run-time value; empty: there is no such value. */
export function valueName(value: u32): string {
  switch (value) {
    case wire.VALUE_POSSIBLE_CPUS:
      return 'POSSIBLE_CPUS';
    case wire.VALUE_KSYM_LOW:
      return 'KSYM_LOW';
    case wire.VALUE_KSYM_HIGH:
      return 'KSYM_HIGH';
    case wire.VALUE_WEAK_KSYM_LOW:
      return 'WEAK_KSYM_LOW';
    case wire.VALUE_WEAK_KSYM_HIGH:
      return 'WEAK_KSYM_HIGH';
    case wire.VALUE_HOTPLUG_SEQ:
      return 'HOTPLUG_SEQ';
    default:
      return '';
  }
}

/** Bytes. */
export function valueWidth(value: u32): u32 {
  return value == wire.VALUE_HOTPLUG_SEQ ? 8 : 4;
}

/** Whether its argument is the blob offset of a symbol's name, which ends in NUL. */
export function valueHasSymbol(value: u32): bool {
  return value >= wire.VALUE_KSYM_LOW && value <= wire.VALUE_WEAK_KSYM_HIGH;
}
