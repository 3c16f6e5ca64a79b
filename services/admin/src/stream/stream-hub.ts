import type { Response } from 'express';
import type { DirectoryChange } from '@muster/contracts';
import type { Now } from '@muster/runtime';
import type { IntegrationsStore } from '@muster/store';
import { SETUP_LINK, type Principal } from '../keys/principal.js';
import { createMemo } from '../memo.js';

/** Pages that stay open and are told what happens (server-sent events). */
export type StreamHub = {
  /**
   * Resolves when the stream has ended, by whichever side. `stillMay` is asked with each heartbeat, and within two
   * seconds of an edit of the integration, for that may take a role away.
   */
  open: (response: Response, principal: Principal, stillMay: () => Promise<boolean>) => Promise<void>;
  /** What has no room for one more: this copy, or the share of this session, person or key; null: there is room. */
  isFull: (principal: Principal) => 'copy' | 'share' | null;
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
  editsEvery?: number;
};

type Stream = { principal: Principal; stillMay: () => Promise<boolean>; response: Response };

const MOST_STREAMS = 2_000;
/** So that nobody can keep all others out. */
const MOST_OF_ONE = 20;
/** A page that does not read is let go; it comes back by itself. */
const MOST_WAITING_BYTES = 1_000_000;
/** More changes at a time are told as a number. */
const MOST_CHANGES = 50;

const toEvent = (event: string, data: object): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

export function createStreamHub(options: StreamHubOptions): StreamHub {
  const { integrations, now, heartbeatEvery = 15_000, statusEvery = 5_000, editsEvery = 2_000 } = options;
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

  const listEdited = createEdits(integrations);
  const beatEdited = async (): Promise<void> => {
    if (streams.size === 0) return;
    // MongoDB away: asked again in two seconds.
    const edited = await listEdited().catch(() => new Set<string>());
    for (const stream of streams)
      if (stream.principal.integrationId !== null && edited.has(stream.principal.integrationId)) void beat(stream);
  };

  const timers = [
    setInterval(() => void beatEdited(), editsEvery),
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
    isFull: (principal) => {
      if (streams.size >= MOST_STREAMS) return 'copy';
      const owner = toOwner(principal);
      const own = [...streams].filter((stream) => toOwner(stream.principal) === owner).length;
      return own >= MOST_OF_ONE ? 'share' : null;
    },
    tell: async (changes) => {
      if (changes.length === 0 || streams.size === 0) return;
      const byIntegration = groupChanges(changes, await integrationOf());
      for (const stream of streams)
        for (const [integrationId, texts] of byIntegration)
          if (maySee(stream.principal, integrationId)) for (const text of texts) send(stream, text);
    },
    cutPerson: (tenantId, userId) => {
      cutWhere(({ person }) => person?.tenantId === tenantId && person.userId === userId);
      // Somebody may be in by a link of theirs: asked again at once.
      for (const stream of streams) if (stream.principal.actor === SETUP_LINK) void beat(stream);
    },
    cutSession: (sessionHash) => cutWhere((principal) => principal.sessionHash === sessionHash),
    close: () => {
      timers.forEach(clearInterval);
      for (const stream of streams) stream.response.end();
      streams.clear();
    },
  };
}

/** A person counts once, however often signed in; a key that several people pasted counts for each session. */
const toOwner = ({ person, actor, sessionHash }: Principal): string =>
  person === null ? (sessionHash ?? actor) : actor;

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

/** Integrations that were edited since it was last asked; the first time only remembers. */
function createEdits(integrations: StreamHubOptions['integrations']) {
  let known: ReadonlyMap<string, number> | null = null;
  return async (): Promise<Set<string>> => {
    const all = await integrations.all();
    const before = known;
    known = new Map(all.map(({ integrationId, revision }) => [integrationId, revision]));
    if (before === null) return new Set();
    return new Set([...known].flatMap(([id, revision]) => (before.get(id) === revision ? [] : [id])));
  };
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
