/**
 * A mark for each id seen, 17 bytes a slot: a large tenant's full read stays small. Open addressing with linear probing,
 * in many small tables that grow one by one: growing never needs room for everything twice.
 */
export type IdMarks = {
  /** `value` is 1 to 255; a later mark replaces an earlier one. */
  set: (id: string, value: number) => void;
  /** 0 when the id was never seen. */
  get: (id: string) => number;
  size: () => number;
  bytes: () => number;
};

type Table = { capacity: number; size: number; words: Uint32Array; marks: Uint8Array };
/** A GUID's 128 bits. */
type Words = Uint32Array;

const TABLE_BITS = 10;
const TABLES = 2 ** TABLE_BITS;
/** Full tables are slow, empty ones are large: 17 / 0.9 = 19 bytes an id, just after growth 23. */
const MOST_FULL = 0.9;
const GROWTH = 1.2;
const FIRST_CAPACITY = 4;

const createTable = (capacity: number): Table => ({
  capacity,
  size: 0,
  words: new Uint32Array(capacity * 4),
  marks: new Uint8Array(capacity),
});

const DASH = 45;
const NO_DIGIT = 255;
/** By character code. */
const HEX = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? NO_DIGIT : digit;
});

/** Into the same words each time: nothing is left for the garbage collector. */
function readWords(id: string, words: Words): void {
  let digits = 0;
  for (let at = 0; at < id.length; at += 1) {
    const code = id.charCodeAt(at);
    if (code === DASH) continue;
    const digit = HEX[code] ?? NO_DIGIT;
    if (digit === NO_DIGIT) throw notAGuid();
    const word = digits >>> 3;
    words[word] = ((words[word] ?? 0) << 4) | digit;
    digits += 1;
  }
  if (digits !== 32) throw notAGuid();
}

const notAGuid = (): RangeError => new RangeError('an id that is no GUID cannot be marked');

/** Ids that count upwards must spread, too (finaliser of MurmurHash3). */
function toHash(words: Words, at = 0): number {
  const [a = 0, b = 0, c = 0, d = 0] = [words[at], words[at + 1], words[at + 2], words[at + 3]];
  let hash = (a ^ Math.imul(b, 0x9e3779b1) ^ Math.imul(c, 0x85ebca6b) ^ Math.imul(d, 0xc2b2ae35)) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
  return (hash ^ (hash >>> 16)) >>> 0;
}

const isAt = ({ words }: Table, slot: number, id: Words, from: number): boolean =>
  words[slot * 4] === id[from] &&
  words[slot * 4 + 1] === id[from + 1] &&
  words[slot * 4 + 2] === id[from + 2] &&
  words[slot * 4 + 3] === id[from + 3];

/** The slot that holds the id, or the empty one where it belongs. The hash's low bits chose the table. */
function findSlot(table: Table, hash: number, id: Words, from = 0): number {
  let slot = (hash >>> TABLE_BITS) % table.capacity;
  while (table.marks[slot] !== 0) {
    if (isAt(table, slot, id, from)) return slot;
    slot = slot + 1 === table.capacity ? 0 : slot + 1;
  }
  return slot;
}

/** Answers whether the id is new. */
function put(table: Table, { id, from = 0, value }: { id: Words; from?: number; value: number }): boolean {
  const slot = findSlot(table, toHash(id, from), id, from);
  const isNew = table.marks[slot] === 0;
  if (isNew) {
    for (let word = 0; word < 4; word += 1) table.words[slot * 4 + word] = id[from + word] ?? 0;
    table.size += 1;
  }
  table.marks[slot] = value;
  return isNew;
}

function grow(table: Table): Table {
  const larger = createTable(Math.ceil(table.capacity * GROWTH) + 1);
  for (const [slot, value] of table.marks.entries())
    if (value !== 0) put(larger, { id: table.words, from: slot * 4, value });
  return larger;
}

export function createIdMarks(): IdMarks {
  const tables: (Table | undefined)[] = Array.from({ length: TABLES }, () => undefined);
  const asked: Words = new Uint32Array(4);
  let size = 0;
  const roomyTable = (index: number): Table => {
    const known = tables[index] ?? createTable(FIRST_CAPACITY);
    const table = known.size + 1 > known.capacity * MOST_FULL ? grow(known) : known;
    tables[index] = table;
    return table;
  };
  return {
    set(id, value) {
      readWords(id, asked);
      if (put(roomyTable(toHash(asked) % TABLES), { id: asked, value })) size += 1;
    },
    get(id) {
      readWords(id, asked);
      const hash = toHash(asked);
      const table = tables[hash % TABLES];
      return table?.marks[findSlot(table, hash, asked)] ?? 0;
    },
    size: () => size,
    bytes: () => tables.reduce((sum, table) => sum + (table ? table.words.byteLength + table.marks.byteLength : 0), 0),
  };
}
