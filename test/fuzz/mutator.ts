import type {Random} from '../helpers/random.js';
import type {Field, FieldGroup} from './fields.js';

/** Numbers at which readers go wrong. */
const EDGES = [
  ...[0n, 1n, 2n, 3n, 7n, 8n, 12n, 16n, 24n, 63n, 64n, 0x7fn, 0x80n, 0xffn, 0x100n, 0x7fffn],
  ...[0x8000n, 0xffffn, 0x1_0000n, 0xff_ffffn, 0x7fff_ffffn, 0x8000_0000n, 0xffff_fff0n],
  ...[0xffff_fff8n, 0xffff_ffffn, 0x1_0000_0000n, 2n ** 63n, 2n ** 64n - 8n, 2n ** 64n - 1n],
];

/** A good file, and how to make bad ones of it. */
export class Mutator {
  constructor(
    readonly name: string,
    private readonly good: Buffer,
    private readonly groups: readonly FieldGroup[],
  ) {}

  /** A mutated copy. `donors` are files that parts are taken from. */
  mutate(random: Random, donors: readonly Mutator[]): Buffer {
    const bytes = Buffer.from(this.good);
    const times = 1 + random.below(random.below(4) + 1);
    switch (random.below(20)) {
      case 0:
        return bytes.subarray(0, random.below(bytes.length + 1));
      case 1:
        return splice(bytes, random, random.pick(donors).good);
      case 2:
        return splice(bytes, random, this.good);
      case 3:
      case 4:
      case 5:
        for (let i = 0; i < times * 2; i++) flipBit(bytes, random);
        return bytes;
      case 6:
        for (let i = 0; i < times; i++) copyRange(bytes, random);
        return bytes;
      default:
        for (let i = 0; i < times; i++) this.#changeField(bytes, random);
        return bytes;
    }
  }

  #changeField(bytes: Buffer, random: Random): void {
    const group = random.pick(this.groups);
    const field = random.pick(group);
    const old = read(bytes, field);
    switch (random.below(5)) {
      case 0:
        write(bytes, field, random.pick(EDGES));
        break;
      case 1:
        write(bytes, field, old + BigInt(random.below(33) - 16));
        break;
      case 2:
        // What another field of the sort says is often in range, and wrong.
        write(bytes, field, read(bytes, random.pick(group)));
        break;
      case 3:
        write(bytes, field, old ^ (1n << BigInt(random.below(8 * field.size))));
        break;
      default:
        write(bytes, field, BigInt(random.below(256)));
    }
  }
}

function read(bytes: Buffer, {at, size}: Field): bigint {
  if (at + size > bytes.length) return 0n;
  if (size === 8) return bytes.readBigUInt64LE(at);
  return BigInt(bytes.readUIntLE(at, size));
}

function write(bytes: Buffer, {at, size}: Field, value: bigint): void {
  if (at + size > bytes.length) return;
  const cut = BigInt.asUintN(8 * size, value);
  if (size === 8) bytes.writeBigUInt64LE(cut, at);
  else bytes.writeUIntLE(Number(cut), at, size);
}

function flipBit(bytes: Buffer, random: Random): void {
  const at = random.below(bytes.length);
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random.below(8)), at);
}

/** Bytes of one place over those of another. */
function copyRange(bytes: Buffer, random: Random): void {
  const size = 1 + random.below(64);
  const [from, to] = [random.below(bytes.length), random.below(bytes.length)];
  bytes.copyWithin(to, from, Math.min(from + size, bytes.length));
}

/** Some bytes are taken out, and some of another file put in. */
function splice(bytes: Buffer, random: Random, donor: Buffer): Buffer {
  const [at, from] = [random.below(bytes.length), random.below(donor.length)];
  const [gone, come] = [random.below(128), random.below(128)];
  return Buffer.concat([
    bytes.subarray(0, at),
    donor.subarray(from, from + come),
    bytes.subarray(at + gone),
  ]);
}
