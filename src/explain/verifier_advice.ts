/** What to change, where Linux before 7.3 only says what is wrong; the first that fits. */
const ADVICE: readonly (readonly [cause: RegExp, hint: string])[] = [
  [
    /is ptr_\w+ invalid variable offset|pointer arithmetic/,
    "a pointer to a struct of the kernel takes a field's offset and no other: read what is elsewhere with bpf_probe_read_kernel()",
  ],
  [
    /unbounded memory access|invalid variable offset|invalid access to (map value|mem)|unbounded min value|outside of the allowed/,
    'compare the index with the size just before it is used, or mask it: `index & (SIZE - 1)`',
  ],
  [/_or_null_?'/, 'compare it with NULL before it is used'],
  [
    /invalid mem access '(scalar|inv)'/,
    'the verifier does not know this number as an address: read with bpf_core_read() or bpf_probe_read_kernel()',
  ],
  [/!read_ok|invalid (indirect )?read from stack/, 'give it a value on every path that leads here'],
  [
    /infinite loop|back-edge|jumps is too complex|program is too large/,
    'let the verifier see that the loop ends, with bpf_for() or bpf_loop(), or split it into global functions, which are verified one by one',
  ],
  [/nreleased reference|reference leak/, 'give the reference back on every path to the end'],
  [
    /sleepable/,
    'SEC("struct_ops.s/…") makes a callback that may sleep, where the kernel allows it; else call this from elsewhere',
  ],
  [
    /no write support|cannot write into/,
    'the kernel lets programs of this kind write to few fields: keep state of your own in a map or in the private area',
  ],
  [
    /combined stack size|stack depth .* exceeds/,
    'move large variables into a map or a global, or call fewer functions in each other',
  ],
  [
    /doesn't have \d+-th argument|invalid bpf_context access/,
    "the program has other arguments than the kernel gives it: compare with the member's prototype in the kernel's BTF",
  ],
  [
    /cannot use helper|unknown func/,
    'this helper is not for programs of this type, or not in this kernel: `man bpf-helpers`',
  ],
  [
    /expected=|must point to|may write into memory pointed|expected pointer|pointer type .* but/,
    'what is passed there is of another type than the function takes',
  ],
  [/should have been in|At program exit/, 'return only what the kernel allows there'],
];

export function adviceFor(cause: string): string | undefined {
  return ADVICE.find(([pattern]) => pattern.test(cause))?.[1];
}

/** Numbers of helpers that do not exist, by which a loader marks what must not be reached, as libbpf does. */
const POISON = /invalid func unknown#(\d+)/;
const POISON_CORE = 195_896_080;
const POISON_MAP = 2_001_000_000;
const POISON_KFUNC = 2_002_000_000;

export interface Marked {
  readonly cause: string;
  readonly hint: string;
  /** Which losses of the plan are of this sort. */
  readonly loss: RegExp;
}

/** What a loader's mark means, if that is what the verifier has found. */
export function markedIn(cause: string): Marked | undefined {
  const number = Number(POISON.exec(cause)?.[1]);
  if (number === POISON_CORE) {
    return {
      cause: 'it can get to an access of what this kernel does not have',
      hint: 'ask before: bpf_core_field_exists(), bpf_core_type_exists() or bpf_core_enum_value_exists()',
      loss: /^instruction \d+ of /,
    };
  }
  if (number >= POISON_KFUNC) {
    return {
      cause: 'it can get to a call of a weak kfunc that this kernel does not have',
      hint: 'ask before: bpf_ksym_exists(FUNCTION)',
      loss: /no kfunc /,
    };
  }
  if (number >= POISON_MAP) {
    return {
      cause: 'it uses a map that is not made',
      hint: 'let the map be made, or do not load the program: --create, --autoload',
      loss: /^$/,
    };
  }
  return undefined;
}
