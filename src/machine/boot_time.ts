import {readFileSync} from 'node:fs';

/**
 * When this kernel booted, in milliseconds since 1970: what the kernel's own times count from
 * (CLOCK_BOOTTIME: also of the time asleep).
 *
 * @param proc - Another directory than /proc.
 */
export function bootTimeMs(proc = '/proc', nowMs = Date.now()): number {
  const [uptimeSeconds = ''] = readFileSync(`${proc}/uptime`, 'utf8').split(' ');
  return nowMs - Number(uptimeSeconds) * 1000;
}
