import {readdirSync, readFileSync, readlinkSync} from 'node:fs';

/** A process that has an fd of a BPF object. */
export interface Holder {
  readonly pid: number;
  /** The first 15 bytes of its name, as ps(1) shows them. */
  readonly command: string;
}

/** Who holds what, by the kernel's ids. */
export interface BpfHolders {
  readonly maps: ReadonlyMap<number, readonly Holder[]>;
  readonly links: ReadonlyMap<number, readonly Holder[]>;
  /** How many processes may not be looked into by this user: whoever holds may be among them. */
  readonly hiddenProcesses: number;
}

/** How the link of an fd in /proc/PID/fd reads -> the line of its fdinfo that has the id. */
const KINDS = {
  'anon_inode:bpf-map': {of: 'maps', line: /^map_id:\t(\d+)$/m},
  'anon_inode:bpf_link': {of: 'links', line: /^link_id:\t(\d+)$/m},
} as const;

/**
 * Finds the processes that hold maps and links, in /proc/PID/fd and /proc/PID/fdinfo
 * (`bpf_map_show_fdinfo` and `bpf_link_show_fdinfo` of the kernel).
 *
 * @param proc - Another directory than /proc.
 * @param except - A process to leave out, such as the one that looks.
 */
export function findBpfHolders(proc = '/proc', except?: number): BpfHolders {
  const found = {maps: new Map<number, Holder[]>(), links: new Map<number, Holder[]>()};
  let hiddenProcesses = 0;
  for (const name of readdirSync(proc)) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === except) continue;
    for (const fd of fdsOf(`${proc}/${name}`, () => hiddenProcesses++)) {
      const kind = KINDS[targetOf(`${proc}/${name}/fd/${fd}`) as keyof typeof KINDS];
      if (kind === undefined) continue;
      const id = kind.line.exec(textOf(`${proc}/${name}/fdinfo/${fd}`))?.[1];
      if (id !== undefined) note(found[kind.of], Number(id), pid, `${proc}/${name}/comm`);
    }
  }
  return {...found, hiddenProcesses};
}

/** One process may have several fds of an object. */
function note(of: Map<number, Holder[]>, id: number, pid: number, commPath: string): void {
  const holders = of.get(id) ?? [];
  if (holders.some(holder => holder.pid === pid)) return;
  of.set(id, [...holders, {pid, command: textOf(commPath).trimEnd()}]);
}

function fdsOf(directory: string, onHidden: () => void): string[] {
  try {
    return readdirSync(`${directory}/fd`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') onHidden();
    // Processes and fds go while they are looked for.
    return [];
  }
}

function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
