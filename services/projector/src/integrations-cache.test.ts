import assert from 'node:assert/strict';
import type { IntegrationSettings } from '@muster/contracts';
import { createIntegrationsCache } from './integrations-cache.js';

const settings = (integrationId: string, revision: number) => ({ integrationId, revision }) as IntegrationSettings;

describe('the view of the integrations', () => {
  let saved: IntegrationSettings[];
  let reads: number;
  let release: (() => void) | undefined;
  let isHeldBack: boolean;
  const now = () => new Date(1_000);
  const integrations = {
    all: async () => {
      reads += 1;
      const found = [...saved];
      if (isHeldBack) await new Promise<void>((resolve) => (release = resolve));
      return found;
    },
  };
  beforeEach(() => {
    [saved, reads, isHeldBack] = [[settings('one', 1)], 0, false];
  });

  it('is kept for a while, and read anew for who needs more than it has', async () => {
    const view = createIntegrationsCache(integrations, now);
    await view();
    await view(() => true);
    assert.equal(reads, 1);
    saved = [settings('one', 2)];
    const seen = await view((held) => (held.get('one')?.revision ?? 0) >= 2);
    assert.deepEqual([seen.get('one')?.revision, reads], [2, 2]);
  });

  it('is given as it is when reading anew does not help', async () => {
    const view = createIntegrationsCache(integrations, now);
    await view();
    assert.equal((await view((held) => held.has('two'))).has('two'), false);
    assert.equal(reads, 2);
  });

  it('is read once more for who waited for a read that had begun before', async () => {
    const view = createIntegrationsCache(integrations, now);
    isHeldBack = true;
    const first = view();
    saved = [settings('one', 1), settings('two', 1)];
    const second = view((held) => held.has('two'));
    isHeldBack = false;
    release?.();
    assert.equal((await first).has('two'), false);
    assert.equal((await second).has('two'), true);
  });
});
