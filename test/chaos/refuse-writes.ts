import { createFramer, readCommand, writeMessage, type Command } from './mongo-wire.js';
import type { Inspect } from './tcp-proxy.js';

/** How a server that takes no writes says so. */
export type Refusal = {
  readonly error: { readonly code: number; readonly codeName: string; readonly errmsg: string };
  /** Each insert, update and delete fails by itself, inside an answer that is ok; else the whole command fails. */
  readonly byWrite: boolean;
};

/**
 * As mongod has them (src/mongo/base/error_codes.yml): it asks before it begins a command whether it is primary; what
 * its storage throws counts against the single write (`handleError` of write_ops_exec.cpp).
 *
 * `topologyVersion`: what the member says of itself in `hello`. mongod repeats it in this error; a driver that misses it
 * takes the error for news, and speaks to no server until a `hello` tells it more, 10 s later.
 */
export const readOnly = (topologyVersion?: unknown): Refusal => ({
  error: {
    errmsg: 'not primary',
    code: 10_107,
    codeName: 'NotWritablePrimary',
    ...(topologyVersion === undefined ? {} : { topologyVersion }),
  },
  byWrite: false,
});
export const DISK_FULL: Refusal = {
  error: { errmsg: 'No space left on device', code: 14_031, codeName: 'OutOfDiskSpace' },
  byWrite: true,
};

/** By the field that holds their writes. */
const WRITES = new Map([
  ['insert', 'documents'],
  ['update', 'updates'],
  ['delete', 'deletes'],
]);
const OTHER_WRITES = new Set([
  'findAndModify',
  'findandmodify',
  'bulkWrite',
  'create',
  'createIndexes',
  'collMod',
  'renameCollection',
  'drop',
  'dropDatabase',
  'dropIndexes',
]);

const nameOf = ({ body }: Command): string => Object.keys(body)[0] ?? '';

function isWrite(command: Command): boolean {
  const name = nameOf(command);
  if (name !== 'aggregate') return WRITES.has(name) || OTHER_WRITES.has(name);
  const last: unknown = Array.isArray(command.body.pipeline) ? command.body.pipeline.at(-1) : undefined;
  return typeof last === 'object' && last !== null && ('$out' in last || '$merge' in last);
}

function countWrites({ body, sequences }: Command, field: string): number {
  const inBody = body[field];
  return sequences[field] ?? (Array.isArray(inBody) ? inBody.length : 0);
}

function toAnswer(command: Command, { byWrite, error }: Refusal): object {
  const field = WRITES.get(nameOf(command));
  if (!byWrite || field === undefined) return { ok: 0, ...error };
  const tried = command.body.ordered === false ? countWrites(command, field) : 1;
  const { code, errmsg } = error;
  const writeErrors = Array.from({ length: tried }, (_, index) => ({ index, code, errmsg }));
  return { n: 0, ...(field === 'updates' ? { nModified: 0 } : {}), writeErrors, ok: 1 };
}

/** What is said to the client in place of the server; empty where it expects no answer, undefined for what is no write. */
function refuse(message: Buffer, refusal: Refusal): Buffer | undefined {
  const command = readCommand(message);
  if (!command || !isWrite(command)) return undefined;
  if (command.isUnacknowledged) return Buffer.alloc(0);
  return writeMessage(toAnswer(command, refusal), { responseTo: command.requestId });
}

export type WriteRefusals = {
  readonly inspect: Inspect;
  /** Also on connections that are open; undefined = heal. */
  readonly set: (refusal: Refusal | undefined) => void;
  /** How many were refused until now. */
  readonly count: () => number;
};

/** In a proxy to MongoDB: writes are answered by it and do not reach the server, reads pass. */
export function createWriteRefusals(): WriteRefusals {
  let refusal: Refusal | undefined;
  let count = 0;

  const inspect: Inspect = (answer) => {
    const up = createFramer();
    const down = createFramer();
    const held: Buffer[] = [];
    const answers: Buffer[] = [];
    let holds = false;
    let isInAnswer = false;

    const judge = (message: Buffer): Buffer[] => {
      const said = refusal && refuse(message, refusal);
      if (!said) return [message];
      count += 1;
      if (isInAnswer) answers.push(said);
      else answer(said);
      return [];
    };
    return {
      upstream: (bytes) => {
        const goesOn = up(bytes).flatMap((piece) => {
          if (piece.first) holds = refusal !== undefined;
          if (!holds) return [piece.bytes];
          held.push(piece.bytes);
          return piece.last ? judge(Buffer.concat(held.splice(0))) : [];
        });
        return Buffer.concat(goesOn);
      },
      downstream: (bytes) => {
        const goesOn = down(bytes).flatMap((piece) => {
          isInAnswer = !piece.last;
          return isInAnswer ? [piece.bytes] : [piece.bytes, ...answers.splice(0)];
        });
        return Buffer.concat(goesOn);
      },
    };
  };
  return { inspect, set: (next) => void (refusal = next), count: () => count };
}
