import test from 'ava';
import {run} from './fake_executor.js';
import {encode, NONE, withDigest} from './frame_builder.js';
import {at, buildExecutor, link, patch, patchOf, refused, step, stepField} from './refused.js';
import * as sample from './sample_frames.js';

let program = '';

test.before(async () => {
  program = await buildExecutor('structure_refusals');
});

/** Step 7 of `linkFrame` writes the value of the struct_ops map: two of its patches are in it. */
const firstOps = patchOf(7);
const firstProg = patchOf(5);

test('a right frame is carried out', async t => {
  for (const parts of [sample.linkFrame(), sample.legacyFrame()]) {
    const {exitCode, results, stderr} = await run(program, {input: encode(parts)});
    t.deepEqual(
      results.map(result => result.status),
      ['done', 'released'],
      stderr,
    );
    t.is(exitCode, 0);
  }
});

// The envelope.
test('three bytes', refused, 'truncated', 'head 0', () => Buffer.from('str'));
test('nothing of the magic', refused, 'bad_magic', 'head 0', () => Buffer.alloc(200));
test(
  'version 2',
  refused,
  'bad_version',
  'head 0',
  link(() => {}, {version: 2}),
);
const hugeSize = link(() => {}, {frame_size: (64 << 20) + 1});
test('64 MiB and a byte', refused, 'frame_too_large', 'head 0', hugeSize);
test(
  'a size without a head',
  refused,
  'bad_frame_size',
  'head 0',
  link(() => {}, {frame_size: 159}),
);
test('a byte short', refused, 'truncated', 'head 0', () =>
  encode(sample.linkFrame()).subarray(0, -1),
);
test('a byte changed', refused, 'bad_digest', 'head 0', () => {
  const frame = encode(sample.linkFrame());
  frame[300] = at([...frame], 300) ^ 1;
  return frame;
});

// The head.
const counts = {slot: 4096, module: 64, step: 16384, patch: 262144, note: 262144};
for (const [name, most] of Object.entries(counts)) {
  const field = `${name}_count`;
  const tooMany = link(() => {}, {[field]: most + 1});
  test(`${most + 1} for ${field}`, refused, 'too_many_records', 'head 0', tooMany);
}
test(
  'one step too many',
  refused,
  'bad_frame_size',
  'head 0',
  link(() => {}, {step_count: 10}),
);
test(
  'a blob of 4 GiB',
  refused,
  'bad_frame_size',
  'head 0',
  link(() => {}, {blob_size: 0xfffffff8}),
);
test('a note between the parts', refused, 'bad_frame_size', 'head 0', () => {
  const frame = encode(sample.linkFrame());
  frame.writeUInt32LE(frame.length + 32, 12);
  return withDigest(Buffer.concat([frame.subarray(0, -32), Buffer.alloc(32)]));
});
test(
  'a blob of 4 bytes more',
  refused,
  'bad_blob_size',
  'head 0',
  link(parts => {
    parts.blob = Buffer.concat([parts.blob, Buffer.alloc(4)]);
  }),
);
const head = (change: Record<string, number | bigint>) =>
  link(parts => Object.assign(parts.head, change));
test('a shared area of 4 bytes less', refused, 'bad_blob_size', 'head 0', head({shared_size: 20}));
test('shared beyond the blob', refused, 'bad_blob_size', 'head 0', head({shared_size: 1 << 20}));
for (const field of ['zero_0', 'zero_1', 'zero_2']) {
  test(`head ${field}`, refused, 'reserved_not_zero', 'head 0', head({[field]: 1}));
}
test('name after the shared area', refused, 'bad_name', 'head 0', head({object_name: 24}));
test('name that wraps', refused, 'bad_name', 'head 0', head({object_name: 0xffff_fffc}));
test('name of 256 bytes', refused, 'bad_name', 'head 0', () => {
  const long = {bytes: Buffer.from(`${'x'.repeat(255)}\0`), shared: true};
  const parts = sample.linkFrame(steps => {
    steps[5] = {...sample.moduleProgLoad, ranges: {...sample.moduleProgLoad.ranges, 16: long}};
  });
  return encode(parts, {object_name: 0, object_name_size: 256});
});
test('a digest of no BTF', refused, 'bad_btf_size', 'head 0', head({btf_size: 0}));

// Modules.
const module = (change: Record<string, number | bigint>) =>
  link(parts => Object.assign(at(parts.modules, 0), change));
