/** What `structops.doctor/1` looks like: docs/doctor.md. */
export interface Diagnosis {
  readonly schema: 'structops.doctor/1';
  /** Whether nothing stands in the way of every struct_ops: no finding is an `error`. */
  readonly usable: boolean;
  readonly findings: readonly Finding[];
}

/** `error`: no plan can be applied here; `warning`: some cannot, or one step more is needed. */
export type Severity = 'ok' | 'warning' | 'error';

export interface Finding {
  /** Stable, such as `kernel.btf`. */
  readonly id: string;
  readonly severity: Severity;
  /** What was seen, in one line. */
  readonly found: string;
  /** What follows from it. */
  readonly why?: string;
  /** What to do, in one line. */
  readonly remedy?: string;
}
