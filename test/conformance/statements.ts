/**
 * What libbpf does, numbered: the order of LIBBPF_STRUCT_OPS, a specification that lies beside this repository. Each number
 * is covered by tests whose titles begin with it, or by tests elsewhere, or it is not covered for a reason.
 */

/** Number of the last statement of each section that is about loading. */
export const LAST: Readonly<Record<number, number>> = {
  1: 29,
  2: 18,
  3: 23,
  4: 17,
  5: 31,
  6: 28,
  7: 14,
  8: 25,
  9: 8,
  10: 21,
  15: 11,
};

/** Statement -> files of test/, each with words of a title or a table in it. */
export const ELSEWHERE: Readonly<
  Record<string, readonly (readonly [file: string, words: string])[]>
> = {
  '1.1': [
    ['malformed/elf_file.test.ts', 'an empty file'],
    ['malformed/elf_sections.test.ts', 'no section headers'],
  ],
  '1.2': [['malformed/elf_file.test.ts', 'compiled for bpfeb']],
  '1.3': [['malformed/elf_file.test.ts', 'compiled for x86-64']],
  '1.4': [['malformed/elf_sections.test.ts', 'two symbol tables']],
  '1.8': [['malformed/elf_sections.test.ts', 'a version of another size']],
  '1.9': [['malformed/object.test.ts', 'maps of libbpf 0.x']],
  '1.14': [['malformed/elf_sections.test.ts', 'relocations of another size']],
  '1.17': [['malformed/elf_symbols.test.ts', 'OBJ_BAD_PROGRAM']],
  '1.18': [['malformed/object.test.ts', 'a callback that is a static function']],
  '1.22': [['malformed/object.test.ts', 'a program of an unknown type']],
  '1.25': [['malformed/elf_file.test.ts', 'compiled without -g']],
  '1.26': [['malformed/btf.test.ts', 'types at an odd offset']],
  '1.27': [['malformed/btf.test.ts', 'BTF_UNKNOWN_KIND']],
  '2.3': [
    ['malformed/object.test.ts', 'a struct_ops variable that is no struct'],
    ['malformed/object.test.ts', 'a nameless struct'],
  ],
  '2.13': [
    ['malformed/object.test.ts', 'a callback set to a variable'],
    ['malformed/object.test.ts', 'a pointer to data set to an address'],
  ],
  '2.15': [['malformed/object.test.ts', 'a callback that is a program of another type']],
  '2.18': [['malformed/object.test.ts', 'a callback set to a number']],
  '3.5': [['malformed/kernel.test.ts', 'a kind whose value does not hold it']],
  '3.6': [['malformed/kernel.test.ts', 'a kind whose value does not hold it']],
  '3.8': [['malformed/kernel.test.ts', 'the kinds tcp_congestion_ops, bits_ops']],
  '3.13': [
    ['malformed/kernel.test.ts', 'a member of another kind'],
    ['malformed/kernel.test.ts', 'bit-fields, of the kernel and of the object'],
  ],
  '3.15': [['oracle/settings.test.ts', 'a callback that is null: its program is not loaded']],
  '3.19': [['malformed/kernel.test.ts', 'members of another size']],
  '3.21': [
    ['oracle/settings.test.ts', 'integers of every size'],
    ['oracle/settings.test.ts', 'another program for a callback'],
  ],
  '4.6': [['shim/session.test.ts', 'PROG_LOAD is tried five times while it says EAGAIN']],
  '4.8': [
    ['shim/session.test.ts', 'a refused program: errno of the first try, the log of another'],
    ['shim/session.test.ts', 'the log buffer doubles until the log fits'],
  ],
  '4.17': [['oracle/fuzz/exceptions.test.ts', 'goes to the kernel with its program']],
  '5.5': [['core_relo/libbpf_random.test.ts', 'relocations at random']],
  '5.7': [['oracle/objects.test.ts', 'maps, data sections, functions and variables of many kinds']],
  '5.8': [['malformed/object.test.ts', 'a call of a program']],
  '5.11': [
    ['oracle/objects.test.ts', 'maps, data sections, functions and variables of many kinds'],
  ],
  '5.19': [['malformed/object.test.ts', 'a call of a function that is nowhere']],
  '5.21': [['malformed/kernel.test.ts', 'a kernel variable that the kernel has not']],
  '5.24': [['oracle/objects.test.ts', 'kfuncs of a module and of nobody']],
  '5.27': [['malformed/kernel.test.ts', 'a kernel variable that the kernel has not']],
  '5.28': [['oracle/objects.test.ts', 'kfuncs of a module and of nobody']],
  '6.1': [
    ['core_relo/refused.test.ts', 'what is not loaded is not relocated'],
    ['core_relo/refused.test.ts', 'not_called'],
  ],
  '6.2': [
    ['core_relo/kernel.test.ts', 'every kind of relocation'],
    ['core_relo/refused.test.ts', "it.set(OFFSET, 'kind', kind)"],
  ],
  '6.3': [
    ['core_relo/refused.test.ts', 'access string'],
    ['core_relo/refused.test.ts', 'enumerators that are none'],
  ],
  '6.4': [
    ['core_relo/synthetic.test.ts', 'flexible arrays have every element'],
    ['core_relo/synthetic.test.ts', 'structs in arrays'],
  ],
  '6.5': [['core_relo/refused.test.ts', 'no_name']],
  '6.6': [['core_relo/synthetic.test.ts', 'only what comes before the last flavour']],
  '6.7': [['core_relo/modules.test.ts', 'types that only a module has']],
  '6.8': [['core_relo/synthetic.test.ts', 'narrows the candidates of the next']],
  '6.9': [['core_relo/synthetic.test.ts', 'unnamed structs and unions are looked through']],
  '6.10': [['core_relo/synthetic.test.ts', 'a field of the same kind is found']],
  '6.11': [['core_relo/synthetic.test.ts', 'enumerators by name, flavours aside']],
  '6.12': [['core_relo/synthetic.test.ts', 'a type exists when prototypes and pointers']],
  '6.13': [['core_relo/synthetic.test.ts', 'matches: numbers by size and sign']],
  '6.14': [
    ['core_relo/synthetic.test.ts', 'agree_type_exists'],
    ['core_relo/kernel.test.ts', 'every kind of relocation'],
  ],
  '6.15': [['core_relo/synthetic.test.ts', 'enum_absent: POISON_64']],
  '6.16': [
    ['core_relo/refused.test.ts', 'sign_of_element'],
    ['core_relo/synthetic.test.ts', 'flexible_size'],
  ],
  '6.17': [['core_relo/synthetic.test.ts', 'loads and stores of unsigned numbers']],
  '6.18': [
    ['core_relo/synthetic.test.ts', 'a bitfield that lies across its declared size'],
    ['core_relo/refused.test.ts', 'bits_too_far'],
  ],
  '6.19': [['core_relo/synthetic.test.ts', 'bitfields: offset and size of the load']],
  '6.20': [['core_relo/refused.test.ts', 'a negative number']],
  '6.21': [['core_relo/refused.test.ts', 'CORE_AMBIGUOUS']],
  '6.22': [['core_relo/refused.test.ts', 'holds no number']],
  '6.23': [['core_relo/refused.test.ts', 'too_far']],
  '6.24': [
    ['core_relo/synthetic.test.ts', 'a load that would lose the sign'],
    ['core_relo/refused.test.ts', 'too_large'],
  ],
  '6.25': [['core_relo/synthetic.test.ts', 'enum_large']],
  '6.26': [['core_relo/refused.test.ts', 'holds no number']],
  '6.27': [['core_relo/synthetic.test.ts', 'counted_beyond: POISON']],
  '6.28': [['core_relo/synthetic.test.ts', 'every instruction is as libbpf relocates it']],
  '8.22': [['shim/life.test.ts', 'a map that is pinned already is used, and not written to']],
  '8.16': [['oracle/settings.test.ts', 'arrays at the ends of sections']],
  '9.4': [['malformed/kernel.test.ts', 'built for links, on Linux 6.1']],
  '9.5': [
    ['plan/values.test.ts', 'POSSIBLE_CPUS'],
    ['library/kconfig.test.ts', 'which input to give'],
  ],
  '10.6': [
    ['shim/session.test.ts', 'a legacy registration is deleted before its map is closed'],
    ['shim/session.test.ts', 'reported, held until the input ends, then released'],
  ],
  '10.5': [['shim/life.test.ts', 'a link is updated at once, and stays where it is pinned']],
  '10.7': [['shim/life.test.ts', 'what others have loaded is detached, with its pin']],
  '10.8': [['shim/life.test.ts', 'a pinned legacy registration is not deleted at the end']],
  '10.17': [['shim/life.test.ts', 'a link is updated at once, and stays where it is pinned']],
  '10.18': [
    ['shim/life.test.ts', 'an update to the map that the link has is never asked of the kernel'],
  ],
  '10.19': [['shim/life.test.ts', 'what others have loaded is detached, with its pin']],
  '10.10': [['shim/session.test.ts', 'a legacy registration is deleted before its map is closed']],
  '10.11': [['oracle/settings.test.ts', 'programs that belong to a variable']],
  '10.14': [['shim/session.test.ts', 'a map update that returns 1 has failed']],
  '15.1': [['core_relo/synthetic.test.ts', 'matches_typedef']],
  '15.2': [['malformed/btf.test.ts', 'the elements of an array']],
  '15.3': [['malformed/hostile.test.ts', 'types that nest']],
  '15.5': [['core_relo/synthetic.test.ts', 'bits_plain']],
  '15.7': [['shim/session.test.ts', "another module's BTF, and a module that is not loaded"]],
  '15.11': [['library/render_text.test.ts', 'faults: every one, with its place']],
};

