import mongoose from 'mongoose';
import { Failure, isFailure } from '@muster/contracts';

export const DUPLICATE_KEY = 11_000;

const UNREACHABLE = new Set([
  'MongoServerSelectionError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoPoolClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoOperationTimeoutError',
  'MongoWriteConcernError',
  'MongoClientClosedError',
  'MongooseServerSelectionError',
]);
/**
 * The server steps down, shuts down or is too slow: PrimarySteppedDown, ShutdownInProgress, ExceededTimeLimit and kin
 * (https://www.mongodb.com/docs/manual/reference/error-codes/).
 */
const AWAY_CODES = [6, 7, 50, 64, 89, 91, 189, 262, 9001, 11_600, 11_602, 13_435, 13_436];
/**
 * It takes no writes for now: NotWritablePrimary (read-only), OutOfDiskSpace, UserWritesBlocked, AtlasError (as of a
 * quota that is used up).
 */
const ATLAS_ERROR = 8_000;
const NO_WRITES_CODES = [10_107, 14_031, 371, ATLAS_ERROR];
const PASSING_CODES = new Set([...AWAY_CODES, ...NO_WRITES_CODES]);

/** The driver does not wrap every error of its sockets (a write that is reset at once), and a bulk copies the code. */
const isOfSystem = (error: Error): boolean =>
  'code' in error && typeof error.code === 'string' && /^E[A-Z_]+$/.test(error.code);

function mayPass(error: Error): boolean {
  // A kind of them has a name of its own: PoolClearedOnNetworkError, when a server did not answer the monitor.
  if (error instanceof mongoose.mongo.MongoNetworkError) return true;
  if (UNREACHABLE.has(error.name) || isOfSystem(error)) return true;
  const writeErrors = toWriteErrors(error);
  // A bulk wraps the driver's own error and loses its name: what no operation is to blame for is the connection.
  if (writeErrors?.length === 0 && !('code' in error && error.code !== undefined)) return true;
  if (error instanceof mongoose.mongo.MongoError) {
    // Atlas says by the code of its quotas that it refuses a login.
    if (error.code === ATLAS_ERROR && error.hasErrorLabel('HandshakeError')) return false;
    if (error.hasErrorLabel('RetryableWriteError') || error.hasErrorLabel('TransientTransactionError')) return true;
    // A bulk has the code of its first error only.
    if (writeErrors && writeErrors.length > 0)
      return mayAllPass([...writeErrors.map(({ code }) => code), ...toConcernCodes(error)]);
    return typeof error.code === 'number' && PASSING_CODES.has(error.code);
  }
  // What mongoose says in place of buffering (bufferCommands: false).
  return (
    error instanceof mongoose.MongooseError && /initial connection|not connected|disconnected/i.test(error.message)
  );
}

const takesNoWrites = (error: Error): boolean =>
  error instanceof mongoose.mongo.MongoError && NO_WRITES_CODES.some((code) => code === error.code);

function mayAllPass(codes: readonly number[]): boolean {
  const own = codes.filter((code) => code !== DUPLICATE_KEY);
  return own.length > 0 && own.every((code) => PASSING_CODES.has(code));
}

/** Errors of the driver in our words; messages of the driver may hold a document, so they stay in `cause`. */
export function toFailure(error: unknown): unknown {
  if (isFailure(error) || !(error instanceof Error)) return error;
  if (mayPass(error)) {
    const message = takesNoWrites(error) ? 'MongoDB takes no writes for now' : 'MongoDB does not answer';
    return new Failure('store.unavailable', message, { retryable: true, cause: error });
  }
  const code = error instanceof mongoose.mongo.MongoError ? (error.code ?? null) : null;
  return new Failure('store.refused', 'MongoDB refused a command', {
    retryable: false,
    cause: error,
    details: { code, error: error.name },
  });
}

/** The errors of a bulk's operations by index and code; null when it is another error. */
export function toWriteErrors(error: unknown): { index: number; code: number }[] | null {
  if (!(error instanceof mongoose.mongo.MongoBulkWriteError)) return null;
  // The driver's type here is `any` of its generics: a list, or one alone.
  const errors = [error.writeErrors].flat() as { index: number; code: number }[];
  return errors.map(({ index, code }) => ({ index, code }));
}

/** Of a bulk of which something is not on enough disks. The driver throws that alone as it is now (7.8), without the operations' errors. */
function toConcernCodes(error: unknown): number[] {
  if (!(error instanceof mongoose.mongo.MongoBulkWriteError)) return [];
  const concern = error.result.getWriteConcernError();
  return concern ? [concern.code ?? 0] : [];
}

/** Of an unordered bulk: every operation that failed met a document with its key, and the others are safe. */
export function isOnlyDuplicates(error: unknown): boolean {
  const errors = toWriteErrors(error);
  if (toConcernCodes(error).length > 0) return false;
  return errors !== null && errors.length > 0 && errors.every(({ code }) => code === DUPLICATE_KEY);
}
