import test from 'ava';
import {fuzzSeed, Random} from '../helpers/random.js';
import {openProbe, type WasmProbe} from '../helpers/wasm_probe.js';

let probe: WasmProbe;

test.before(async () => {
  probe = await openProbe();
});

function ofBytes(bytes: Uint8Array): unknown {
  probe.call('jsonOfBytes', bytes);
  return probe.json();
}

function ofString(text: string): unknown {
  probe.call('jsonOfUtf16', Buffer.from(text, 'utf16le'));
  return probe.json();
}

/** `Buffer` and `TextDecoder` agree, and follow the Unicode standard. */
const decoder = new TextDecoder('utf-8', {ignoreBOM: true});

const repaired = test.macro({
  exec(t, hex: string, wanted: string) {
    t.is(decoder.decode(Buffer.from(hex, 'hex')), wanted, 'the row itself');
    t.is(ofBytes(Buffer.from(hex, 'hex')), wanted);
  },
  title: (reason = '') => `bytes: ${reason}`,
});

test('nothing', repaired, '', '');
test('ASCII as it is', repaired, '617e', 'a~');
test('two, three and four bytes', repaired, 'c3a9e282acf09f9880', 'é€😀');
test(
  'the first and last of each length',
  repaired,
  'c280dfbfe0a080efbfbff0908080f48fbfbf',
  [...['\u0080\u07ff\u0800\uffff', '\u{10000}\u{10ffff}']].join(''),
);
test('a byte order mark stays', repaired, 'efbbbf41', '\ufeffA');
test('a byte that never begins one', repaired, 'ff41fe', '\ufffdA\ufffd');
test('a lone continuation', repaired, '8041', '\ufffdA');
test('overlong in two bytes: two characters', repaired, 'c0af', '\ufffd\ufffd');
test('overlong in three bytes: three characters', repaired, 'e080af', '\ufffd\ufffd\ufffd');
test('a surrogate: three characters', repaired, 'eda080', '\ufffd\ufffd\ufffd');
test('above U+10FFFF: four characters', repaired, 'f4908080', '\ufffd\ufffd\ufffd\ufffd');
test('cut short by the end: one character', repaired, 'f09f98', '\ufffd');
test('cut short by ASCII: one character, then ASCII', repaired, 'e28241', '\ufffdA');
test('cut short by a beginning', repaired, 'f09fc3a9', '\ufffdé');

test('bytes: every pair of bytes is decoded as TextDecoder does', t => {
  for (let first = 0; first < 256; first++) {
    const rows = Array.from({length: 256}, (_, second) => [first, second, 0x20]).flat();
    t.is(ofBytes(Buffer.from(rows)), decoder.decode(Buffer.from(rows)), `first byte ${first}`);
  }
});

test('bytes: random UTF-8 with damage is decoded as TextDecoder does', t => {
  const seed = fuzzSeed();
  const random = new Random(seed);
  const pieces = ['a', '"', '\\', '\n', 'é', '€', '😀', '\u0000', '\u2028', '\u007f'];
  for (let i = 0; i < 3000; i++) {
    const text = Array.from({length: random.below(30)}, () => random.pick(pieces)).join('');
    const bytes = Buffer.from(text);
    const damage = bytes.length === 0 ? 0 : random.below(4);
    for (let n = 0; n < damage; n++) bytes[random.below(bytes.length)] = random.below(256);
    t.is(ofBytes(bytes), decoder.decode(bytes), `FUZZ_SEED=${seed} ${bytes.toString('hex')}`);
  }
});

test('strings: every UTF-16 unit, alone and before a letter', t => {
  for (let high = 0; high < 256; high++) {
    const units = Array.from({length: 256}, (_, low) => String.fromCharCode(high * 256 + low));
    const text = units.join('a');
    t.is(ofString(text), text.replace(/[\ud800-\udfff]/g, '\ufffd'), `units ${high} * 256`);
  }
});

test('strings: a pair is one character of four bytes, two halves the wrong way round are none', t => {
  t.is(ofString('😀'), '😀');
  t.is(probe.output().length, 6);
  t.is(ofString('\ude00\ud83d'), '\ufffd\ufffd');
  t.is(ofString('\ud83d'), '\ufffd');
});

test('control characters have the escapes that JSON.stringify gives them', t => {
  const all = String.fromCharCode(...Array.from({length: 128}, (_, i) => i));
  ofString(all);
  t.is(probe.text(), JSON.stringify(all));
  ofBytes(Buffer.from(all));
  t.is(probe.text(), JSON.stringify(all));
});

test('hex: every byte, at every size to 20', t => {
  const all = Buffer.from(Array.from({length: 256}, (_, i) => i));
  probe.call('jsonOfHex', all);
  t.is(probe.json(), all.toString('hex'));
  for (let size = 0; size <= 20; size++) {
    probe.call('jsonOfHex', all.subarray(150, 150 + size));
    t.is(probe.json(), all.subarray(150, 150 + size).toString('hex'), `${size} bytes`);
  }
});

const number = test.macro({
  exec(t, value: bigint, wanted: string) {
    const {exports} = probe;
    exports.jsonOfNumber(value);
    t.is(probe.text(), wanted);
  },
  title: (_, value: bigint) => `the number ${value}`,
});

test(number, 0n, '0');
test(number, 4294967295n, '4294967295');
test(number, 4294967296n, '4294967296');
test(number, 2n ** 53n - 1n, '9007199254740991');
test(number, 2n ** 53n, '9007199254740992');
test(number, 2n ** 53n + 1n, '"0x20000000000001"');
test(number, 2n ** 64n - 1n, '"0xffffffffffffffff"');

test('documents nest, and commas stand between values only', t => {
  probe.exports.jsonOfEverything();
  t.is(
    probe.text(),
    '{"empty": [{}, []], "values": [0, "", "", "", true, false, null], "last": {"a": 1, "b": 2}}\n',
  );
});
