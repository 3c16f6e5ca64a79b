/** A mark for each id seen, 17 bytes a slot: a large tenant's full read stays small. Open addressing, linear probing. */
export type IdMarks = {
  /** `value` is 1 to 255; a later mark replaces an earlier one. */
  set: (id: string, value: number) => void;
  /** 0 when the id was never seen. */
  get: (id: string) => number;
  size: () => number;
  bytes: () => number;
};

type Table = { capacity: number; words: Uint32Array; marks: Uint8Array };
type Words = [number, number, number, number];

/** Full tables are slow, empty ones are large: 17 / 0.8 = 21 bytes an id, just after growth 32. */
const MOST_FULL = 0.8;
const GROWTH = 1.5;

const createTable = (capacity: number): Table => ({
  capacity,
  words: new Uint32Array(capacity * 4),
  marks: new Uint8Array(capacity),
});

/** A GUID's 128 bits. */
function toWords(id: string): Words {
  const hex = id.replaceAll('-', '');
  if (hex.length !== 32) throw new RangeError('an id that is no GUID cannot be marked');
  const word = (from: number): number => Number.parseInt(hex.slice(from, from + 8), 16);
  return [word(0), word(8), word(16), word(24)];
}

/** Ids that count upwards must spread, too (finaliser of MurmurHash3). */
function toHash([a, b, c, d]: Words): number {
  let hash = (a ^ Math.imul(b, 0x9e3779b1) ^ Math.imul(c, 0x85ebca6b) ^ Math.imul(d, 0xc2b2ae35)) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
  return (hash ^ (hash >>> 16)) >>> 0;
}

const wordsAt = ({ words }: Table, slot: number): Words => {
  const at = slot * 4;
  return [words[at] ?? 0, words[at + 1] ?? 0, words[at + 2] ?? 0, words[at + 3] ?? 0];
};

/** The slot that holds the id, or the empty one where it belongs. */
function findSlot(table: Table, id: Words): number {
  let slot = toHash(id) % table.capacity;
  while (table.marks[slot] !== 0) {
    if (wordsAt(table, slot).every((word, index) => word === id[index])) return slot;
    slot = (slot + 1) % table.capacity;
  }
  return slot;
}

function put(table: Table, id: Words, value: number): boolean {
  const slot = findSlot(table, id);
  const isNew = table.marks[slot] === 0;
  if (isNew) table.words.set(id, slot * 4);
  table.marks[slot] = value;
  return isNew;
}

export function createIdMarks(): IdMarks {
  let table = createTable(64);
  let size = 0;
  const grow = (): void => {
    const larger = createTable(Math.ceil(table.capacity * GROWTH));
    for (const [slot, mark] of table.marks.entries()) if (mark !== 0) put(larger, wordsAt(table, slot), mark);
    table = larger;
  };
  return {
    set(id, value) {
      if (size + 1 > table.capacity * MOST_FULL) grow();
      if (put(table, toWords(id), value)) size += 1;
    },
    get: (id) => table.marks[findSlot(table, toWords(id))] ?? 0,
    size: () => size,
    bytes: () => table.words.byteLength + table.marks.byteLength,
  };
}
