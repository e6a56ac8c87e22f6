import {join} from 'node:path';
import test from 'ava';
import {fuzzSeed} from '../../helpers/random.js';
import {REPOSITORY} from '../../rig/cache.js';
import {COMMON} from './c_types.js';
import {compareSeed, compareSources} from './differential.js';
import {explanationOf} from './explained.js';

/** `npm run fuzz:libbpf` does more of it. */
const PROGRAMS = 8;

const place = join(REPOSITORY, 'build/test/differential');

test(`${PROGRAMS} generated programs: planned as libbpf loads them, or for no reason that differs`, async t => {
  t.timeout(600_000);
  const first = fuzzSeed();
  t.log(`FUZZ_SEED=${first}`);
  const seen: string[] = [];
  for (let seed = first; seen.length < PROGRAMS && seed < first + 4 * PROGRAMS; seed++) {
    const compared = await compareSeed(seed, join(place, `seed-${seed % PROGRAMS}`));
    if (compared === null) continue;
    const {verdict, explained} = compared;
    t.true(verdict.same || explained !== undefined, `seed ${seed}: ${verdict.why.join('; ')}`);
    seen.push(verdict.libbpf.kind);
  }
  t.is(seen.length, PROGRAMS);
  t.true(seen.filter(kind => kind === 'attached').length >= PROGRAMS / 4, seen.join());
});

const RUN = 'int (*run)(struct s0 *p); ';
const UNION = 'union { u32 a; s32 b; }; ';
const STRUCT = 'struct { u32 c; u32 d; };';

/** A kind with members that have no name, in an object and in a kernel. */
function unnamed(members: string, set: string, kernelMembers: string) {
  const head = `${COMMON}struct s0 { int x; };\n`;
  const ops = (text: string) => `struct k_ops { ${text} };\n`;
  return {
    object:
      `${head}${ops(members)}` +
      'char LICENSE[] __attribute__((section("license"), used)) = "GPL";\n' +
      '__attribute__((section("struct_ops"), used)) int run(u64 *ctx) { return 0; }\n' +
      `__attribute__((section(".struct_ops.link"), used)) struct k_ops ops = { .run = (void *)run, ${set} };\n`,
    kernel:
      `${head}${ops(kernelMembers)}enum state { STATE_INIT };\nstruct refcount { int refs; };\n` +
      'struct bpf_struct_ops_common_value { struct refcount refcnt; enum state state; };\n' +
      'struct bpf_struct_ops_k_ops { struct bpf_struct_ops_common_value common; struct k_ops data; } value;\n' +
      'struct bpf_struct_ops_link { u64 x; } a_link;\n',
  };
}

test('found: members without a name are those of the kernel in their order', async t => {
  const {verdict, plan, explained} = await compareSources(
    unnamed(`${UNION}${RUN}${STRUCT}`, '.a = 1, .c = 2, .d = 3', `${RUN}${UNION}${STRUCT}`),
    join(place, 'unnamed'),
  );
  t.is(verdict.libbpf.text, 'load: ENOTSUP', 'libbpf takes the union for both');
  t.is(explained, 'members without a name');
  if (!('plan' in plan)) return t.fail(verdict.ours.text);
  const update = plan.plan.describe().steps.find(({cmd}) => cmd === 'BPF_MAP_UPDATE_ELEM');
  // Behind the common part: run, the union, the struct.
  t.is(update?.blobs.value, `${'00'.repeat(16)}01000000020000000300000000000000`);
});

test('found: one member without a name is as libbpf has it', async t => {
  const {verdict} = await compareSources(
    unnamed(`${RUN}${UNION}`, '.a = 1', `${UNION}${RUN}`),
    join(place, 'one_unnamed'),
  );
  t.true(verdict.same, verdict.why.join('; '));
});

test('what nobody has explained is a difference', t => {
  const outcome = {kind: 'attached', text: 'attached'} as const;
  const verdict = {
    ...{
      object: 'x',
      same: false,
      libbpf: outcome,
      ours: {kind: 'planned', text: 'planned'} as const,
    },
    ...{why: ['step plan 3, libbpf 3: BPF_PROG_LOAD x: insns, byte 4'], meant: {}, log: ''},
  };
  t.is(explanationOf(verdict, Buffer.alloc(64)), undefined);
});
