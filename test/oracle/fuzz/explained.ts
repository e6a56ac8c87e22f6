import type {Verdict} from '../judge.js';
import type {Oddity} from './oddities.js';

/** A difference from libbpf that is meant. It explains what it is of if all that is given holds. */
interface Explanation {
  readonly name: string;
  readonly why: string;
  /** What is in libbpf's log, or among the other faults. */
  readonly log?: RegExp;
  /** What the object has. */
  readonly odd?: Oddity;
}

/** Where libbpf goes on and we say no: of a fault. */
interface FaultExplanation extends Explanation {
  /** What the fault looks like, `CODE: sentence`. */
  readonly fault: RegExp;
}

/** Of another difference: of a line that says so. Each has to have one. */
interface OtherExplanation extends Explanation {
  /** What such a line of the verdict's `why` looks like. */
  readonly lines: RegExp;
  /** What became of it in libbpf's hands. */
  readonly libbpf?: RegExp;
}

/** libbpf says no so, and there is a plan. */
const refusedByLibbpf = (error: string) => new RegExp(`^libbpf: ${error}; ours: planned$`);

/** Both go on, and only such steps are not the same. */
const step = (what: string) => new RegExp(`^step plan \\S+, libbpf \\S+: ${what}`);

export const FAULTS: readonly FaultExplanation[] = [
  {
    name: 'a damaged BTF',
    why: 'libbpf drops a BTF that it cannot read; the verifier complains of what is missing, or nobody ever.',
    fault: /^(BTF_(?!EXT|MISSING)\w+|OBJ_BAD_VARIABLE): /,
    log: /^libbpf: Error loading ELF section \.BTF: -\w+\.$/m,
  },
  {
    name: 'a function that returns no type',
    why: 'libbpf does not look at the types that functions return. The kernel does.',
    fault: /^BTF_BAD_ID: type \d+ of the object's BTF refers to type \d+, which does not exist$/,
    odd: 'a function that returns no type',
  },
  {
    name: 'no BTF',
    why: 'A plan is for struct_ops, which needs one. libbpf loads programs of other types without.',
    fault: /^BTF_MISSING: /,
    odd: 'no struct_ops',
  },
  {
    name: 'a damaged .BTF.ext',
    why: 'libbpf drops a .BTF.ext that it cannot read.',
    fault: /^BTF_EXT_BAD: the object's \.BTF\.ext has /,
    log: /^libbpf: Error loading ELF section \.BTF\.ext: -\w+\. Ignored and continue\.$/m,
  },
  {
    name: 'records in disorder',
    why: 'libbpf takes those that it meets first. The kernel refuses such records.',
    fault: /^BTF_EXT_BAD: the (func|line)_info records of \.BTF\.ext are not in order$/,
  },
  {
    name: 'a symbol that is none',
    why: 'libbpf passes over symbols that nothing refers to. A plan is made of whole files only.',
    fault: /^ELF_BAD_SYMBOL: symbol \d+ has its name beyond the string table$/,
  },
  {
    name: 'a section that is none',
    why: 'libbpf does not look at sections that it passes over by their type or name.',
    fault:
      /^(ELF_TRUNCATED: section .* lies beyond the end of the file|ELF_BAD_SECTION: section .* (overlaps other sections|is larger than 4 GiB))$/,
  },
  {
    name: 'two sections of one name',
    why: 'libbpf gives what the BTF says of such a section to both, or to the last one.',
    fault: /^ELF_BAD_SECTION: the object has a second section \S+$/,
  },
  {
    name: 'a call of what is no function',
    why: 'libbpf puts what it knows of a variable there as if it were the id of a function. The kernel refuses that.',
    fault: /^OBJ_BAD_REFERENCE: .* calls what is no function$/,
  },
  {
    name: 'an instruction relocated twice',
    why: 'libbpf adds up what two relocations of one instruction say, or takes the first.',
    fault: /^ELF_BAD_RELOCATION: .* is the second one of its instruction$/,
  },
  {
    name: 'half an instruction',
    why: 'libbpf writes the other half behind the function, into what it has called first or into nothing.',
    fault: /^ELF_BAD_RELOCATION: .* is on an instruction that the end of its function cuts$/,
  },
  {
    name: 'a place inside of a function',
    why: 'libbpf takes it for the function.',
    fault: /^OBJ_BAD_REFERENCE: .* refers to what is not the start of a function in \.text$/,
  },
  {
    name: 'a member out of place',
    why: 'Where two members of an object have one name or place libbpf writes one over the other.',
    fault:
      /^(KERN_BAD_BTF: member .* lies over another member of the kernel's struct|OBJ_BAD_VARIABLE: member .* (overlaps other members|lies outside its struct))$/,
  },
  {
    name: 'a member without a size',
    why: 'libbpf does not look at the members of variables that are not made.',
    fault: /^OBJ_BAD_VARIABLE: member \S* of \S+ has an incomplete type$/,
  },
  {
    name: 'a variable out of place',
    why: 'The kernel refuses a BTF that says so, which libbpf may go on without.',
    fault:
      /^OBJ_BAD_VARIABLE: (variable .* reaches beyond its section|the variables of .* overlap)$/,
  },
  {
    name: 'records that are not there',
    why: 'libbpf drops the records of a program, and with them those of the functions that it calls.',
    fault: /^OBJ_NO_DEBUG_INFO: /,
    log: /^BTF_EXT_BAD: the (func|line)_info records of \.BTF\.ext are not in order$/m,
  },
  {
    name: 'sections with headers of another size',
    why: 'libelf does not look at what the ELF header says of their size.',
    fault: /^ELF_BAD_SECTION: the ELF header describes no usable section table$/,
    odd: 'section headers of another size',
  },
  {
    name: 'a jump out of a function',
    why: 'libbpf leaves it to the kernel to refuse where a jump table leads.',
    fault: /^OBJ_BAD_REFERENCE: .* jumps through a table that leads out of its function$/,
  },
  {
    name: 'a kind above 31',
    why: 'libbpf 1.7 reads five bits of a kind, of which there are seven since Linux 7.2.',
    fault:
      /^BTF_UNKNOWN_KIND: .* has kind (3[2-9]|[4-9]\d|1\d\d), which this version does not know$/,
  },
  {
    name: 'a type that holds itself',
    why: 'libbpf does not look for it before it needs the size. The kernel refuses such a BTF.',
    fault:
      /^BTF_CYCLE: type \d+ of the object's BTF (holds itself|does not end within \d+ pointers, arrays and modifiers)$/,
    odd: 'a type that holds itself',
  },
  {
    name: 'a field without a size',
    why: 'libbpf goes on with numbers of 4 GiB, and with bits of what is no number. No compiler writes such types.',
    fault: /^CORE_BAD_ACCESS: .* is of a (field that has no size|bitfield that is no integer)$/,
  },
  {
    name: 'nothing to load',
    why: 'libbpf loads an object without programs and maps, which does nothing.',
    fault: /^OBJ_NOTHING: /,
  },
];

export const OTHERS: readonly OtherExplanation[] = [
  {
    name: 'members without a name',
    why:
      'libbpf takes the first member without a name of the kernel for all that the object has, so that the kind or size ' +
      'of others is wrong. A plan has them in their order.',
    lines: refusedByLibbpf('load: ENOTSUP'),
    log: /^libbpf: struct_ops init_kern \S+: (Error in size of|Unmatched) member( type)? {1,2}[:\d]/m,
  },
  {
    name: 'libbpf crashes',
    why: 'libbpf reads a bit-field that the kernel lacks from far behind the variable. Ours is a fault or a plan.',
    lines: /^libbpf: crashed: SIGSEGV; ours: /,
    odd: 'a bit-field',
  },
  {
    name: 'libbpf crashes over a prototype',
    why: 'libbpf does not look at the types that functions return before it compares them with those of kfuncs.',
    lines: /^libbpf: crashed: SIGSEGV; ours: BTF_BAD_ID$/,
    odd: 'a function that returns no type',
  },
  {
    name: 'what the kernel refuses first',
    why: 'libbpf makes maps before it finds that a program belongs to no variable; a plan has faults of an object first.',
    lines: /^libbpf: BPF_MAP_CREATE \S+: EINVAL; ours: OBJ_PROGRAM_UNUSED$/,
  },
  {
    name: 'a variable that is not made',
    why: 'A plan has no map for other programs to belong to. libbpf is told so after load, which the kernel refuses before.',
    lines: /^libbpf: BPF_(MAP_CREATE|MAP_UPDATE_ELEM|PROG_LOAD) \S+: \w+; ours: OPTION_BAD_VALUE$/,
    log: /^OPTION_BAD_VALUE: associate cannot be set to \w+$/m,
  },
  {
    name: 'two functions at one place',
    why: 'Which of them comes first, and has the relocations, libbpf leaves to its sorting.',
    lines: step('BPF_PROG_LOAD \\S+: (step: |insns, byte )'),
    odd: 'two functions at one place',
  },
  {
    name: 'two things in one slot of a map',
    why: 'Which of them is put there, and how often, libbpf leaves to the order of its relocations.',
    lines: step('BPF_MAP_UPDATE_ELEM \\S+: '),
    odd: 'a slot of a map twice',
  },
  {
    name: 'maps in a map that is before them',
    why: 'libbpf puts them there before they exist, which the kernel refuses; a plan does so afterwards.',
    libbpf: /^BPF_MAP_UPDATE_ELEM \S+: EINVAL$/,
    lines: step('BPF_MAP_UPDATE_ELEM \\S+: step: ours nothing'),
  },
  {
    name: 'a program in a map that is not loaded',
    why: 'libbpf gives the kernel the fd of none, which it refuses. A plan leaves the place empty.',
    libbpf: /^BPF_MAP_UPDATE_ELEM \S+: EBADF$/,
    lines: step(
      "BPF_MAP_UPDATE_ELEM \\S+: (step: ours nothing|key, byte 0: |.* libbpf's an fd of nothing$)",
    ),
    log: /^libbpf: map '\S+': failed to initialize slot \[\d+\] to prog '\S*' fd=-2: -EBADF$/m,
  },
  {
    name: 'two members at one place',
    why: 'libbpf takes the program of one for that of the other as well, which then is in two.',
    lines: refusedByLibbpf('load: EINVAL'),
    log: /^libbpf: struct_ops init_kern .*: invalid reuse of prog /m,
    odd: 'two members at one place',
  },
  {
    name: 'a program without a name in a map',
    why: 'libbpf looks for it by its name. A plan has it by its place.',
    lines: refusedByLibbpf('open: ESRCH'),
    log: /^libbpf: \.maps relo #\d+: '' isn't a valid program reference$/m,
  },
  {
    name: 'two maps of one name',
    why: 'libbpf looks for what is put into a map by its name. A plan has it by its place.',
    lines: step('BPF_MAP_UPDATE_ELEM \\S+: 4 bytes at value 0: ours the object in slot '),
    odd: 'two variables of one name',
  },
  {
    name: 'a type called as a section',
    why: 'libbpf takes the first type of that name for the section. A plan looks for sections only.',
    lines: step('BPF_MAP_CREATE \\S+: (map_flags|btf_value_type_id): '),
    odd: 'a type called as a section',
  },
  {
    name: 'an extern twice',
    why: 'libbpf gives one of the two its place in the kconfig section. To a plan the first counts.',
    lines: step('BPF_BTF_LOAD \\S+: btf, byte '),
    odd: 'an extern twice',
  },
  {
    name: 'an empty licence',
    why: 'libbpf takes an empty section for damage, and a missing one for no licence. Both are none to a plan.',
    lines: refusedByLibbpf('open: LIBBPF_ERRNO__FORMAT'),
    log: /^libbpf: invalid license section in /m,
  },
  {
    name: 'what libelf cannot read',
    why: 'libelf refuses whole files for sections that no plan is made of: with a size that is none, or compressed.',
    lines: refusedByLibbpf('open: LIBBPF_ERRNO__FORMAT'),
    log: /^libbpf: elf: (failed to get section.*: (invalid (section flags|data)|unknown compression type)|\S+ is not a proper ELF object)$/m,
  },
  {
    name: 'pins are not there',
    why: 'The kernel that says yes has no bpffs.',
    lines: refusedByLibbpf('load: EINVAL'),
    log: /^libbpf: specified path \S+ is not on BPF FS$/m,
  },
  {
    name: 'addresses of the kernel',
    why: 'A plan leaves them to the executor, which finds out that there is none.',
    lines: refusedByLibbpf('load: ESRCH'),
    log: /^libbpf: extern '\w+' \(strong\): not resolved$/m,
  },
  {
    name: 'the second variable of an optional section',
    why: 'libbpf forgets after the first that the section is optional.',
    lines: step('BPF_\\w+ \\S+: step: ours nothing'),
    odd: 'an optional section with two variables',
  },
  {
    name: 'an optional variable that is not in the kernel',
    why: 'libbpf forgets after the first that the section is optional.',
    lines: refusedByLibbpf('load: (ESRCH|ENOTSUP)'),
    log: /^libbpf: struct_ops init_kern/m,
    odd: 'an optional section with two variables',
  },
  {
    name: 'the number of an fd in an instruction',
    why: 'Both leave it there. The recorder reads it as an fd, of which there is none.',
    lines: step(
      "BPF_PROG_LOAD \\S+: (4 bytes at insns \\d+: ours nothing, .* an fd of nothing$|insns, byte .*, libbpf's 00000000)",
    ),
  },
  {
    name: 'a map without a key',
    why: 'The recorder reads as many bytes as keys have. A plan has the number of the slot; the kernel refuses the map.',
    lines: step(
      "BPF_MAP_UPDATE_ELEM \\S+: key, byte 0: ours \\w{8} \\(of 4 bytes\\), libbpf's end \\(of 0 bytes\\)$",
    ),
  },
  {
    name: 'a kernel without the mark of a tag',
    why: 'libbpf goes by the release that it is told. A plan is made for a kernel that does not know `arg:ctx`.',
    lines: step('BPF_(BTF_LOAD|PROG_LOAD) \\S+: (btf|btf_size|func_info)[:,] '),
    odd: 'a tag of a context on a kernel that does not say that it knows it',
  },
  {
    name: 'a kernel without a mark',
    why: 'Whether system calls have a wrapper libbpf finds out by trial, and the kernel that says yes has them.',
    lines: step('BPF_MAP_UPDATE_ELEM \\S*kconfig: (step: ours nothing|value, byte )'),
    odd: 'a question for the wrapper of system calls',
  },
];

/** By what names, or undefined: nobody has explained it. */
export function explanationOf(verdict: Verdict, odd: ReadonlySet<Oddity>): string | undefined {
  const {ours, libbpf, log, why} = verdict;
  const holds = (one: Explanation) =>
    (one.log === undefined || one.log.test(log)) && (one.odd === undefined || odd.has(one.odd));
  if (ours.kind === 'unusable' && (libbpf.kind === 'attached' || libbpf.kind === 'refused')) {
    const names = faultsOf(verdict).map(
      line => FAULTS.find(one => one.fault.test(line) && holds(one))?.name,
    );
    if (names.length > 0 && !names.includes(undefined))
      return [...new Set(names)].sort().join(', ');
  }
  const names = why.map(
    line =>
      OTHERS.find(
        one =>
          one.lines.test(line) &&
          (one.libbpf === undefined || one.libbpf.test(libbpf.text)) &&
          holds(one),
      )?.name,
  );
  if (names.length === 0 || names.includes(undefined)) return undefined;
  return [...new Set(names)].sort().join(', ');
}

/** Lines `CODE: sentence`. */
function faultsOf({log}: Verdict): string[] {
  return log.split('\n').filter(line => /^[A-Z]+_[A-Z_]+: /.test(line));
}
