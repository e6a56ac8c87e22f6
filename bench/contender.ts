/** One of several that do the same work, each measured in its own way. */
export interface Contender {
  readonly name: string;
  /** The ratio to libbpf that it should not be above. */
  readonly goal?: number;
  /** Does the work once; milliseconds that count. */
  run(): Promise<number>;
  close?(): void;
}

/** Milliseconds. */
export interface Spread {
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
  readonly count: number;
}

export interface RoundOptions {
  readonly rounds: number;
  /** Measured runs of each contender in a round. */
  readonly runs: number;
  /** Runs before those that are not measured: the caches hold what the one before left. */
  readonly warmUps: number;
}

/**
 * Measures all contenders in turns, so that what the machine does beside it meets all alike.
 * The libraries for benchmarks finish with one before they begin the next, and do not take times
 * that another process has measured.
 */
export async function measureInTurns(
  contenders: readonly Contender[],
  {rounds, runs, warmUps}: RoundOptions,
): Promise<Spread[]> {
  const samples = contenders.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      for (let i = 0; i < warmUps; i++) await contender.run();
      for (let i = 0; i < runs; i++) samples[index]?.push(await contender.run());
    }
  }
  for (const contender of contenders) contender.close?.();
  return samples.map(spreadOf);
}

export function spreadOf(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    p10: quantile(sorted, 0.1),
    p90: quantile(sorted, 0.9),
    count: sorted.length,
  };
}

/** Between two samples by how near each is. */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return below + (above - below) * (place - Math.floor(place));
}
