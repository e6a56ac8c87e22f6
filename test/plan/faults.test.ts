import {readFile} from 'node:fs/promises';
import test from 'ava';
import {openProbe, type WasmProbe} from '../helpers/wasm_probe.js';

let probe: WasmProbe;

test.before(async () => {
  probe = await openProbe();
});

test('every fault code has its name and a hint, and no other number has', async t => {
  const source = await readFile(
    new URL('../../assembly/fault/fault_code.ts', import.meta.url),
    'utf8',
  );
  const codes = new Map(
    [...source.matchAll(/^ {2}([A-Z0-9_]+) = (\d+),$/gm)].map(([, name, number]) => [
      Number(number),
      name,
    ]),
  );
  t.true(codes.size > 60);
  for (let code = 0; code < 600; code++) {
    probe.exports.faultTexts(code);
    const [name, hint, ...rest] = probe.json() as string[];
    t.is(name, codes.get(code), `${code}`);
    t.deepEqual(rest, []);
    if (name !== undefined) t.regex(hint ?? '', /^[^A-Z].{8,}[^.\s]$/, name);
  }
});

test('faults as JSON: all that applies is told, nothing else', t => {
  probe.exports.faultsOfEveryShape();
  probe.exports.faultTexts(1);
  const [, hint] = probe.json() as string[];
  probe.exports.faultsOfEveryShape();
  t.deepEqual(probe.json(), {
    schema: 'structops.faults/1',
    faults: [
      {
        code: 'KERN_MEMBER_SIZE',
        number: 308,
        message: 'a message with "quotes"',
        hint: 'own advice',
        where: {
          ...{input: 'kernel', offset: '0xfffffffffffffffe', section: '.struct_ops', symbol: 'x'},
          ...{struct: 's', member: 'm'},
        },
        wanted: '1 byte',
        found: '2 bytes',
      },
      {code: 'INPUT_MISSING', number: 1, message: '', hint, where: {}},
    ],
  });
});
