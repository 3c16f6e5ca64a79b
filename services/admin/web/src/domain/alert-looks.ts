import { formatWhen } from './format.js';

/** The rules are looked at each few seconds, of hundreds of integrations each two minutes; older than this, nobody watches. */
const STALE_MS = 180_000;

export type Look = { isWatched: boolean; text: string };

/** What can be said of the last look at all rules; undefined: a service that does not tell, so nothing is claimed. */
export function toLook(lookedAt: string | null | undefined, now: Date): Look | null {
  if (lookedAt === undefined) return null;
  if (lookedAt === null) return { isWatched: false, text: 'No rule was looked at yet: nobody watches.' };
  const isWatched = now.getTime() - Date.parse(lookedAt) <= STALE_MS;
  const when = formatWhen(lookedAt, now);
  return {
    isWatched,
    text: isWatched
      ? `Every rule was looked at ${when}, and none holds.`
      : `The rules were last looked at ${when}: nobody watches until the admin service does again.`,
  };
}
