/** Times of one program, from its start to the end of its last BPF_LINK_CREATE, in milliseconds. */
export interface ApplyTimes {
  readonly total: number;
  /** In bpf(2): what the kernel itself spends on verifying, loading and registering. */
  readonly bpf: number;
  /** In all other system calls. */
  readonly otherCalls: number;
  /** Outside of system calls: its own instructions and page faults. */
  readonly user: number;
  readonly bpfCalls: number;
}

const SYS_BPF = 321;
const LINK_CREATE = 28;

/** `  structops-shim-123   [000] .....    12.345678: sys_enter: NR 321 (1c, 7ffd…, 40, …)` */
const LINE = /-(\d+) +\[\d+\] \S+ +(\d+\.\d+): (\w+): (.*)$/gm;

interface Event {
  readonly pid: string;
  readonly ms: number;
  readonly name: string;
  readonly text: string;
}

/**
 * From a trace of raw_syscalls and sched_process_exec that has one process which makes a link.
 *
 * @throws {Error} No process in it makes one.
 */
export function applyTimesOf(trace: string): ApplyTimes {
  const events = [...trace.matchAll(LINE)].map(
    ([, pid = '', seconds, name = '', text = '']): Event => ({
      pid,
      ms: Number(seconds) * 1000,
      name,
      text,
    }),
  );
  const linkAt = events.findLastIndex(event => isEnter(event, SYS_BPF, LINK_CREATE));
  const pid = events[linkAt]?.pid;
  const endAt = events.findIndex(
    (event, at) => at > linkAt && event.pid === pid && event.name === 'sys_exit',
  );
  // A wrapper script has the same process: the last program that it became counts.
  const startAt = events
    .slice(0, linkAt)
    .findLastIndex(event => event.pid === pid && event.name === 'sched_process_exec');
  if (linkAt < 0 || endAt < 0 || startAt < 0) throw new Error('the trace has no whole apply');
  const own = events.slice(startAt, endAt + 1).filter(event => event.pid === pid);
  return timesOf(own);
}

function timesOf(events: readonly Event[]): ApplyTimes {
  const total = (events.at(-1)?.ms ?? 0) - (events[0]?.ms ?? 0);
  let bpf = 0;
  let otherCalls = 0;
  let bpfCalls = 0;
  let entered: Event | undefined;
  for (const event of events) {
    if (event.name === 'sys_enter') entered = event;
    if (event.name !== 'sys_exit' || entered === undefined) continue;
    if (isEnter(entered, SYS_BPF)) {
      bpf += event.ms - entered.ms;
      bpfCalls += 1;
    } else {
      otherCalls += event.ms - entered.ms;
    }
    entered = undefined;
  }
  return {total, bpf, otherCalls, user: total - bpf - otherCalls, bpfCalls};
}

function isEnter({name, text}: Event, call: number, firstArgument?: number): boolean {
  if (name !== 'sys_enter') return false;
  const start = `NR ${call} (`;
  if (!text.startsWith(start)) return false;
  return firstArgument === undefined || parseInt(text.slice(start.length), 16) === firstArgument;
}
