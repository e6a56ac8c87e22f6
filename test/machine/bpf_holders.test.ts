import {chmod, mkdir, mkdtemp, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {findBpfHolders} from '../../src/machine/bpf_holders.js';

/** What /proc has of a process: fd -> the target of its link, and its fdinfo. */
interface Process {
  readonly comm: string;
  readonly fds: Readonly<Record<number, readonly [target: string, info: string]>>;
}

async function writeProc(processes: Readonly<Record<string, Process>>): Promise<string> {
  const proc = await mkdtemp(join(tmpdir(), 'structops-proc-'));
  await writeFile(join(proc, 'uptime'), '1 1\n');
  for (const [pid, {comm, fds}] of Object.entries(processes)) {
    for (const part of ['fd', 'fdinfo']) await mkdir(join(proc, pid, part), {recursive: true});
    await writeFile(join(proc, pid, 'comm'), `${comm}\n`);
    for (const [fd, [target, info]] of Object.entries(fds)) {
      await symlink(target, join(proc, pid, 'fd', fd));
      await writeFile(join(proc, pid, 'fdinfo', fd), info);
    }
  }
  return proc;
}

const map = (id: number) =>
  ['anon_inode:bpf-map', `pos:\t0\nmap_type:\t26\nmap_id:\t${id}\nfrozen:\t0\n`] as const;
const link = (id: number) =>
  [
    'anon_inode:bpf_link',
    `pos:\t0\nlink_type:\tstruct_ops\nlink_id:\t${id}\nprog_id:\t9\n`,
  ] as const;

test('each process that has an fd of a map or a link is found once, by the ids', async t => {
  const proc = await writeProc({
    7: {comm: 'loader', fds: {3: map(41), 4: link(5), 5: map(41), 6: ['/etc/passwd', 'pos:\t0\n']}},
    8: {comm: 'other', fds: {3: map(41), 4: ['anon_inode:bpf-prog', 'prog_id:\t41\n']}},
    9: {comm: 'odd', fds: {3: ['anon_inode:bpf-map', 'pos:\t0\n']}},
  });
  const {maps, links, hiddenProcesses} = findBpfHolders(proc);
  t.deepEqual(
    [...maps],
    [
      [
        41,
        [
          {pid: 7, command: 'loader'},
          {pid: 8, command: 'other'},
        ],
      ],
    ],
  );
  t.deepEqual([...links], [[5, [{pid: 7, command: 'loader'}]]]);
  t.is(hiddenProcesses, 0);
});

test('the process that looks can be left out', async t => {
  const proc = await writeProc({7: {comm: 'ours', fds: {3: link(5)}}});
  t.is(findBpfHolders(proc, 7).links.size, 0);
});

const asOther = process.getuid?.() === 0 ? test.serial : test;

asOther('processes that this user may not look into are counted', async t => {
  const proc = await writeProc({
    7: {comm: 'secret', fds: {3: link(5)}},
    8: {comm: 'open', fds: {3: link(6)}},
  });
  await chmod(proc, 0o755);
  await chmod(join(proc, '7/fd'), 0);
  const uid = process.geteuid?.();
  // Root may look into everything.
  if (uid === 0) process.seteuid?.(65534);
  try {
    const found = findBpfHolders(proc);
    t.is(found.hiddenProcesses, 1);
    t.deepEqual([...found.links.keys()], [6]);
  } finally {
    if (uid === 0) process.seteuid?.(0);
  }
});
