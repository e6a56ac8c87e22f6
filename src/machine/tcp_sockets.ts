import {InputError} from '../errors.js';
import {runCommand} from '../run_command.js';

/**
 * How many TCP sockets use each congestion control, listening ones included, in the network
 * namespace of this process; undefined where ss(8) of iproute2 is not installed, fails, or cannot
 * tell: without the kernel's module tcp_diag it lists sockets, but not what they use.
 *
 * @param command - Another ss.
 */
export async function countSocketsByCongestionControl(
  command = 'ss',
): Promise<ReadonlyMap<string, number> | undefined> {
  const words = [command, '--no-header', '--tcp', '--all', '--info', '--numeric'];
  const purpose = 'to count sockets';
  try {
    const {exitCode, stdout} = await runCommand(words, {packageName: 'iproute2', purpose});
    return exitCode === 0 ? countNames(new TextDecoder().decode(stdout)) : undefined;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/**
 * From the lines that `--info` adds: `<tab> ts sack so_second wscale:7,7 rto:204 …`. The name is
 * the last word before the first one with a value; words before it are options of the connection.
 */
export function countNames(output: string): ReadonlyMap<string, number> | undefined {
  const counts = new Map<string, number>();
  const lines = output.split('\n').filter(Boolean);
  const details = lines.filter(line => line.startsWith('\t'));
  if (details.length === 0 && lines.length > 0) return undefined;
  for (const line of details) {
    const words = line.trim().split(/\s+/);
    const name = words[words.findIndex(word => word.includes(':')) - 1];
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
