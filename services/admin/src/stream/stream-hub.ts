import type { Response } from 'express';
import type { DirectoryChange } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { IntegrationsStore } from '@muster/store';
import type { Principal } from '../keys/principal.js';
import { createMemo } from '../memo.js';

/** Pages that stay open and are told what happens (server-sent events). */
export type StreamHub = {
  /** Resolves when the stream has ended, by whichever side. `stillMay` is asked with each heartbeat. */
  open: (response: Response, principal: Principal, stillMay: () => Promise<boolean>) => Promise<void>;
  isFull: () => boolean;
  tell: (changes: readonly DirectoryChange[]) => Promise<void>;
  cutPerson: (tenantId: string, userId: string) => void;
  cutSession: (sessionHash: string) => void;
  /** No timers and no streams are left. */
  close: () => void;
};

export type StreamHubOptions = {
  integrations: Pick<IntegrationsStore, 'all'>;
  now: Now;
  /** Milliseconds. */
  heartbeatEvery?: number;
  statusEvery?: number;
};

type Stream = { principal: Principal; stillMay: () => Promise<boolean>; response: Response };

const MOST_STREAMS = 2_000;
/** A page that does not read is let go; it comes back by itself. */
const MOST_WAITING_BYTES = 1_000_000;
/** More changes at a time are told as a number. */
const MOST_CHANGES = 50;

const toEvent = (event: string, data: object): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

export function createStreamHub(options: StreamHubOptions): StreamHub {
  const { integrations, now, heartbeatEvery = 15_000, statusEvery = 5_000 } = options;
  const streams = new Set<Stream>();
  const integrationOf = createTenantIndex(integrations, now);

  const send = ({ response }: Stream, text: string): void => {
    if (response.writableLength > MOST_WAITING_BYTES) response.destroy();
    else response.write(text);
  };
  const cut = (stream: Stream, why: string): void => {
    streams.delete(stream);
    stream.response.end(toEvent('cut', { why }));
  };
  const cutWhere = (isMeant: (principal: Principal) => boolean): void => {
    for (const stream of streams) if (isMeant(stream.principal)) cut(stream, 'signed-out');
  };
  const beat = async (stream: Stream): Promise<void> => {
    // MongoDB away: asked again with the next heartbeat; what is open shows nothing new meanwhile.
    const may = await stream.stillMay().catch(() => true);
    if (!streams.has(stream)) return;
    if (may) send(stream, ': heartbeat\n\n');
    else cut(stream, 'signed-out');
  };

  const timers = [
    setInterval(() => streams.forEach((stream) => void beat(stream)), heartbeatEvery),
    setInterval(() => {
      const tick = toEvent('status', { at: now().toISOString() });
      for (const stream of streams) if (stream.principal.role !== 'member') send(stream, tick);
    }, statusEvery),
  ];
  for (const timer of timers) timer.unref();

  return {
    open: (response, principal, stillMay) =>
      new Promise((resolve) => {
        const stream = { principal, stillMay, response };
        streams.add(stream);
        response.once('close', () => {
          streams.delete(stream);
          resolve();
        });
        response.flushHeaders();
        send(stream, 'retry: 2000\n\n');
      }),
    isFull: () => streams.size >= MOST_STREAMS,
    tell: async (changes) => {
      if (changes.length === 0 || streams.size === 0) return;
      const byIntegration = groupChanges(changes, await integrationOf());
      for (const stream of streams)
        for (const [integrationId, texts] of byIntegration)
          if (maySee(stream.principal, integrationId)) for (const text of texts) send(stream, text);
    },
    cutPerson: (tenantId, userId) =>
      cutWhere(({ person }) => person?.tenantId === tenantId && person.userId === userId),
    cutSession: (sessionHash) => cutWhere((principal) => principal.sessionHash === sessionHash),
    close: () => {
      timers.forEach(clearInterval);
      for (const stream of streams) stream.response.end();
      streams.clear();
    },
  };
}

const maySee = ({ role, integrationId: own }: Principal, integrationId: string): boolean =>
  role === 'operator' || (role === 'tenant-admin' && own === integrationId);

/** Tenants of the integrations that are there; asked at most every few seconds. */
function createTenantIndex(integrations: StreamHubOptions['integrations'], now: Now) {
  const memo = createMemo<ReadonlyMap<string, string>>({ forMs: 5_000, now });
  return () =>
    memo('all', async () => {
      const all = await integrations.all();
      return new Map(
        all.flatMap(({ state, tenantId, integrationId }) =>
          state === 'removed' ? [] : [[tenantId, integrationId] as const],
        ),
      );
    });
}

function groupChanges(changes: readonly DirectoryChange[], integrationOf: ReadonlyMap<string, string>) {
  const grouped = new Map<string, DirectoryChange[]>();
  for (const change of changes) {
    const integrationId = integrationOf.get(change.data.document.tenantId);
    if (integrationId === undefined) continue;
    const list = grouped.get(integrationId) ?? [];
    grouped.set(integrationId, [...list, change]);
  }
  return [...grouped].map(([integrationId, list]) => [integrationId, toTexts(integrationId, list)] as const);
}

function toTexts(integrationId: string, changes: readonly DirectoryChange[]): string[] {
  if (changes.length > MOST_CHANGES) return [toEvent('change', { integrationId, count: changes.length })];
  return changes.map(({ type, time, data: { document, revision } }) =>
    toEvent('change', { integrationId, count: 1, what: type, userId: document.userId, revision, at: time }),
  );
}
