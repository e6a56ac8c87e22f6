/**
 * A bound on the work that one input may cause: nested types of a hostile file multiply, so depth limits alone do not end
 * in time. One step is about one type or member looked at.
 */
@final
export class WorkBudget {
  constructor(public left: u32) {}

  /** Takes `steps`; false once there are none left. */
  spend(steps: u32): bool {
    if (steps >= this.left) {
      this.left = 0;
      return false;
    }
    this.left -= steps;
    return true;
  }

  get exhausted(): bool {
    return this.left == 0;
  }
}

/** What looking at a name of that length costs: names in C are short, those of a hostile file may have megabytes. */
export function nameSteps(length: u32): u32 {
  return 1 + (length >> 4);
}