/** Statement -> why no test can be, or need be. */
export const NOT_COVERED: Readonly<Record<string, string>> = {
  '3.2':
    'where a vmlinux BTF is searched: the core is handed one, the host reads /sys/kernel/btf/vmlinux',
  '3.22': 'a pair of numbers of the API of libbpf, which nothing here has',
  '4.5':
    'calls that kernels before 5.5 lack: those have no BTF in sysfs, so no plan is made for them',
  '4.7': 'PROG_LOAD again with smaller records: both sizes are what every kernel since 5.0 has',
  '4.9':
    'words of the verifier about poisoned instructions: src/explain/explain_result.ts, not a plan',
  '4.10': 'RLIMIT_MEMLOCK: the executor, for kernels before 5.11 only',
  '5.14':
    'references to maps that are not created: the only such maps are of struct_ops, which nothing can refer to',
  '7.7': 'probes of a running kernel, which planning replaces by its BTF',
  '7.10': 'kernels without BPF_BTF_LOAD: they have no BTF to plan for',
  '7.13': 'a BTF that the kernel refuses: the executor reports it, with the log',
  '8.15': 'kernels without global data: they have no BTF to plan for',
  '8.23': 'what is closed after a failure: the executor, test/shim/session.test.ts',
  '8.25': 'maps that user space brings: an API of libbpf, which nothing here has',
  '9.1': 'a cache of probes',
  '9.3': 'the table of probes: 9.2 compares their answers, for the features that a plan depends on',
  '9.6': 'a warning to whoever writes such a table',
  '9.8': 'a search that gives the same as the one that is used',
  '10.12': 'what the kernel has in a value that is read back: no plan reads one',
  '10.13':
    'rules of the kernel for values: plans are made to keep them, test/kernel carries them out',
  '10.15':
    'rules of the kernel for maps without links: the executor deletes once, test/shim/session.test.ts',
  '10.16': 'rules of the kernel for links of the kinds of calls that a plan cannot make',
  '10.20': 'freezing a struct_ops map: no plan does it',
  '10.21': 'a program without a variable: refused beforehand, 4.1',
  '15.6': 'how the BTFs of modules are enumerated: the executor, docs/plan-format.md, "Modules"',
  '15.8': 'defaults of options that only libbpf has',
  '15.9': 'tokens: libbpf makes one of a bpffs of a user namespace, a plan has none',
  '15.10': 'states of an object of the API of libbpf',
};
