import { parse } from 'lossless-json';
import { notificationCollection } from '@muster/contracts';

/** A number of 16 digits or more, where a number may stand; also some text that looks so. */
const MAY_BE_INEXACT = /[[:,\s-]\d{16}/;
/** In JSON this is always a field and its value: within a text, its quotes would be escaped. */
const SEQUENCE_NUMBER = /("sequenceNumber"\s*:\s*)([1-9]\d{15,})(?=\s*[,}])/g;

/**
 * Graph's sequenceNumber is over 2^53 and would lose digits as a number; JSON.parse on Node 20 cannot give the source
 * text. So that one becomes text before. Where other numbers are as long, a slower reader keeps all of them: 15 µs for
 * a usual body against 3 µs.
 */
function parseExactly(text: string): unknown {
  const quoted = MAY_BE_INEXACT.test(text) ? text.replace(SEQUENCE_NUMBER, '$1"$2"') : text;
  if (!MAY_BE_INEXACT.test(quoted)) return JSON.parse(quoted);
  return parse(text, null, { parseNumber: toExactNumber, onDuplicateKey: lastWins });
}

const toExactNumber = (text: string): number | string => {
  const number = Number(text);
  return Number.isSafeInteger(number) || !/^-?\d+$/.test(text) ? number : text;
};
/** As JSON.parse does, so that one odd item cannot spoil the others. */
const lastWins = ({ newValue }: { newValue: unknown }): unknown => newValue;

/** The items of a collection, unread; null when the body is not JSON or holds no `value` with items. Never throws. */
export function parseBody(body: Buffer): readonly unknown[] | null {
  try {
    const json = parseExactly(body.toString('utf8'));
    const collection = notificationCollection.safeParse(json);
    return collection.success ? collection.data.value : null;
  } catch {
    return null; // a SyntaxError, or a RangeError where it nests without end
  }
}
