import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createFramer, readCommand, writeMessage } from './mongo-wire.js';

/** What a driver sends beside the body: a section of kind 1. */
function withSequence(message: Buffer, name: string, documents: readonly Buffer[]): Buffer {
  const size = Buffer.alloc(4);
  const content = Buffer.concat([Buffer.from(`${name}\0`), ...documents]);
  size.writeInt32LE(4 + content.length);
  const whole = Buffer.concat([message, Buffer.of(1), size, content]);
  whole.writeInt32LE(whole.length, 0);
  return whole;
}

/** A document that has nothing in it, as bytes. */
const EMPTY = Buffer.of(5, 0, 0, 0, 0);

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieces.at(-1)!.length)
    pieces.push(bytes.subarray(at, at + sizes[pieces.length % sizes.length]!));
  return pieces;
}

describe('messages of the MongoDB wire protocol', () => {
  it('are found by their lengths, wherever the stream is cut', () => {
    const texts = fc.array(fc.string(), { minLength: 1, maxLength: 8 });
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(texts, sizes, (told, cuts) => {
        const sent = told.map((text) => writeMessage({ text }));
        const found: Buffer[][] = [];
        for (const { bytes, first, last } of cut(Buffer.concat(sent), cuts).flatMap(createFramer())) {
          assert.equal(first, found.length === 0 || found.at(-1)!.length === 0);
          if (first && found.length === 0) found.push([]);
          found.at(-1)!.push(bytes);
          if (last) found.push([]);
        }
        assert.deepEqual(found.map((pieces) => Buffer.concat(pieces)).slice(0, -1), sent);
        assert.deepEqual(found.at(-1), []);
      }),
    );
  });

  it('what is none is one that never ends', () => {
    const pieces = [Buffer.of(0, 0, 0, 0, 1), Buffer.alloc(40)].flatMap(createFramer());
    assert.deepEqual(
      pieces.map(({ bytes, first, last }) => [bytes.length, first, last]),
      [
        [5, true, false],
        [40, false, false],
      ],
    );
  });

  it('are read: body, documents beside it, checksum', () => {
    const insert = withSequence(writeMessage({ insert: 'users', ordered: false }), 'documents', [EMPTY, EMPTY, EMPTY]);
    insert.writeInt32LE(77, 4);
    const expected = { requestId: 77, body: { insert: 'users', ordered: false }, sequences: { documents: 3 } };
    assert.deepEqual(readCommand(insert), { ...expected, isUnacknowledged: false });

    const summed = Buffer.concat([insert, Buffer.of(0, 0, 0, 0)]);
    summed.writeInt32LE(summed.length, 0);
    summed.writeUInt32LE(1 | 2, 16);
    assert.deepEqual(readCommand(summed), { ...expected, isUnacknowledged: true });
  });

  it('of another opcode are not', () => {
    const compressed = writeMessage({ insert: 'users' });
    compressed.writeInt32LE(2012, 12);
    assert.equal(readCommand(compressed), undefined);
  });
});
