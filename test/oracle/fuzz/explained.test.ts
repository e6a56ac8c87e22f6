import test from 'ava';
import type {Outcome, Verdict} from '../judge.js';
import {explanationOf, FAULTS, OTHERS} from './explained.js';
import type {Oddity} from './oddities.js';

/** A difference that each of them explains; another one, or without what makes it, none does. */

interface Sample {
  readonly why: readonly string[];
  readonly log?: string;
  readonly odd?: Oddity;
  /** Where both go on: what became of it in libbpf's hands. */
  readonly libbpf?: string;
}

const NO_PLAN = 'libbpf: attached; ours: X';
const REFUSED = 'libbpf: open: LIBBPF_ERRNO__FORMAT; ours: planned';

/** Their first line says what libbpf said, or what the fault is. */
const SAMPLES: Readonly<Record<string, Sample>> = {
  'a damaged BTF': {
    why: [NO_PLAN],
    log: "libbpf: Error loading ELF section .BTF: -EINVAL.\nBTF_BAD_ID: type 3 of the object's BTF is of no kind",
  },
  'a function that returns no type': {
    why: [NO_PLAN],
    log: "BTF_BAD_ID: type 3 of the object's BTF refers to type 99, which does not exist",
    odd: 'a function that returns no type',
  },
  'no BTF': {
    why: [NO_PLAN],
    log: 'BTF_MISSING: the object has no BTF, which struct_ops needs',
    odd: 'no struct_ops',
  },
  'a damaged .BTF.ext': {
    why: [NO_PLAN],
    log: "libbpf: Error loading ELF section .BTF.ext: -EINVAL. Ignored and continue.\nBTF_EXT_BAD: the object's .BTF.ext has no usable header",
  },
  'records in disorder': {
    why: [NO_PLAN],
    log: 'BTF_EXT_BAD: the line_info records of .BTF.ext are not in order',
  },
  'a symbol that is none': {
    why: [NO_PLAN],
    log: 'ELF_BAD_SYMBOL: symbol 4 has its name beyond the string table',
  },
  'a section that is none': {
    why: [NO_PLAN],
    log: 'ELF_TRUNCATED: section .llvm_addrsig lies beyond the end of the file',
  },
  'two sections of one name': {
    why: ['libbpf: BPF_MAP_CREATE m: EINVAL; ours: X'],
    log: 'ELF_BAD_SECTION: the object has a second section .bss',
  },
  'a call of what is no function': {
    why: [NO_PLAN],
    log: 'OBJ_BAD_REFERENCE: the relocation at offset 8 of struct_ops calls what is no function',
  },
  'an instruction relocated twice': {
    why: ['libbpf: BPF_PROG_LOAD x: EINVAL; ours: X'],
    log: 'ELF_BAD_RELOCATION: the relocation at offset 8 of syscall is the second one of its instruction',
  },
  'half an instruction': {
    why: [NO_PLAN],
    log: 'ELF_BAD_RELOCATION: the relocation at offset 48 of struct_ops is on an instruction that the end of its function cuts',
  },
  'a place inside of a function': {
    why: [NO_PLAN],
    log: 'OBJ_BAD_REFERENCE: instruction 1 of run refers to what is not the start of a function in .text',
  },
  'a member out of place': {
    why: [NO_PLAN],
    log: "KERN_BAD_BTF: member init of ops lies over another member of the kernel's struct",
  },
  'a member without a size': {
    why: [NO_PLAN],
    log: 'OBJ_BAD_VARIABLE: member init of ops has an incomplete type',
  },
  'libbpf crashes over a prototype': {
    why: ['libbpf: crashed: SIGSEGV; ours: BTF_BAD_ID'],
    odd: 'a function that returns no type',
  },
  'a variable out of place': {
    why: [NO_PLAN],
    log: 'OBJ_BAD_VARIABLE: variable ops reaches beyond its section',
  },
  'nothing to load': {
    why: [NO_PLAN],
    log: 'OBJ_NOTHING: the object has neither programs nor maps',
  },
  'members without a name': {
    why: ['libbpf: load: ENOTSUP; ours: planned'],
    log: 'libbpf: struct_ops init_kern ops: Unmatched member type : 4 != 6(kernel)',
  },
  'libbpf crashes': {why: ['libbpf: crashed: SIGSEGV; ours: planned'], odd: 'a bit-field'},
  'what the kernel refuses first': {
    why: ['libbpf: BPF_MAP_CREATE ops: EINVAL; ours: OBJ_PROGRAM_UNUSED'],
  },
  'a variable that is not made': {
    why: ['libbpf: BPF_MAP_CREATE arena: EINVAL; ours: OPTION_BAD_VALUE'],
    log: 'OPTION_BAD_VALUE: associate cannot be set to v_k0_ops_0',
  },
  'two functions at one place': {
    why: [
      "step plan 3, libbpf -: BPF_PROG_LOAD one: step: ours made, libbpf's nothing",
      "step plan 4, libbpf 3: BPF_PROG_LOAD two: insns, byte 4: ours 00, libbpf's 01",
    ],
    odd: 'two functions at one place',
  },
  'two things in one slot of a map': {
    why: ["step plan 3, libbpf 3: BPF_MAP_UPDATE_ELEM m: key, byte 0: ours 00, libbpf's 02"],
    odd: 'a slot of a map twice',
  },
  'records that are not there': {
    why: [NO_PLAN],
    log: 'BTF_EXT_BAD: the line_info records of .BTF.ext are not in order\nOBJ_NO_DEBUG_INFO: function f has no line_info',
  },
  'sections with headers of another size': {
    why: [NO_PLAN],
    log: 'ELF_BAD_SECTION: the ELF header describes no usable section table',
    odd: 'section headers of another size',
  },
  'a jump out of a function': {
    why: [NO_PLAN],
    log: 'OBJ_BAD_REFERENCE: instruction 5 of run jumps through a table that leads out of its function',
  },
  'a kind above 31': {
    why: [NO_PLAN],
    log: "BTF_UNKNOWN_KIND: type 5 of the object's BTF has kind 45, which this version does not know",
  },
  'a type that holds itself': {
    why: [NO_PLAN],
    log: "BTF_CYCLE: type 6 of the object's BTF holds itself",
    odd: 'a type that holds itself',
  },
  'a field without a size': {
    why: [NO_PLAN],
    log: 'CORE_BAD_ACCESS: instruction 0 of run: byte_offset of struct s.m is of a field that has no size',
  },
  'maps in a map that is before them': {
    why: ["step plan -, libbpf 3: BPF_MAP_UPDATE_ELEM m: step: ours nothing, libbpf's made"],
    libbpf: 'BPF_MAP_UPDATE_ELEM m: EINVAL',
  },
  'a program in a map that is not loaded': {
    why: [
      "step plan 3, libbpf 3: BPF_MAP_UPDATE_ELEM m: 4 bytes at value 0: ours the object in slot 5 of libbpf's steps, libbpf's an fd of nothing",
      "step plan 3, libbpf 3: BPF_MAP_UPDATE_ELEM m: key, byte 0: ours 02000000 (of 4 bytes), libbpf's 01000000 (of 4 bytes)",
      "step plan -, libbpf 4: BPF_MAP_UPDATE_ELEM m: step: ours nothing, libbpf's made",
    ],
    libbpf: 'BPF_MAP_UPDATE_ELEM m: EBADF',
    log: "libbpf: map 'm': failed to initialize slot [1] to prog 'tail' fd=-2: -EBADF",
  },
  'two members at one place': {
    why: ['libbpf: load: EINVAL; ours: planned'],
    log: 'libbpf: struct_ops init_kern ops func ptr b: invalid reuse of prog run in sec struct_ops',
    odd: 'two members at one place',
  },
  'a program without a name in a map': {
    why: ['libbpf: open: ESRCH; ours: planned'],
    log: "libbpf: .maps relo #3: '' isn't a valid program reference",
  },
  'two maps of one name': {
    why: [
      'step plan 7, libbpf 7: BPF_MAP_UPDATE_ELEM m: 4 bytes at value 0: ours the object in slot 3, the object in slot 2',
    ],
    odd: 'two variables of one name',
  },
  'a type called as a section': {
    why: ["step plan 1, libbpf 1: BPF_MAP_CREATE .data: map_flags: ours 1024, libbpf's 0"],
    odd: 'a type called as a section',
  },
  'an extern twice': {
    why: ["step plan 0, libbpf 0: BPF_BTF_LOAD o: btf, byte 532: ours 04, libbpf's 00"],
    odd: 'an extern twice',
  },
  'an empty licence': {why: [REFUSED], log: 'libbpf: invalid license section in object.bpf.o'},
  'what libelf cannot read': {
    why: [REFUSED],
    log: 'libbpf: elf: failed to get section(9) .relx data from object.bpf.o: invalid data',
  },
  'pins are not there': {
    why: ['libbpf: load: EINVAL; ours: planned'],
    log: 'libbpf: specified path /sys/fs/bpf/m is not on BPF FS',
  },
  'addresses of the kernel': {
    why: ['libbpf: load: ESRCH; ours: planned'],
    log: "libbpf: extern 'a_symbol' (strong): not resolved",
  },
  'the second variable of an optional section': {
    why: ["step plan -, libbpf 1: BPF_MAP_CREATE second: step: ours nothing, libbpf's made"],
    odd: 'an optional section with two variables',
  },
  'an optional variable that is not in the kernel': {
    why: ['libbpf: load: ESRCH; ours: planned'],
    log: 'libbpf: struct_ops init_kern: struct bpf_struct_ops_x is not found in kernel BTF',
    odd: 'an optional section with two variables',
  },
  'the number of an fd in an instruction': {
    why: [
      "step plan 8, libbpf 9: BPF_PROG_LOAD p: 4 bytes at insns 340: ours nothing, libbpf's an fd of nothing",
      "step plan 8, libbpf 9: BPF_PROG_LOAD p: insns, byte 340: ours 0100000095 (of 352 bytes), libbpf's 0000000095 (of 352 bytes)",
    ],
  },
  'a map without a key': {
    why: [
      "step plan 3, libbpf 3: BPF_MAP_UPDATE_ELEM m: key, byte 0: ours 01000000 (of 4 bytes), libbpf's end (of 0 bytes)",
    ],
  },
  'a kernel without the mark of a tag': {
    why: [
      "step plan 0, libbpf 0: BPF_BTF_LOAD o: btf_size: ours 4360, libbpf's 3728",
      "step plan 3, libbpf 4: BPF_PROG_LOAD p: func_info, byte 20: ours 5a, libbpf's 10",
    ],
    odd: 'a tag of a context on a kernel that does not say that it knows it',
  },
  'a kernel without a mark': {
    why: [
      "step plan -, libbpf 2: BPF_MAP_UPDATE_ELEM o.kconfig: step: ours nothing, libbpf's made",
    ],
    odd: 'a question for the wrapper of system calls',
  },
};

