import test from 'ava';
import {BtfBuilder} from '../helpers/btf_builder.js';
import {faultsOf, type Inputs, STATUS} from '../helpers/core_wasm.js';
import {buildElf, type NewSection, SHF_EXECINSTR, SHT, STT} from '../helpers/elf_builder.js';
import {core, smallKernel} from './small_kernel.js';

/** Variables and maps that no C has, and what is set in them. */

interface Variable {
  readonly section: NewSection;
  /** Of the variable, in bytes. */
  readonly size: number;
  readonly type: (btf: BtfBuilder) => number;
  /** Lines. */
  readonly options?: string;
}

/** An object with a program, and a variable `x` at the start of a section. */
function objectWith({section, size, type, options = ''}: Variable): Inputs {
  const program = Buffer.from('b7000000000000009500000000000000', 'hex');
  const isKconfig = section.name === '.kconfig';
  const btf = new BtfBuilder();
  const name = isKconfig ? 'CONFIG_X' : 'x';
  btf.section(section.name, 0, [{type: btf.variable(name, type(btf), isKconfig ? 2 : 1), size}]);
  const sections = [
    {name: 'license', content: Buffer.from('GPL\0')},
    {name: 'syscall', flags: SHF_EXECINSTR, content: program},
    ...(isKconfig ? [] : [section]),
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = [
    isKconfig ? {name, type: STT.NOTYPE} : {name, type: STT.OBJECT, section: section.name, size},
    {name: 'f', type: STT.FUNC, section: 'syscall', size: program.length},
  ];
  return {object: buildElf(sections, symbols), options: Buffer.from(options)};
}

const answered = test.macro({
  async exec(t, variable: Variable, code: string, says: string) {
    const inputs = {kernelBtf: await smallKernel(), ...objectWith(variable)};
    const answer = (await core()).call('makePlan', inputs);
    t.is(answer.status, STATUS.faults);
    const faults = faultsOf(answer);
    t.deepEqual(
      faults.map(fault => fault.code),
      [code],
    );
    t.true(JSON.stringify(faults).includes(says), JSON.stringify(faults));
  },
  title: (title = '') => title,
});

const data = {name: '.data', content: Buffer.alloc(8)};
const ints = (btf: BtfBuilder) => btf.array(btf.int('int', 4), 2);
const large = {name: '.bss', type: SHT.NOBITS, size: 0xf000_0000};
const badValue = 'OPTION_BAD_VALUE';

test(
  'an integer of no bytes is not true',
  answered,
  {section: data, size: 0, type: btf => btf.int('nothing', 0), options: 'set.x=true\n'},
  badValue,
  'an integer of 0 bytes',
);
test(
  'a text of no bytes is none',
  answered,
  {section: data, size: 0, type: btf => btf.array(btf.int('char', 1), 0), options: 'set.x=a\n'},
  badValue,
  'text of at most 0 bytes',
);
test(
  'a variable of a section that no plan holds is not set',
  answered,
  {section: large, size: 4, type: btf => btf.int('int', 4), options: 'set.x=1\n'},
  badValue,
  'a section that fits into a plan',
);
test(
  'a section with values does not grow beyond a plan',
  answered,
  {section: data, size: 8, type: ints, options: 'resize.x=1000000000\n'},
  badValue,
  'at most 67108864 bytes for all of .data',
);
test(
  'a section of zeros does not grow beyond what a kernel makes',
  answered,
  {section: {...large, size: 8}, size: 8, type: ints, options: 'resize.x=2147483652\n'},
  badValue,
  'at most 2147483648 bytes for all of .bss',
);
test(
  'a kernel option is no enum of one byte',
  answered,
  {
    section: {name: '.kconfig'},
    size: 1,
    type: btf => btf.enum64('libbpf_tristate', 1, ['TRI_NO']),
  },
  'OBJ_BAD_EXTERN',
  'of a type that no option has',
);

function arenaObject(options: string): Inputs {
  const btf = new BtfBuilder();
  const number = (value: number) => btf.pointer(btf.array(btf.int('int', 4), value));
  const definition = btf.struct('', 16, [
    {name: 'type', type: number(33)},
    {name: 'max_entries', type: number(2)},
  ]);
  btf.section('.maps', 0, [{type: btf.variable('arena', definition), size: 16}]);
  const program = Buffer.from('b7000000000000009500000000000000', 'hex');
  const sections = [
    {name: 'license', content: Buffer.from('GPL\0')},
    {name: 'syscall', flags: SHF_EXECINSTR, content: program},
    {name: '.maps', content: Buffer.alloc(16)},
    {name: '.addr_space.1', content: Buffer.alloc(5000, 1)},
    {name: '.BTF', content: btf.build()},
  ];
  const symbols = [
    {name: 'arena', type: STT.OBJECT, section: '.maps', size: 16},
    {name: 'f', type: STT.FUNC, section: 'syscall', size: program.length},
  ];
  return {object: buildElf(sections, symbols), options: Buffer.from(options)};
}

test('an arena is not made smaller than its variables', async t => {
  const inputs = {kernelBtf: await smallKernel(), ...arenaObject('map.arena.max_entries=1\n')};
  const [fault, ...more] = faultsOf((await core()).call('makePlan', inputs));
  t.is(more.length, 0);
  t.is(fault?.code, 'OBJ_BAD_MAP');
  t.is(fault?.message, 'map arena is too small for its 5000 bytes of variables');
});

test('a size of a key that is no number is told as such', async t => {
  const btf = new BtfBuilder();
  const int = btf.int('int', 4);
  const definition = btf.struct('', 8, [{name: 'key_size', type: int}]);
  btf.section('.maps', 0, [{type: btf.variable('m', definition), size: 8}]);
  const sections = [
    {name: '.maps', content: Buffer.alloc(8)},
    {name: '.BTF', content: btf.build()},
  ];
  const object = buildElf(sections, [{name: 'm', type: STT.OBJECT, section: '.maps', size: 8}]);
  const inputs = {kernelBtf: await smallKernel(), object};
  const faults = faultsOf((await core()).call('makePlan', inputs));
  t.deepEqual(
    faults.map(fault => fault.message),
    ['map m does not give key_size as __uint(key_size, …)'],
  );
});

test('a version whose numbers no kernel can have is none', async t => {
  for (const version of ['256.1.0', '6.300', '99999.1.1']) {
    const variable = {section: data, size: 4, type: (btf: BtfBuilder) => btf.int('int', 4)};
    const options = `kernel_version=${version}\n`;
    const inputs = {kernelBtf: await smallKernel(), ...objectWith({...variable, options})};
    const faults = faultsOf((await core()).call('makePlan', inputs));
    t.deepEqual(
      faults.map(fault => fault.code),
      [badValue],
      version,
    );
  }
});
