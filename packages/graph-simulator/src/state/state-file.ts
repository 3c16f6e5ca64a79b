import { createReadStream } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

/** A line a record, as one text of a big tenant would not fit into a string. */
const CHUNK = 1 << 20;

/** Written beside and renamed over the old one, so that a kill leaves a whole file. */
export const writeLines = async (path: string, lines: Iterable<string>): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.writing`;
  const file = await open(beside, 'w', 0o600);
  try {
    let chunk = '';
    for (const line of lines) {
      chunk += `${line}\n`;
      if (chunk.length < CHUNK) continue;
      await file.write(chunk);
      chunk = '';
    }
    await file.write(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
};

export async function* readLines(path: string): AsyncGenerator<string> {
  const file = createReadStream(path, 'utf8');
  for await (const line of createInterface({ input: file, crlfDelay: Infinity })) if (line !== '') yield line;
}
