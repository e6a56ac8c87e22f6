import {NEAR_LENGTH_MAX, NEAR_LETTERS_MAX} from '../limits';
import {nameLength, nameLengthWithin, nameText} from './c_string';

const rows: usize = memory.data(3 * (64 + 2) * 4, 4);
const ROW_BYTES: usize = (64 + 2) * 4;

/** Remembers which of the names that it is offered is nearest to one that was not found. */
@final
export class NearName {
  private readonly length: u32;
  /** Changes above it are another name; the next one must be nearer. */
  private most: u32;
  private best: usize = 0;
  private letters: u32 = 0;

  constructor(private readonly name: usize) {
    const length = nameLength(name);
    this.length = length;
    // A third of the letters, at most three.
    this.most = length > NEAR_LENGTH_MAX ? 0 : min<u32>(length / 3, 3);
  }

  offer(candidate: usize): void {
    if (this.most == 0 || load<u8>(candidate) == 0) return;
    const length = nameLengthWithin(candidate, this.length + this.most + 1);
    if (length + this.most < this.length || length > this.length + this.most) return;
    if (length > NEAR_LENGTH_MAX || this.letters > NEAR_LETTERS_MAX) return;
    this.letters += length;
    const distance = distanceWithin(this.name, this.length, candidate, length, this.most);
    if (distance == 0 || distance > this.most) return;
    this.most = distance - 1;
    this.best = candidate;
  }

  /** The nearest; empty without one that is near. */
  get text(): string {
    return this.best == 0 ? '' : nameText(this.best);
  }
}

/**
 * How many letters are to be changed, added, removed or swapped with the next; above `most` some number above it. Both
 * lengths are at most NEAR_LENGTH_MAX. Only places are looked at that are no further apart in the names than `most`: names that
 * differ at their ends alone are all gone through.
 */
function distanceWithin(a: usize, aLength: u32, b: usize, bLength: u32, most: u32): u32 {
  let before = rows;
  let last = rows + ROW_BYTES;
  let row = rows + 2 * ROW_BYTES;
  for (let j: u32 = 0; j <= bLength; j++) store<u32>(last + 4 * j, j);
  for (let i: u32 = 1; i <= aLength; i++) {
    const first = i > most ? i - most : 1;
    const end = min(bLength, i + most);
    let least = first == 1 ? i : most + 1;
    store<u32>(row + 4 * (first - 1), least);
    const letter = load<u8>(a + i - 1);
    for (let j = first; j <= end; j++) {
      const other = load<u8>(b + j - 1);
      let cost = load<u32>(last + 4 * (j - 1)) + (letter == other ? 0 : 1);
      cost = min(cost, min(load<u32>(last + 4 * j), load<u32>(row + 4 * (j - 1))) + 1);
      if (i > 1 && j > 1 && letter == load<u8>(b + j - 2) && other == load<u8>(a + i - 2)) {
        cost = min(cost, load<u32>(before + 4 * (j - 2)) + 1);
      }
      store<u32>(row + 4 * j, cost);
      least = min(least, cost);
    }
    if (least > most) return least;
    store<u32>(row + 4 * (end + 1), most + 1);
    const oldest = before;
    before = last;
    last = row;
    row = oldest;
  }
  return load<u32>(last + 4 * bLength);
}
