/** Names whose values may be secrets, wherever they turn up in a payload. */
const SECRET_NAME = /secret|password|token|clientstate|authorization|cookie|api[-_]?key|sealed|credential|assertion/i;
/** Values that look like one: JSON web tokens, signed client states, API keys. */
const SECRET_VALUE = [
  /eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g,
  /v1\.[0-9a-f-]{36}\.[\w-]{16}\.[\w-]{43}/g,
  /muster_[\w-]{20,}/g,
  /\bBearer\s+\S+/gi,
];
export const MASK = '[secret]';

const maskText = (text: string): string => SECRET_VALUE.reduce((left, pattern) => left.replaceAll(pattern, MASK), text);

/** The same value with every possible secret replaced. Strings that hold JSON are looked into as text. */
export function maskSecrets(value: unknown): unknown {
  if (typeof value === 'string') return maskText(value);
  if (Array.isArray(value)) return value.map((item) => maskSecrets(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [
      name,
      SECRET_NAME.test(name) && held !== null ? MASK : maskSecrets(held),
    ]),
  );
}

/** The bytes of a dead letter as people can read them: JSON masked, else text masked, cut at `limit` characters. */
export function toReadablePayload(base64: string | null, limit = 16_384): unknown {
  if (base64 === null) return null;
  const text = new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
  const parsed = parseJson(text);
  if (parsed !== undefined && text.length <= limit) return maskSecrets(parsed);
  const masked = maskText(text.replaceAll(/"([^"]*)"\s*:\s*"[^"]*"/g, maskPair));
  return masked.length > limit ? `${masked.slice(0, limit)}… (${masked.length} characters)` : masked;
}

const maskPair = (pair: string, name: string): string => (SECRET_NAME.test(name) ? `"${name}":"${MASK}"` : pair);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
