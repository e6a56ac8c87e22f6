import {execa} from 'execa';

/** Where Debian and others keep it, if not in PATH. */
const SBIN = '/usr/sbin:/sbin';

/**
 * How many TCP sockets use each congestion control, listening ones included, in the network
 * namespace of this process; undefined where ss(8) of iproute2 is not installed, or fails.
 *
 * @param command - Another ss.
 */
export async function countSocketsByCongestionControl(
  command = 'ss',
): Promise<ReadonlyMap<string, number> | undefined> {
  const found = await execa(command, ['--no-header', '--tcp', '--all', '--info', '--numeric'], {
    reject: false,
    stdin: 'ignore',
    env: {PATH: `${process.env.PATH ?? ''}:${SBIN}`, LC_ALL: 'C'},
  });
  return found.failed ? undefined : countNames(found.stdout);
}

/**
 * From the lines that `--info` adds: `<tab> ts sack so_second wscale:7,7 rto:204 …`. The name is
 * the last word before the first one with a value; words before it are options of the connection.
 */
export function countNames(output: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of output.split('\n')) {
    if (!line.startsWith('\t')) continue;
    const words = line.trim().split(/\s+/);
    const name = words[words.findIndex(word => word.includes(':')) - 1];
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
