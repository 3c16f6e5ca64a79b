import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { requestJson, requireJson } from './stack/request-json.js';
import type { JsonAnswer, JsonRequest } from './stack/request-json.js';

const integration = z.object({ integrationId: z.string(), tenantId: z.string(), state: z.string() });
export type Integration = z.infer<typeof integration>;

export type NewIntegration = {
  readonly name: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly secretExpiresAt: string;
  readonly groupId: string | null;
};

export type AdminApi = {
  readonly ask: (path: string, request?: JsonRequest) => Promise<JsonAnswer>;
  /** The integration of a tenant, created when there is none, proved, and started. */
  readonly connect: (wanted: NewIntegration) => Promise<Integration>;
};

export type AdminApiOptions = { readonly adminUrl: string; readonly key: string; readonly caFile?: string };

const checkResult = z.object({
  ok: z.boolean(),
  verdicts: z.array(z.object({ state: z.string(), text: z.string(), cure: z.string().nullable() })),
});

/** Admin's JSON API, as an operator uses it. */
export function createAdminApi({ adminUrl, key, caFile }: AdminApiOptions): AdminApi {
  const common = {
    headers: { authorization: `Bearer ${key}` },
    ...(caFile ? { ca: readFileSync(caFile, 'utf8') } : {}),
  };
  const urlOf = (path: string): string => `${adminUrl}/api/v1${path}`;
  const require = (path: string, request: JsonRequest = {}): Promise<unknown> =>
    requireJson(urlOf(path), { ...common, ...request });

  async function findOrCreate(wanted: NewIntegration): Promise<Integration> {
    const { items } = z.object({ items: z.array(integration) }).parse(await require('/integrations'));
    const found = items.find(({ tenantId }) => tenantId === wanted.tenantId);
    return found ?? integration.parse(await require('/integrations', { method: 'POST', body: wanted }));
  }

  async function prove({ integrationId }: Integration): Promise<void> {
    const { ok, verdicts } = checkResult.parse(
      await require(`/integrations/${integrationId}/check`, { method: 'POST' }),
    );
    if (ok) return;
    const wrong = verdicts
      .filter(({ state }) => state === 'problem' || state === 'unknown')
      .map(({ text, cure }) => `  - ${text} ${cure ?? ''}`);
    throw new Error(`The integration does not work:\n${wrong.join('\n')}`);
  }

  return {
    ask: (path, request = {}) => requestJson(urlOf(path), { ...common, ...request }),
    async connect(wanted) {
      const found = await findOrCreate(wanted);
      if (found.state === 'active') return found;
      await prove(found);
      await require(`/integrations/${found.integrationId}/start`, { method: 'POST' });
      return found;
    },
  };
}
