import type {KernelNames} from './kernel_names.js';
import {openProbe} from './wasm_probe.js';

/** What a kernel can be built without: a function that tells whether it has it -> its kfuncs. */
const OPTIONAL: readonly (readonly [marker: string, kfunc: RegExp])[] = [
  ['scx_bpf_create_dsq', /scx_/],
  ['hid_bpf_get_data', /^hid_bpf_/],
  ['bpf_qdisc_init_prologue', /^bpf_(qdisc_|kfree_skb$|skb_get_hash$)/],
];

/** Kinds of struct_ops that are known; a kernel may be built without most of them. */
const KINDS = ['tcp_congestion_ops', 'bpf_dummy_ops', 'hid_bpf_ops', 'sched_ext_ops', 'Qdisc_ops'];
const ALWAYS = new Set(['tcp_congestion_ops', 'bpf_dummy_ops']);

const MAP_TYPES_MAX = 64;

export function releaseNumber(release: string): number {
  const [major = 0, minor = 0] = release.split('.').map(part => Number.parseInt(part, 10));
  return major * 1000 + minor;
}

/**
 * Where a kernel is not as the core's table of releases says: it lacks what it should have, or has
 * what only later ones should.
 *
 * @param kfuncs - Whose release is looked up.
 */
export async function sinceDisagrees(
  release: string,
  {functions, structs, mapTypes}: KernelNames,
  kfuncs: Iterable<string>,
): Promise<{readonly known: number; readonly wrong: readonly string[]}> {
  const probe = await openProbe();
  const wrong: string[] = [];
  let known = 0;
  const compare = (what: string, isThere: boolean, mayLack = false) => {
    const since = String(probe.json());
    if (since === '') return;
    known++;
    const isNewer = releaseNumber(since) > releaseNumber(release);
    if (isThere && isNewer) wrong.push(`${what}: Linux ${release} has it, ${since} is said`);
    if (!isThere && !isNewer && !mayLack) wrong.push(`${what}: Linux ${release} lacks it`);
  };
  for (const name of kfuncs) {
    probe.call('sinceOfKfunc', Buffer.from(name));
    const family = OPTIONAL.find(([, pattern]) => pattern.test(name));
    compare(name, functions.has(name), family !== undefined && !functions.has(family[0]));
  }
  for (const name of KINDS) {
    probe.call('sinceOfKind', Buffer.from(name));
    compare(name, structs.has(`bpf_struct_ops_${name}`), !ALWAYS.has(name));
  }
  for (let type = 1; type < MAP_TYPES_MAX; type++) {
    probe.exports.sinceOfMapType(type);
    compare(`maps of type ${type}`, mapTypes.has(type));
  }
  return {known, wrong};
}
