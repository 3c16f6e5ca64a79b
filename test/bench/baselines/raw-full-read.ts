// R8: page after page: read the same ids, compare, write under guard what differs. No log, no feed, no removals. TOLD=1: the
// floor of a change that is told: the document has words to search by and the change, in a database with Muster's indexes,
// and a second write says that it was told. A write is answered once it is on the disk, as mongod does by itself for
// `majority`. From START_AT on, over and over for LOOP_SECONDS.
import mongoose from 'mongoose';

type Row = { _id: string; revision: number; observedAt: string; [field: string]: unknown };
const { MONGODB_URI = '', PEOPLE = '0', GENERATION = '0', TOLD = '', PAGE_MS = '0' } = process.env;
const { START_AT = '0', LOOP_SECONDS = '0' } = process.env;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const PAGE = 999;
const connection = await mongoose.createConnection(MONGODB_URI).asPromise();
const users = connection.collection<Row>('users');
const toUser = (index: number): Record<string, unknown> & { userId: string } => {
  const spread = (Math.imul(index, 2_654_435_761) >>> 0).toString(16).padStart(8, '0');
  const userId = `${spread}-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
  const nothing = { givenName: null, surname: null, mail: null, jobTitle: null, department: null };
  const name = { userPrincipalName: `${userId}@contoso.test`, displayName: `Ann ${GENERATION}` };
  return { tenantId: 'tenant', userId, ...name, ...nothing, accountEnabled: true, userType: 'Member', inGroup: true };
};
/** By 33, two at once: what this database does fastest. */
const read = async (ids: readonly string[]): Promise<Row[]> => {
  const found: Row[] = [];
  for (let from = 0; from < ids.length; from += 66) {
    const parts = [0, 33].map((start) => ids.slice(from + start, from + start + 33));
    found.push(...(await Promise.all(parts.map((some) => users.find({ _id: { $in: some } }).toArray()))).flat());
  }
  return found;
};
const toTold = (row: Record<string, unknown>, at: string) => ({
  ...{ searchTerms: [`ann ${GENERATION}`, String(row.userPrincipalName)], status: 'active', changedAt: at },
  ...{ pending: { id: row.userId, at }, pendingAt: at },
});
await sleep(Math.max(0, Number(START_AT) - Date.now()));
const begun = performance.now();
const cpuBefore = process.cpuUsage();
let changed = 0;
async function readAll(): Promise<void> {
  for (let from = 0; from < Number(PEOPLE); from += PAGE) {
    if (PAGE_MS !== '0') await sleep(Number(PAGE_MS));
    const size = Math.min(PAGE, Number(PEOPLE) - from);
    const rows = Array.from({ length: size }, (_, index) => toUser(from + index));
    const observedAt = new Date().toISOString();
    const found = await read(rows.map(({ userId }) => `tenant/${userId}`));
    const known = new Map(found.map((row) => [row._id, row]));
    const writes = rows.flatMap((row): mongoose.mongo.AnyBulkWriteOperation<Row>[] => {
      const _id = `tenant/${row.userId}`;
      const old = known.get(_id);
      if (!old)
        return [
          { insertOne: { document: { _id, revision: 1, observedAt, ...row, ...(TOLD && toTold(row, observedAt)) } } },
        ];
      const others = Object.fromEntries(Object.entries(row).filter(([field, value]) => value !== old[field]));
      if (Object.keys(others).length === 0) return [];
      const filter = { _id, revision: old.revision, observedAt: { $lte: observedAt } };
      return [
        {
          updateOne: {
            filter,
            update: {
              $set: { ...others, revision: old.revision + 1, observedAt, ...(TOLD && toTold(row, observedAt)) },
            },
          },
        },
      ];
    });
    if (writes.length > 0) await users.bulkWrite(writes, { ordered: false, writeConcern: { journal: true } });
    if (writes.length > 0 && TOLD)
      for (let start = 0; start < size; start += 100) {
        const some = rows.slice(start, start + 100).map(({ userId }) => `tenant/${userId}`);
        await users.updateMany({ _id: { $in: some } }, { $unset: { pending: '', pendingAt: '' } });
      }
    changed += writes.length;
  }
}
do await readAll();
while (performance.now() - begun < Number(LOOP_SECONDS) * 1_000);
const seconds = (performance.now() - begun) / 1_000;
const { user, system } = process.cpuUsage(cpuBefore);
console.log(JSON.stringify({ outcome: 'complete', changed, seconds, cpuSeconds: (user + system) / 1e6 }));
process.exit();
