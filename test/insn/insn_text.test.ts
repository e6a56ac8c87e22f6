import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import test from 'ava';
import {execa} from 'execa';
import {openProbe, type WasmProbe} from '../helpers/wasm_probe.js';
import {REPOSITORY} from '../rig/cache.js';
import {BPF_COMPILER, ensureSystemPackages} from '../rig/system_packages.js';

let probe: WasmProbe;

test.before(async () => {
  probe = await openProbe();
});

function textOf(hex: string): string {
  probe.call('instructions', Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  return probe.text().trimEnd();
}

const writes = test.macro({
  exec: (t, hex: string, text: string) => t.is(textOf(hex), text),
  title: (_, hex: string, text: string) => `${hex} is ${text}`,
});

// code, registers (source, destination), offset, immediate: RFC 9669, in the words of the verifier.
test(writes, '07 01 0000 fbffffff', 'r1 += -5');
test(writes, '0f 21 0000 00000000', 'r1 += r2');
test(writes, '1c 21 0000 00000000', 'w1 -= w2');
test(writes, '27 03 0000 0a000000', 'r3 *= 10');
test(writes, '37 03 0000 0a000000', 'r3 /= 10');
test(writes, '37 03 0100 0a000000', 'r3 s/= 10');
test(writes, '9f 43 0100 00000000', 'r3 s%= r4');
test(writes, '94 03 0000 0a000000', 'w3 %= 10');
test(writes, '47 03 0000 01000000', 'r3 |= 1');
test(writes, '57 03 0000 ff000000', 'r3 &= 255');
test(writes, '67 03 0000 20000000', 'r3 <<= 32');
test(writes, '77 03 0000 20000000', 'r3 >>= 32');
test(writes, 'c7 03 0000 20000000', 'r3 s>>= 32');
test(writes, 'a7 03 0000 01000000', 'r3 ^= 1');
test(writes, '87 03 0000 00000000', 'r3 = -r3');
test(writes, '84 03 0000 00000000', 'w3 = -w3');
test(writes, 'b7 06 0000 00000080', 'r6 = -2147483648');
test(writes, 'bc 21 0000 00000000', 'w1 = w2');
test(writes, 'bf 21 0800 00000000', 'r1 = (s8)r2');
test(writes, 'bc 21 1000 00000000', 'w1 = (s16)w2');
test(writes, 'bf 21 0100 01000000', 'r1 = addr_space_cast(r2, 0, 1)');
test(writes, 'd4 01 0000 20000000', 'r1 = le32 r1');
test(writes, 'dc 01 0000 10000000', 'r1 = be16 r1');
test(writes, 'd7 01 0000 40000000', 'r1 = bswap64 r1');
test(writes, '18 01 0000 efbeadde 00000000 01000000', 'r1 = 0x1deadbeef');
test(writes, '79 61 1000 00000000', 'r1 = *(u64 *)(r6 +16)');
test(writes, '71 61 f8ff 00000000', 'r1 = *(u8 *)(r6 -8)');
test(writes, '91 61 0000 00000000', 'r1 = *(s8 *)(r6 +0)');
test(writes, '81 61 0000 00000000', 'r1 = *(s32 *)(r6 +0)');
test(writes, '6a 0a feff 07000000', '*(u16 *)(r10 -2) = 7');
test(writes, '63 1a fcff 00000000', '*(u32 *)(r10 -4) = r1');
test(writes, '30 00 0000 0c000000', 'r0 = *(u8 *)skb[12]');
test(writes, '48 10 0000 0c000000', 'r0 = *(u16 *)skb[r1 + 12]');
test(writes, 'db 21 0800 00000000', 'lock *(u64 *)(r1 +8) += r2');
test(writes, 'c3 21 0800 a0000000', 'lock *(u32 *)(r1 +8) ^= r2');
test(writes, 'db 21 0800 01000000', 'r2 = atomic_fetch_add((u64 *)(r1 +8), r2)');
test(writes, 'db 21 0000 e1000000', 'r2 = atomic_xchg((u64 *)(r1 +0), r2)');
test(writes, 'c3 21 0000 e1000000', 'r2 = atomic_xchg((u32 *)(r1 +0), r2)');
test(writes, 'db 21 0000 f1000000', 'r0 = atomic_cmpxchg((u64 *)(r1 +0), r0, r2)');
test(writes, 'db 21 0000 00010000', 'r1 = load_acquire((u64 *)(r2 +0))');
test(writes, 'db 21 0000 10010000', 'store_release((u64 *)(r1 +0), r2)');
test(writes, '05 00 fdff 00000000', 'goto pc-3');
test(writes, '06 00 0000 00000100', 'gotol pc+65536');
test(writes, '0d 01 0000 00000000', 'gotox r1');
test(writes, 'e5 00 0200 00000000', 'may_goto pc+2');
test(writes, '15 01 0500 00000000', 'if r1 == 0 goto pc+5');
test(writes, '1d 21 0500 00000000', 'if r1 == r2 goto pc+5');
test(writes, '46 01 0500 01000000', 'if w1 & 1 goto pc+5');
test(writes, 'de 21 0500 00000000', 'if w1 s<= w2 goto pc+5');
test(writes, '85 00 0000 01000000', 'call helper 1');
test(writes, '85 10 0000 07000000', 'call pc+7');
test(writes, '85 20 0000 39300000', 'call kernel function 12345');
test(writes, '95 00 0000 00000000', 'exit');

for (const hex of ['e7 01 0000 01000000', 'db 21 0800 33000000', '86 00 0000 00000000']) {
  test(`${hex} is no instruction, and is shown as it is`, t => {
    t.is(textOf(hex), `unknown 0x${hex.replaceAll(' ', '')}`);
  });
}

test('every opcode has a text', t => {
  for (let code = 0; code < 256; code++) {
    const bytes = Buffer.alloc(16);
    bytes[0] = code;
    t.regex(
      textOf(bytes.toString('hex')),
      /^[ -~]{4,80}(\n[ -~]{4,80})?$/,
      `0x${code.toString(16)}`,
    );
  }
});

/** LLVM writes numbers in hex, with a blank behind the sign, and says less of what is called. */
function asLlvm(text: string): string {
  return text.replace(/call (helper |kernel function |pc\+?)/, 'call ').replace(/ pc(?=[+-])/, ' ');
}

function decimal(llvm: string): string {
  return llvm
    .replace(/ <[^<]*>$/, '')
    .replace(/ ll$/, '')
    .replace(/([+-]) 0x/, '$10x')
    .replace(/(-?)0x([\da-f]+)/g, (_, sign, digits) => `${sign}${BigInt(`0x${digits}`)}`);
}

const FOLDERS = [
  'examples/tcp',
  'examples/sched_ext',
  'examples/qdisc',
  'examples/hid',
  'test/bpf',
];

for (const folder of FOLDERS) {
  test(`${folder}: all instructions read as LLVM's disassembler reads them`, async t => {
    await ensureSystemPackages(BPF_COMPILER);
    const names = await readdir(join(REPOSITORY, folder));
    const objects = names.filter(name => name.endsWith('.bpf.o'));
    t.true(objects.length > 0);
    for (const name of objects) {
      const {stdout} = await execa('llvm-objdump-19', ['-d', join(REPOSITORY, folder, name)]);
      const insns = [...stdout.matchAll(/^ +\d+:\t((?:[\da-f]{2} ?)+)\t(.*)$/gm)];
      t.true(insns.length > 2, name);
      for (const [, hex = '', text = ''] of insns) {
        // It does not know atomic operations on 32 bits here; the table above has them.
        if (text === '<unknown>') t.regex(hex, /^c3 /, name);
        else t.is(decimal(asLlvm(textOf(hex))), decimal(text), `${name}: ${hex}`);
      }
    }
  });
}
