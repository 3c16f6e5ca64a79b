import mongoose from 'mongoose';

export type CollectionSize = { collection: string; documents: number; bytes: number; indexBytes: number };

/** Of each collection as the server tells it (`collStats`): documents without compression, and their indexes. */
export async function measureDatabase(uri: string): Promise<CollectionSize[]> {
  const connection = await mongoose.createConnection(uri).asPromise();
  try {
    const sizes: CollectionSize[] = [];
    for (const { name } of (await connection.db?.listCollections().toArray()) ?? []) {
      const told = await connection.db?.command({ collStats: name });
      const of = (field: string): number => Number(told?.[field] ?? Number.NaN);
      sizes.push({ collection: name, documents: of('count'), bytes: of('size'), indexBytes: of('totalIndexSize') });
    }
    return sizes;
  } finally {
    await connection.close();
  }
}

/** Those of a megabyte and more, documents and indexes apart. */
export function describeSizes(sizes: readonly CollectionSize[] | null): string {
  if (!sizes || sizes.some(({ bytes, indexBytes }) => Number.isNaN(bytes + indexBytes))) return 'database: not told';
  const inMB = (bytes: number): number => Math.round(bytes / 1_000_000);
  const big = sizes.filter(({ bytes, indexBytes }) => inMB(bytes + indexBytes) > 0);
  const each = big.map(
    ({ collection, documents, bytes, indexBytes }) =>
      `${collection} ${documents}: ${inMB(bytes)} and indexes ${inMB(indexBytes)} MB`,
  );
  return `database: ${each.join(', ') || 'less than 1 MB'}`;
}
