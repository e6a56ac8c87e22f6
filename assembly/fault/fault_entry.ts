/** What hosts are told of a fault code. */
@final
export class FaultEntry {
  constructor(
    /** Stable, such as `KERN_NO_LINKS`. */
    readonly name: string,
    /** What to try, unless the fault itself advises better. */
    readonly hint: string,
  ) {}
}
