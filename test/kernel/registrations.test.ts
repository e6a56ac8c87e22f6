import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import test from 'ava';
import {bpftoolFiles} from '../rig/bpftool.js';
import {guestTool} from '../rig/guest_tools.js';
import {getKernel, type KernelId} from '../rig/kernels.js';
import {packageFiles} from '../rig/package_files.js';
import {LOAD_SS_MODULES, ssFiles} from '../rig/ss.js';
import {runInVm} from '../rig/vm.js';
import {objectFile} from './example_plan.js';

// structops list, update, detach and apply --pin, on what bpftool has registered and on our own.

/** Keeps what a command said in /out/LABEL, .err and .code. */
const RUN = `
run() {
  label=$1; shift
  "$@" > /out/$label 2> /out/$label.err
  echo $? > /out/$label.code
}
names() { cat /proc/sys/net/ipv4/tcp_available_congestion_control > /out/$1; }
cd /root
`;

const WITH_LINKS = `
${LOAD_SS_MODULES}
bpftool struct_ops register first_link.bpf.o /sys/fs/bpf
bpftool struct_ops register second.bpf.o
traffic so_first 3 > /out/traffic & traffic=$!
until grep -q ready /out/traffic; do sleep 0.1; done
# It would take most of the only CPU.
renice -n 19 -p $traffic
run list structops list --json
run text structops list
run near structops detach so_secnd
run dry structops update so_first second_link.bpf.o --set so_second.name=so_first --dry-run
run refused structops update so_first second_link.bpf.o
run still structops list --json
run update structops update so_first second_link.bpf.o --set so_second.name=so_first --json
kill $traffic; wait $traffic
run updated structops list --json
run detach structops detach so_first
run legacy structops detach so_second --json
names detached
run pin structops apply second_link.bpf.o --pin cc
run pinned structops list --json
run bpftool bpftool -j struct_ops list
run by_pin structops detach /sys/fs/bpf/cc/so_second
names unpinned
structops apply --json second_link.bpf.o > /out/held & held=$!
until grep -qw so_second /proc/sys/net/ipv4/tcp_available_congestion_control; do sleep 0.2; done
run under structops detach so_second
wait $held
echo $? > /out/held.code
names end
bpftool link list > /out/links; bpftool map list > /out/maps; find /sys/fs/bpf -type f > /out/pins
`;

const LEGACY = `
run pin structops apply second.bpf.o --pin cc
run pinned structops list --json
run detach structops detach so_second
structops apply --json first.bpf.o > /out/held & held=$!
until grep -qw so_first /proc/sys/net/ipv4/tcp_available_congestion_control; do sleep 0.2; done
run holder structops list --json
kill -KILL $(sed -n 's/.*"pid": \\([0-9]*\\).*/\\1/p' /out/holder); wait $held
run left structops list --json
run text structops list
run removed structops detach so_first
names end
bpftool map list > /out/maps; find /sys/fs/bpf -type f > /out/pins
`;

const SCHEDULER = `
scx="--enum-constants __SCX_ --hotplug-seq so_shared.hotplug_seq"
run pin structops apply shared.bpf.o $scx --pin scx
run pinned structops list --json
run dry structops update so_shared shared.bpf.o $scx --dry-run
run update structops update so_shared shared.bpf.o $scx --json
run updated structops list --json
run failed structops update so_shared shared.bpf.o $scx --set so_shared.timeout_ms=60000
run after structops list --json
cat /sys/kernel/sched_ext/state > /out/state
run detach structops detach so_shared
cat /sys/kernel/sched_ext/state > /out/state_end
run q_pin structops apply fifo.bpf.o --pin q
run q_pinned structops list --json
run q_failed structops update so_fifo fifo.bpf.o --set so_fifo.id=pfifo_fast --json
run q_after structops list --json
run q_detach structops detach so_fifo
bpftool link list > /out/links; find /sys/fs/bpf -type f > /out/pins
`;