const WRONG_STEP = "step plan 3, libbpf 3: BPF_PROG_LOAD x: license, byte 4: ours 00, libbpf's 01";
const WRONG_FAULT = 'KERN_NO_TYPE: the kernel has no such type';

function explained({why, log = '', odd, libbpf: end = 'attached'}: Sample): string | undefined {
  const outcome = (text: string): Outcome => {
    if (text === 'planned' || text === 'attached') return {kind: text, text};
    return {kind: text.startsWith('BPF_') ? 'refused' : 'unusable', text};
  };
  const [, libbpf = end, ours = 'planned'] = /^libbpf: (.*); ours: (.*)$/.exec(why[0] ?? '') ?? [];
  const verdict: Verdict = {
    ...{object: 'x', same: false, libbpf: outcome(libbpf), ours: outcome(ours)},
    ...{why, meant: {}, log},
  };
  return explanationOf(verdict, new Set(odd === undefined ? [] : [odd]));
}

const narrow = test.macro({
  exec(t, name: string) {
    const sample = SAMPLES[name];
    if (sample === undefined) return t.fail('there is no sample of it');
    const {why, log = '', odd, ...rest} = sample;
    t.true(explained(sample)?.split(', ').includes(name) === true);
    t.is(
      explained({...sample, why: [...why, WRONG_STEP], log: `${log}\n${WRONG_FAULT}`}),
      undefined,
    );
    if (log !== '')
      t.is(explained({...rest, why, ...(odd && {odd})}), undefined, 'without its log');
    if (sample.libbpf !== undefined) {
      t.is(explained({why, log, ...(odd && {odd})}), undefined, 'with another outcome');
    }
    if (odd !== undefined) t.is(explained({...rest, why, log}), undefined, 'without its oddity');
  },
  title: (_ = '', name) => `explains no more than it says: ${name}`,
});

for (const {name} of [...FAULTS, ...OTHERS]) test(narrow, name);

test('several faults are explained one by one', t => {
  const [one, other] = ['a place inside of a function', 'records in disorder'];
  const log = `${SAMPLES[one ?? '']?.log}\n${SAMPLES[other ?? '']?.log}`;
  t.is(explained({why: [NO_PLAN], log}), `${one}, ${other}`);
});

test('several steps are explained one by one', t => {
  const [one, other] = ['a map without a key', 'the number of an fd in an instruction'];
  const why = [...(SAMPLES[one ?? '']?.why ?? []), ...(SAMPLES[other ?? '']?.why ?? [])];
  t.is(explained({why}), `${one}, ${other}`);
  t.is(explained({why: [...why, WRONG_STEP]}), undefined);
});

test('what nobody has explained is a difference', t => {
  t.is(explained({why: [WRONG_STEP]}), undefined);
  t.is(explained({why: ['libbpf: attached; ours: X'], log: WRONG_FAULT}), undefined);
  t.is(explained({why: ['libbpf: load: EINVAL; ours: planned']}), undefined);
});
