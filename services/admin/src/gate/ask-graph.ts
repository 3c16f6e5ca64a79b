import { isFailure, type IntegrationSettings } from '@muster/contracts';
import type { Graph } from '@muster/graph-client';
import type { Now } from '@muster/runtime';
import type { TenantGraphs } from '@muster/tenant-access';
import { createMemo } from '../memo.js';
import type { AskedPerson } from './domain/judge-gate.js';

export type GraphAccess = Pick<TenantGraphs, 'graphFor'>;
export type AskGraph = (settings: IntegrationSettings, userId: string, groupId: string | null) => Promise<AskedPerson>;

/**
 * Asks Graph for one person, and whether the person is in a group, nested ones too. An answer counts for `forMs`, so
 * that a page that polls costs Graph one request in that time; failures are asked anew. Rejects with a Failure.
 */
export function createAskGraph({ graphFor }: GraphAccess, options: { forMs: number; now: Now }): AskGraph {
  const memo = createMemo<AskedPerson>(options);
  return (settings, userId, groupId) => {
    const key = [settings.integrationId, settings.revision, userId, groupId].join('/');
    return memo(key, async () => readPerson(graphFor(settings), userId, groupId));
  };
}

async function readPerson(graph: Graph, userId: string, groupId: string | null): Promise<AskedPerson> {
  const [read] = await graph.readUsers([userId], { groupId });
  if (!read || read.found === 'failed') throw read?.failure ?? new Error('Graph answered nothing about this person');
  const { observedAt } = read;
  return read.found === 'no'
    ? { user: null, inGroup: null, observedAt }
    : { user: read.user, inGroup: read.inGroup, observedAt };
}

/** For the log of what could not be asked. */
export const toProblemCode = (error: unknown): string => (isFailure(error) ? error.code : 'unknown');