type Out = ReadonlyMap<string, Buffer>;
const text = (out: Out, name: string) => out.get(name)?.toString().trimEnd() ?? '';
// biome-ignore lint/suspicious/noExplicitAny: the tests say what they expect of it
const json = (out: Out, name: string): any => JSON.parse(text(out, name) || 'null');
const said = (out: Out, name: string) =>
  `${text(out, name)}\n${text(out, `${name}.err`)}\nexit code ${text(out, `${name}.code`)}`;

const untimed = ({registrations}: {registrations: object[]}) =>
  registrations.map(one => ({...one, since: undefined}));

async function runOn(id: KernelId, script: string, objects: readonly string[]): Promise<Out> {
  const kernel = await getKernel(id);
  const scratch = await mkdtemp(`${tmpdir()}/structops-registrations-`);
  try {
    const {outFiles} = await runInVm({
      kernel,
      memoryMiB: 1536,
      timeoutSeconds: 900,
      files: [
        ...(await packageFiles()),
        ...(await bpftoolFiles()),
        ...(id === '6.12' ? await ssFiles(kernel) : []),
        await guestTool('traffic'),
        ...objects.map(objectFile),
      ],
      script: RUN + script,
    });
    return outFiles;
  } finally {
    await rm(scratch, {recursive: true});
  }
}

const TCP = ['tcp/first', 'tcp/first_link', 'tcp/second', 'tcp/second_link'];

test.serial('Linux 6.12: what bpftool registered, and our own, with links and without', async t => {
  t.timeout(1_200_000);
  const out = await runOn('6.12', WITH_LINKS, TCP);
  const ok = (name: string) => t.is(text(out, `${name}.code`), '0', said(out, name));

  ok('list');
  const [first, second] = json(out, 'list').registrations;
  t.like(first, {
    name: 'so_first',
    kind: 'tcp_congestion_ops',
    state: 'in_force',
    swap: 'update',
    pins: [{of: 'link', path: '/sys/fs/bpf/so_first'}],
    holders: [],
    sockets: 3,
    left_behind: false,
  });
  t.is(first.id, `link:${first.link.id}`);
  t.is(first.programs.length, 3);
  t.like(second, {name: 'so_second', link: null, left_behind: true, sockets: 0});
  t.regex(text(out, 'text'), /left behind: .*\n +try: structops detach map:\d+/);

  t.is(text(out, 'near.code'), '2');
  t.regex(text(out, 'near.err'), /no struct_ops called so_secnd[\s\S]*did you mean so_second/);

  ok('dry');
  t.regex(text(out, 'dry'), /at once[\s\S]*BPF_LINK_UPDATE/);
  // Another name than that of the one in force: the kernel says so at the last step.
  t.is(text(out, 'refused.code'), '1', said(out, 'refused'));
  // The time of boot is known to some milliseconds only.
  t.deepEqual(untimed(json(out, 'still')), untimed(json(out, 'list')));

  ok('update');
  t.like(json(out, 'update'), {schema: 'structops.update/1', swap: 'update', gap_ns: null});
  const updated = json(out, 'updated').registrations.find(
    (one: {name: string}) => one.name === 'so_first',
  );
  t.like(updated, {id: first.id, state: 'in_force', pins: first.pins});
  t.not(updated.map.id, first.map.id);
  t.like(JSON.parse(text(out, 'traffic').split('\n').at(-1) ?? ''), {broken: 0, refused: 0});

  ok('detach');
  ok('legacy');
  t.like(json(out, 'legacy'), {schema: 'structops.detached/1', name: 'so_second'});
  t.is(text(out, 'detached'), 'reno cubic');

  ok('pin');
  t.regex(text(out, 'pin'), /pinned: \/sys\/fs\/bpf\/cc\/so_second/);
  const [pinned] = json(out, 'pinned').registrations;
  t.like(pinned, {pins: [{of: 'link', path: '/sys/fs/bpf/cc/so_second'}], holders: []});
  t.deepEqual(json(out, 'bpftool'), [
    {id: pinned.map.id, name: 'so_second', kernel_struct_ops: 'tcp_congestion_ops'},
  ]);
  ok('by_pin');
  t.is(text(out, 'unpinned'), 'reno cubic');

  ok('under');
  t.is(text(out, 'held.code'), '1', text(out, 'held'));
  t.regex(text(out, 'held'), /"status":"detached"/);
  for (const left of ['links', 'maps', 'pins']) t.is(text(out, left), '', left);
  t.is(text(out, 'end'), 'reno cubic');
});