test('module field', refused, 'reserved_not_zero', 'module 0', module({zero: 1}));
test('module without a name', refused, 'bad_name', 'module 0', module({name_size: 0}));
test('module name of 56 bytes', refused, 'bad_name', 'module 0', module({name_size: 56}));
test('module name out of place', refused, 'bad_name', 'module 0', module({name: 1000}));
test('module without BTF', refused, 'bad_btf_size', 'module 0', module({btf_size: 0n}));
test(
  'module, but no vmlinux',
  refused,
  'bad_btf_size',
  'module 0',
  head({btf_size: 0, btf_xxh64: 0n}),
);
test('module slot', refused, 'slot_out_of_range', 'module 0', module({slot: 6}));
test('module slot 2^32-1', refused, 'slot_out_of_range', 'module 0', module({slot: NONE}));
test(
  'two modules, one slot',
  refused,
  'slot_filled_twice',
  'module 1',
  link(parts => {
    parts.modules.push({...at(parts.modules, 0)});
  }),
);

// Steps.
test('step field 40', refused, 'reserved_not_zero', 'step 3', stepField(3, {zero_0: 1}));
test('step field 44', refused, 'reserved_not_zero', 'step 3', stepField(3, {zero_1: 1}));
test('phase 0', refused, 'bad_phase', 'step 0', stepField(0, {phase: 0}));
test('phase 3', refused, 'bad_phase', 'step 8', stepField(8, {phase: 3}));
test('load after attach', refused, 'bad_phase', 'step 8', stepField(8, {phase: 1}));
test('flag 4', refused, 'bad_flags', 'step 6', stepField(6, {flags: 4}));
test('step name beyond shared', refused, 'bad_name', 'step 2', stepField(2, {name: 24}));
test('step name of 256 bytes', refused, 'bad_name', 'step 2', stepField(2, {name_size: 256}));
test('no attr', refused, 'bad_attr_size', 'step 3', stepField(3, {attr_size: 0}));
test('an attr of 4 GiB', refused, 'bad_attr_size', 'step 3', stepField(3, {attr_size: NONE}));
test('an attr of 24 bytes for 32', refused, 'bad_attr_size', 'step 2', step(2, {attrSize: 24}));
test('an attr of 96 bytes for 92', refused, 'bad_attr_size', 'step 1', step(1, {attrSize: 96}));
test('attr in the shared area', refused, 'range_out_of_place', 'step 0', stepField(0, {attr: 0}));
test(
  'attr where another is',
  refused,
  'range_out_of_place',
  'step 1',
  link(({steps}) => {
    at(steps, 1).attr = at(steps, 0).attr;
  }),
);
test(
  'attr past the end of the blob',
  refused,
  'range_past_blob',
  'step 8',
  link(parts => {
    parts.blob = parts.blob.subarray(0, -8);
  }),
);
test('a gap in the patches', refused, 'bad_patch_list', 'step 2', stepField(2, {patch_first: 3}));
test(
  'more patches than there are',
  refused,
  'bad_patch_list',
  'step 8',
  stepField(8, {patch_count: 9}),
);
test('4 GiB of patches', refused, 'bad_patch_list', 'step 0', stepField(0, {patch_count: NONE}));
test(
  'a patch of no step',
  refused,
  'patch_of_no_step',
  `patch ${firstOps + 5}`,
  link(({steps}) => {
    steps.pop();
  }),
);
test('result slot', refused, 'slot_out_of_range', 'step 0', stepField(0, {slot: 6}));
test(
  'filled by the module before',
  refused,
  'slot_filled_twice',
  'step 0',
  stepField(0, {slot: 0}),
);
test('filled by a step before', refused, 'slot_filled_twice', 'step 1', stepField(1, {slot: 1}));

