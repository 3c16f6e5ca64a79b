export type IdRange = ({ $gte: string } | { $gt: string }) & { $lt: string };

/** Ids begin with eight hex digits, which are spread evenly. */
const END = 2 ** 32;
const FIRST_WIDTH = END / 256;
const FEW = 33;
const MANY = 100;
/** One range says how many the next has, but roughly. */
const MOST_WIDER = 16;

const toPlace = (id: string): number => parseInt((/^[\da-f]{1,8}/.exec(id)?.[0] ?? '').padEnd(8, '0'), 16);

/**
 * Everything of a tenant in order of its `{tenantId}/{id}`, some dozens at a time: one query for all holds up whatever else
 * a small server has to do until it has built the whole answer, and some hundred take it 30 ms. Whoever is there from
 * beginning to end comes once. `after`: only what comes behind this key.
 */
export async function* inIdRanges<T>(
  tenantId: string,
  find: (range: IdRange) => Promise<readonly T[]>,
  after: string | null = null,
): AsyncGenerator<T> {
  const toKey = (place: number): string =>
    place === 0 ? `${tenantId}/` : `${tenantId}/${place.toString(16).padStart(8, '0')}`;
  const toLower = (place: number) =>
    after !== null && after >= toKey(place) ? { $gt: after } : { $gte: toKey(place) };
  const isMine = after?.startsWith(`${tenantId}/`) ?? false;
  let lower: { $gt: string } | { $gte: string } = after !== null && isMine ? { $gt: after } : toLower(0);
  let width = FIRST_WIDTH;
  for (let from = after !== null && isMine ? toPlace(after.slice(tenantId.length + 1)) : 0; from < END;) {
    const to = Math.min(END, from + width);
    // '0' comes next to '/'.
    const found = await find({ ...lower, $lt: to === END ? `${tenantId}0` : toKey(to) });
    yield* found;
    from = to;
    lower = toLower(to);
    if (found.length < FEW) width *= Math.min(MOST_WIDER, Math.floor(MANY / Math.max(1, found.length)));
    else if (found.length > MANY) width = Math.max(1, Math.floor(width / 2));
  }
}

/** So many at most of what comes behind a key; `find` may leave out what is beyond so many of a range. */
export async function takeInIdRanges<T>(
  tenantId: string,
  find: (range: IdRange) => Promise<readonly T[]>,
  { after, size }: { after: string | null; size: number },
): Promise<T[]> {
  const taken: T[] = [];
  for await (const one of inIdRanges(tenantId, find, after)) {
    taken.push(one);
    if (taken.length === size) break;
  }
  return taken;
}