test.serial('Linux 6.1: without links, what SIGKILL leaves is found and removed', async t => {
  t.timeout(1_200_000);
  const out = await runOn('6.1', LEGACY, TCP);
  const ok = (name: string) => t.is(text(out, `${name}.code`), '0', said(out, name));
  ok('pin');
  t.regex(text(out, 'pin'), /without a link: in force until .structops detach so_second/);
  const [pinned] = json(out, 'pinned').registrations;
  t.like(pinned, {name: 'so_second', state: 'in_force', link: null, left_behind: false});
  t.deepEqual(pinned.pins, [{of: 'map', path: '/sys/fs/bpf/cc/so_second'}]);
  ok('detach');
  const [held] = json(out, 'holder').registrations;
  t.like(held, {name: 'so_first', left_behind: false});
  t.like(held.holders, [{command: 'structops-shim'}]);
  const [left] = json(out, 'left').registrations;
  t.like(left, {name: 'so_first', holders: [], left_behind: true});
  t.true(text(out, 'text').includes(`try: structops detach map:${left.map.id}`));
  ok('removed');
  for (const name of ['maps', 'pins']) t.is(text(out, name), '', name);
  t.is(text(out, 'end'), 'reno cubic');
});

test.serial(
  'newest Linux: a scheduler swapped with a gap, and back if the new one is refused',
  async t => {
    t.timeout(1_200_000);
    const out = await runOn('newest', SCHEDULER, ['sched_ext/shared', 'qdisc/fifo']);
    const ok = (name: string) => t.is(text(out, `${name}.code`), '0', said(out, name));
    ok('pin');
    const [first] = json(out, 'pinned').registrations;
    t.like(first, {name: 'so_shared', kind: 'sched_ext_ops', swap: 'detach', left_behind: false});
    ok('dry');
    t.regex(text(out, 'dry'), /BPF_LINK_DETACH[\s\S]*BPF_LINK_CREATE/);
    ok('update');
    const update = json(out, 'update');
    t.like(update, {swap: 'detach', stays: true});
    t.log(`nothing was in force for ${(update.gap_ns / 1e6).toFixed(1)} ms`);
    t.true(update.gap_ns > 0 && update.gap_ns < 60e9, String(update.gap_ns));
    const [second] = json(out, 'updated').registrations;
    t.like(second, {name: 'so_shared', pins: [{of: 'link', path: '/sys/fs/bpf/scx/so_shared'}]});
    t.not(second.map.id, first.map.id);
    t.is(text(out, 'failed.code'), '1', said(out, 'failed'));
    const [after] = json(out, 'after').registrations;
    t.like(after, {name: 'so_shared', state: 'in_force', pins: second.pins});
    t.is(after.map.id, second.map.id);
    t.is(text(out, 'state'), 'enabled');
    ok('detach');
    t.is(text(out, 'state_end'), 'disabled');

    // There is a qdisc of that name, which the kernel says when the old one is detached already.
    ok('q_pin');
    const [fifo] = json(out, 'q_pinned').registrations;
    t.is(text(out, 'q_failed.code'), '1', said(out, 'q_failed'));
    const {result} = json(out, 'q_failed');
    t.like(result, {cmd: 'BPF_LINK_CREATE', error: 'EEXIST'});
    t.log(`back after ${(result.gap_ns / 1e6).toFixed(1)} ms`);
    const [again] = json(out, 'q_after').registrations;
    t.like(again, {name: fifo.name, state: 'in_force', map: fifo.map, pins: fifo.pins});
    ok('q_detach');
    for (const left of ['links', 'pins']) t.is(text(out, left), '', left);
  },
);
