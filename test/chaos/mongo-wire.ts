import mongoose from 'mongoose';

const { BSON } = mongoose.mongo;

/** Length, id of the request, id of what is answered, opcode: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
const HEADER = 16;
const OP_MSG = 2013;
const FLAGS = { checksumPresent: 1, moreToCome: 2 };
const CHECKSUM_BYTES = 4;

/** Bytes of one message. */
export type Piece = { readonly bytes: Buffer; readonly first: boolean; readonly last: boolean };

/** Says where messages begin and end, however the bytes come; holds none back. */
export function createFramer(): (bytes: Buffer) => Piece[] {
  const length = Buffer.alloc(4);
  let seen = 0;
  return (bytes) => {
    const pieces: Piece[] = [];
    for (let at = 0; at < bytes.length;) {
      bytes.copy(length, Math.min(seen, 4), at);
      const isKnown = seen + bytes.length - at >= 4;
      // Too short to be a message: not this protocol, so there are no ends to be found.
      const whole = isKnown && length.readInt32LE(0) >= HEADER ? length.readInt32LE(0) : Infinity;
      const piece = bytes.subarray(at, at + whole - seen);
      const first = seen === 0;
      seen = seen + piece.length === whole ? 0 : seen + piece.length;
      pieces.push({ bytes: piece, first, last: seen === 0 });
      at += piece.length;
    }
    return pieces;
  };
}

export type Command = {
  readonly requestId: number;
  /** Without the documents that were sent beside it. */
  readonly body: Readonly<Record<string, unknown>>;
  /** How many documents were sent beside it, by the name of their field. */
  readonly sequences: Readonly<Record<string, number>>;
  /** Nobody waits for an answer. */
  readonly isUnacknowledged: boolean;
};

/** Of a whole message; undefined where it is no OP_MSG. */
export function readCommand(message: Buffer): Command | undefined {
  if (message.readInt32LE(12) !== OP_MSG) return undefined;
  const flags = message.readUInt32LE(HEADER);
  const end = message.length - (flags & FLAGS.checksumPresent ? CHECKSUM_BYTES : 0);
  const sequences: Record<string, number> = {};
  let body: Command['body'] = {};
  for (let at = HEADER + 4; at < end;) {
    const kind = message.readUInt8(at);
    const section = message.subarray(at + 1, at + 1 + message.readInt32LE(at + 1));
    if (kind === 0) body = BSON.deserialize(section);
    else Object.assign(sequences, countSequence(section));
    at += 1 + section.length;
  }
  const isUnacknowledged = (flags & FLAGS.moreToCome) !== 0;
  return { requestId: message.readInt32LE(4), body, sequences, isUnacknowledged };
}

function countSequence(section: Buffer): Record<string, number> {
  const nameEnds = section.indexOf(0, 4);
  let count = 0;
  for (let at = nameEnds + 1; at < section.length; at += section.readInt32LE(at)) count += 1;
  return { [section.toString('utf8', 4, nameEnds)]: count };
}

let lastId = 0;

/** One section of kind 0. */
export function writeMessage(document: object, { responseTo = 0, flags = 0 } = {}): Buffer {
  const body = BSON.serialize(document);
  const head = Buffer.alloc(HEADER + 5);
  lastId = (lastId + 1) % 0x7fff_ffff;
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(lastId, 4);
  head.writeInt32LE(responseTo, 8);
  head.writeInt32LE(OP_MSG, 12);
  head.writeUInt32LE(flags, HEADER);
  return Buffer.concat([head, body]);
}
