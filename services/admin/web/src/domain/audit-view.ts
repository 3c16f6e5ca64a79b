/** Names by id. */
export type Names = { keys: ReadonlyMap<string, string>; integrations: ReadonlyMap<string, string> };

const ACTORS: Record<string, string> = {
  'break-glass': 'break glass',
  'setup-link': 'the setup link',
  nobody: 'nobody known',
};

/** Who did it: a key by its name; ids that have none stay as they are. */
export function toActorText(actor: string, { keys }: Names): string {
  const [kind = '', id = ''] = actor.split(' ', 2);
  if (kind === 'key') return keys.has(id) ? `key “${keys.get(id) ?? ''}”` : actor;
  return ACTORS[actor] ?? actor;
}

/** An IPv4 address as people write it, also where the socket was an IPv6 one. */
export const toAddressText = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '');

/** To what: an integration by its name, and whatever else the path named. */
export function toTargetText(target: string | null, integrationId: string | null, { integrations }: Names): string {
  const name = integrationId === null ? undefined : integrations.get(integrationId);
  const rest = (target ?? '')
    .split(', ')
    .filter((part) => part !== '' && (name === undefined || part !== `integrationId ${integrationId ?? ''}`));
  return [...(name === undefined ? [] : [name]), ...rest].join(', ') || (integrationId ?? '');
}