// Patches.
test('patch field', refused, 'reserved_not_zero', 'patch 0', patch(0, 0, {zero: 1}));
for (const kind of [0, 6, NONE]) {
  test(`patch kind ${kind}`, refused, 'bad_patch_kind', 'patch 0', patch(0, 0, {kind}));
}
test('address of 4 bytes', refused, 'bad_patch_width', 'patch 0', patch(0, 0, {width: 4}));
test('fd of 8 bytes in attr', refused, 'bad_patch_width', 'patch 1', patch(1, 0, {width: 8}));
const widths = [0, 1, 2, 16, NONE];
for (const width of widths) {
  const frame = patch(7, 3, {width});
  test(`fd of ${width} bytes`, refused, 'bad_patch_width', `patch ${firstOps + 3}`, frame);
}
test('empty range', refused, 'bad_patch_size', 'patch 0', patch(0, 0, {size: 0}));
test('fd with a size', refused, 'bad_patch_size', 'patch 1', patch(1, 0, {size: 4}));
test('slot beyond the table', refused, 'slot_out_of_range', 'patch 1', patch(1, 0, {source: 6}));
test('slot filled later', refused, 'slot_read_before_filled', 'patch 1', patch(1, 0, {source: 4}));
test(
  'slot filled by itself',
  refused,
  'slot_read_before_filled',
  'patch 1',
  patch(1, 0, {source: 2}),
);
test(
  'attr patches descend',
  refused,
  'patch_out_of_order',
  'patch 3',
  link(({patches}) => {
    at(patches, 2).offset = 24;
  }),
);
test(
  'attr after blob',
  refused,
  'patch_out_of_order',
  `patch ${firstOps + 4}`,
  patch(7, 4, {kind: 2}),
);
test(
  'blob patches descend',
  refused,
  'patch_out_of_order',
  `patch ${firstOps + 4}`,
  link(({patches}) => {
    const [a, b] = [at(patches, firstOps + 3), at(patches, firstOps + 4)];
    [a.offset, b.offset] = [b.offset, a.offset];
  }),
);
test(
  'the same place twice',
  refused,
  'patch_overlaps',
  `patch ${firstOps + 4}`,
  link(({patches}) => {
    at(patches, firstOps + 4).offset = at(patches, firstOps + 3).offset;
  }),
);
test(
  'four bytes shared',
  refused,
  'patch_overlaps',
  `patch ${firstOps + 4}`,
  link(({patches}) => {
    at(patches, firstOps + 4).offset = at(patches, firstOps + 3).offset + 4;
  }),
);
test(
  'last 4 of 8 bytes outside',
  refused,
  'patch_outside_attr',
  'patch 0',
  patch(0, 0, {offset: 36}),
);
test(
  'offset that wraps',
  refused,
  'patch_outside_attr',
  'patch 0',
  patch(0, 0, {offset: NONE - 3}),
);
const outside = (offset: number) =>
  link(({patches}) => {
    at(patches, firstOps + 4).offset = offset;
  });
const place = at(sample.linkFrame().patches, firstOps + 2).source;
const opsPatch = `patch ${firstOps + 4}`;
test('blob patch past its range', refused, 'patch_outside_range', opsPatch, outside(place + 36));
test('blob patch past the blob', refused, 'patch_outside_range', opsPatch, outside(NONE - 7));
test('blob patch in another range', refused, 'patch_outside_range', `patch ${firstOps + 3}`, () => {
  const parts = sample.linkFrame();
  at(parts.patches, firstOps + 3).offset = at(parts.patches, 2).source;
  return encode(parts);
});
test('blob patch in shared bytes', refused, 'patch_outside_range', `patch ${firstOps + 3}`, () => {
  const parts = sample.linkFrame();
  at(parts.patches, firstOps + 3).offset = at(parts.patches, firstOps + 1).source;
  return encode(parts);
});
test(
  'bytes under an address',
  refused,
  'patch_target_not_zero',
  'patch 0',
  link(({blob, steps}) => {
    blob[at(steps, 0).attr + 7] = 1;
  }),
);
test(
  'bytes under an fd',
  refused,
  'patch_target_not_zero',
  opsPatch,
  link(({blob, patches}) => {
    blob[at(patches, firstOps + 4).offset + 7] = 1;
  }),
);
test(
  'range out of place',
  refused,
  'range_out_of_place',
  'patch 0',
  link(({patches}) => {
    at(patches, 0).source += 8;
  }),
);
test(
  'range half shared',
  refused,
  'range_out_of_place',
  'patch 0',
  link(({patches, head}) => {
    Object.assign(at(patches, 0), {source: Number(head.shared_size) - 8, size: 16});
  }),
);
test('range of 4 GiB', refused, 'range_past_blob', 'patch 0', patch(0, 0, {size: NONE - 7}));
test(
  'range used twice',
  refused,
  'range_out_of_place',
  `patch ${firstProg + 3}`,
  link(({patches}) => {
    at(patches, firstProg + 3).source = at(patches, firstProg).source;
  }),
);
test(
  'padding',
  refused,
  'padding_not_zero',
  'patch 0',
  link(({blob, patches}) => {
    blob[at(patches, 0).source + 27] = 1;
  }),
);
test(
  'padding of an attr',
  refused,
  'padding_not_zero',
  'step 1',
  link(({blob, steps}) => {
    blob[at(steps, 1).attr + 95] = 1;
  }),
);
test(
  'bytes that nothing uses',
  refused,
  'blob_left_over',
  `blob ${sample.linkFrame().blob.length}`,
  link(parts => {
    parts.blob = Buffer.concat([parts.blob, Buffer.alloc(8)]);
  }),
);

// Notes.
const note = (change: Record<string, number>) =>
  link(parts => Object.assign(at(parts.notes, 0), change));
test('note field', refused, 'reserved_not_zero', 'note 0', note({zero: 1}));
test('note of step 9', refused, 'bad_note', 'note 0', note({step: 9}));
test('note past the blob', refused, 'bad_note', 'note 0', note({offset: 1 << 20}));
test('note that wraps', refused, 'bad_note', 'note 0', note({offset: 8, size: NONE}));
test('note text out of place', refused, 'bad_note', 'note 0', note({text_size: 1000}));
