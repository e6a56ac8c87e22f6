import type {Random} from '../../helpers/random.js';
import type {Struct} from './c_types.js';

/** Numbers of enum bpf_map_type that take a key and a value. */
const KEYED = [1, 2, 5, 6, 9, 10];

/** Of types that take keys and values of such sizes: type, size of a key, of a value, flags. */
const SIZED: readonly (readonly [number, number, number, number])[] = [
  ...[[3, 4, 4, 0] as const, [7, 4, 80, 0] as const, [8, 4, 4, 0] as const, [11, 8, 4, 1] as const],
  ...[[14, 4, 4, 0] as const, [15, 4, 4, 0] as const, [16, 4, 4, 0] as const],
  ...[[17, 4, 4, 0] as const, [18, 4, 8, 0] as const, [20, 4, 8, 0] as const],
  ...[[23, 0, 8, 0] as const, [25, 4, 8, 0] as const, [30, 0, 4, 0] as const],
];
/** What belongs to a socket, an inode, a task or a cgroup. */
const STORAGES = [24, 28, 29, 32];

/** Definitions in `.maps`, and the names of those that can be looked into. */
export function makeMaps(
  random: Random,
  structs: readonly Struct[],
  /** Programs that tables may lead to. */
  programs: readonly string[],
): {readonly text: string; readonly names: readonly string[]} {
  const names: string[] = [];
  const texts = Array.from({length: random.below(4)}, (_, i) => {
    const name = `map_${i}${random.below(5) === 0 ? '_with_a_long_name' : ''}`;
    names.push(name);
    const section = '__attribute__((section(".maps"), used))';
    const filled = random.below(4) === 0 ? filledMap(random, name, programs) : undefined;
    if (filled !== undefined) return filled;
    const attributes = attributesOf(random, structs);
    return `struct {\n${attributes.map(line => `\t${line};\n`).join('')}} ${name} ${section};\n`;
  });
  return {text: texts.join(''), names};
}

/** A map with maps or programs in it. */
function filledMap(random: Random, name: string, programs: readonly string[]): string | undefined {
  const section = '__attribute__((section(".maps"), used))';
  const slot = random.below(4);
  const second = random.below(2) === 0 ? slot : slot + 1;
  const head = `__uint(key_size, 4); __uint(max_entries, ${1 + second + random.below(4)});`;
  if (random.below(2) === 0) {
    const inner = '__uint(type, 2); __type(key, u32); __type(value, u64); __uint(max_entries, 3);';
    // libbpf puts maps into a map that is before them before they exist.
    return (
      `struct in_${name} { ${inner} } ${name}_inner ${section};
` +
      `struct { __uint(type, ${random.pick([12, 13])}); ${head} __array(values, struct in_${name}); } ` +
      `${name} ${section} = {.values = {[${slot}] = &${name}_inner, [${second}] = &${name}_inner}};
`
    );
  }
  if (programs.length === 0) return undefined;
  return (
    `struct { __uint(type, 3); ${head} __array(values, int(void *)); } ` +
    `${name} ${section} = {.values = {[${slot}] = ${random.pick(programs)}, [${second}] = ${random.pick(programs)}}};
`
  );
}

function attributesOf(random: Random, structs: readonly Struct[]): string[] {
  const entries = `__uint(max_entries, ${random.pick([1, 2, 64, 4096])})`;
  const {keyword, name} = random.pick(structs);
  const value = random.pick([`${keyword} ${name}`, 'u64', 'u32', 'char[24]']);
  const extra = random.pick([
    ...[[], [], [], ['__uint(map_flags, 0)'], ['__uint(map_extra, 1)'], ['__uint(numa_node, 0)']],
    ...[['__uint(pinning, 0)']],
  ]);
  switch (random.below(10)) {
    case 0: {
      const type = random.pick([27, 27, 31]);
      return [`__uint(type, ${type})`, `__uint(max_entries, ${random.pick([4096, 5000, 8192])})`];
    }
    case 8: {
      const [sized, keySize, valueSize, flags] = random.pick(SIZED);
      return [
        ...[`__uint(type, ${sized})`, entries, `__uint(value_size, ${valueSize})`],
        ...(keySize === 0 ? [] : [`__uint(key_size, ${keySize})`]),
        ...(flags === 0 ? [] : [`__uint(map_flags, ${flags})`]),
        ...(random.below(3) === 0 ? ['__ulong(map_extra, 3)'] : []),
      ];
    }
    case 9:
      return [
        ...[`__uint(type, ${random.pick(STORAGES)})`, '__uint(map_flags, 1)'],
        ...['__type(key, int)', '__uint(key_size, 4)', `__type(value, ${value})`],
      ];
    case 1:
      return ['__uint(type, 4)', '__uint(key_size, 4)', '__uint(value_size, 4)'];
    case 2:
      return ['__uint(type, 22)', entries, `__type(value, ${value})`];
    case 3: {
      const inner = `struct { __uint(type, 2); __type(key, u32); __type(value, ${value}); ${entries}; }`;
      return [
        ...[`__uint(type, ${random.pick([12, 13])})`, '__uint(key_size, 4)', entries],
        `__array(values, ${inner})`,
      ];
    }
    default: {
      const type = random.pick(KEYED);
      const key = type === 1 || type === 9 ? random.pick(['u32', 'u64']) : 'u32';
      return [
        `__uint(type, ${type})`,
        entries,
        `__type(key, ${key})`,
        `__type(value, ${value})`,
        ...extra,
      ];
    }
  }
}
