import { parse } from 'lossless-json';
import { notificationCollection } from '@muster/contracts';

/**
 * Graph's sequenceNumber is over 2^53 and would lose digits as a number; JSON.parse on Node 20 cannot give the source
 * text. 15 µs for a usual body against 2 µs: a tenth of what a request costs.
 */
const toExactNumber = (text: string): number | string => {
  const number = Number(text);
  return Number.isSafeInteger(number) || !/^-?\d+$/.test(text) ? number : text;
};
/** As JSON.parse does, so that one odd item cannot spoil the others. */
const lastWins = ({ newValue }: { newValue: unknown }): unknown => newValue;

/** The items of a collection, unread; null when the body is not JSON or holds no `value` with items. Never throws. */
export function parseBody(body: Buffer): readonly unknown[] | null {
  try {
    const json = parse(body.toString('utf8'), null, { parseNumber: toExactNumber, onDuplicateKey: lastWins });
    const collection = notificationCollection.safeParse(json);
    return collection.success ? collection.data.value : null;
  } catch {
    return null; // a SyntaxError, or a RangeError where it nests without end
  }
}
