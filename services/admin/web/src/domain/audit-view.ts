/** Names by id: of keys, and of the integrations, people and plans that the service names. */
export type Names = { keys: ReadonlyMap<string, string>; ids: Readonly<Record<string, string>> };
/** Words for people; where they stand for an id, the id. */
export type AuditText = { text: string; id: string | null; isPerson?: true };

const ACTORS: Record<string, string> = {
  'break-glass': 'break glass',
  'setup-link': 'the setup link',
  nobody: 'nobody known',
};

/** Who did it: a key or a person by the name; ids that have none stay as they are. */
export function toActorText(actor: string, { keys, ids }: Names): string {
  const [kind = '', id = ''] = actor.split(' ', 2);
  if (kind === 'key') return keys.has(id) ? `key “${keys.get(id) ?? ''}”` : actor;
  if (kind === 'person') return ids[id.split('/')[1] ?? ''] ?? actor;
  return ACTORS[actor] ?? actor;
}

/** An IPv4 address as people write it, also where the socket was an IPv6 one. */
export const toAddressText = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '');

/** What the ids of a path are the ids of; other parameters are words already. */
const KINDS: Record<string, string> = {
  integrationId: 'integration',
  userId: 'person',
  planId: 'plan',
  keyId: 'key',
};

/** To what: the integration first, then whatever else the path named, by its name where that is known. */
export function toTargetTexts(target: string | null, integrationId: string | null, names: Names): AuditText[] {
  const parts = (target ?? '').split(', ').filter(Boolean);
  const named = integrationId === null ? [] : [toText('integrationId', integrationId, names)];
  const others = parts.filter((part) => part !== `integrationId ${integrationId ?? ''}`);
  return [
    ...named,
    ...others.map((part) => {
      const at = part.indexOf(' ');
      return toText(part.slice(0, at), part.slice(at + 1), names);
    }),
  ];
}

function toText(field: string, value: string, { keys, ids }: Names): AuditText {
  const kind = KINDS[field];
  if (kind === undefined) return { text: `${field} ${value}`, id: null };
  const text = (kind === 'key' ? keys.get(value) : ids[value]) ?? `${kind} ${value}`;
  return { text, id: value, ...(kind === 'person' ? { isPerson: true } : {}) };
}
