import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLayout } from './layout.js';
import type { Layout } from './layout.js';

/** A layout in a folder of its own, for tests. */
export function createTemporaryLayout(): { readonly layout: Layout; readonly remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'muster-'));
  return { layout: createLayout('.muster', root), remove: () => rmSync(root, { recursive: true, force: true }) };
}
