import {fileURLToPath} from 'node:url';
import {bpftoolFiles} from './bpftool.js';
import {guestTool} from './guest_tools.js';
import type {GuestFile} from './initramfs.js';
import type {Kernel} from './kernels.js';

/** A congestion control from its registration, through a transfer, to its end. */
export interface Scenario {
  /** Names its facts; a file name. */
  readonly label: string;
  /** Shell command that registers `name` and keeps it until SIGINT. */
  readonly holder: string;
  /** The congestion control's. */
  readonly name: string;
  /** 1 MiB when absent. */
  readonly bytes?: number;
  /** Milliseconds in which every packet is lost, amid the transfer; 0 when absent. */
  readonly outageMs?: number;
  /** Kernel names of data maps, for instance `first.bss`, to read after the transfer. */
  readonly maps?: readonly string[];
  /** Seconds for the holder to register, and to end; 30 when absent. */
  readonly waitSeconds?: number;
}

/** What was seen in the guest. Names are those of tcp_available_congestion_control. */
export interface ScenarioFacts {
  readonly namesBefore: readonly string[];
  readonly namesDuring: readonly string[];
  readonly namesAfter: readonly string[];
  /** BPF objects that came with the holder, for instance `map 3 26 so_first`. */
  readonly objectsAdded: readonly string[];
  /** Those that are there after its end, and were not before. */
  readonly objectsLeft: readonly string[];
  /** What `transfer` printed; undefined when the name was not registered or it failed. */
  readonly transfer: Transfer | undefined;
  /** All that `transfer` wrote, for the message of a failed test. */
  readonly transferOutput: string;
  /** Map name -> variable -> value, as far as the maps were found. */
  readonly variables: ReadonlyMap<string, Readonly<Record<string, number>>>;
  readonly holderExitCode: number;
  readonly holderOutput: string;
}

export interface Transfer {
  readonly asked: string;
  readonly used: string;
  readonly bytes: number;
  readonly ms: number;
}

const SCRIPT = fileURLToPath(new URL('guest/scenario.sh', import.meta.url));
const IN_GUEST = '/rig/scenario.sh';

/**
 * What a guest needs for the lines of scenarioCommand(). One for arm64 gets no bpftool: of it
 * there are no facts about variables.
 */
export async function scenarioFiles(kernelId?: Kernel['id']): Promise<GuestFile[]> {
  return [
    {hostPath: SCRIPT, guestPath: IN_GUEST},
    await guestTool('transfer', kernelId),
    await guestTool('foreground', kernelId),
    ...(kernelId === 'arm64' ? [] : await bpftoolFiles()),
  ];
}

/** A line of shell that runs one scenario in a guest. */
export function scenarioCommand(scenario: Scenario): string {
  const environment = Object.entries({
    OUT: `/out/${scenario.label}`,
    HOLDER: scenario.holder,
    NAME: scenario.name,
    BYTES: String(scenario.bytes ?? 1024 * 1024),
    OUTAGE_MS: String(scenario.outageMs ?? 0),
    MAPS: (scenario.maps ?? []).join(' '),
    WAIT_S: String(scenario.waitSeconds ?? 30),
  });
  const assignments = environment.map(([key, value]) => `${key}=${shellQuoted(value)}`);
  return `${assignments.join(' ')} sh ${IN_GUEST}`;
}

/** The facts that a scenario's line left in a guest's /out. */
export function readFacts(outFiles: ReadonlyMap<string, Buffer>, label: string): ScenarioFacts {
  const fact = (name: string) => outFiles.get(`${label}/${name}`)?.toString() ?? '';
  const before = linesOf(fact('objects_before'));
  const added = (name: string) => linesOf(fact(name)).filter(line => !before.includes(line));
  const prefix = `${label}/map_`;
  const dumps = [...outFiles].filter(([path]) => path.startsWith(prefix));
  return {
    namesBefore: wordsOf(fact('names_before')),
    namesDuring: wordsOf(fact('names_during')),
    namesAfter: wordsOf(fact('names_after')),
    objectsAdded: added('objects_during'),
    objectsLeft: added('objects_after'),
    transfer:
      fact('transfer_exit_code') === '0\n' ? JSON.parse(fact('transfer_output')) : undefined,
    transferOutput: fact('transfer_output'),
    variables: new Map(
      dumps.map(([path, dump]) => [path.slice(prefix.length), variablesOf(dump.toString())]),
    ),
    holderExitCode: Number(fact('holder_exit_code')),
    holderOutput: fact('holder_output'),
  };
}

/** From `bpftool -j map dump` of a data section: one element, its value a list of variables. */
function variablesOf(dump: string): Record<string, number> {
  const [element] = JSON.parse(dump);
  const sections: Record<string, Record<string, number>[]> = element.formatted.value;
  return Object.assign({}, ...Object.values(sections).flat());
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function linesOf(text: string): string[] {
  return text.split('\n').filter(Boolean);
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}
