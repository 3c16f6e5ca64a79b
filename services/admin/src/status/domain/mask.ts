/** Names whose values may be secrets, wherever they turn up in a payload. */
const SECRET_NAME = /secret|password|token|clientstate|authorization|cookie|api[-_]?key|sealed|credential|assertion/i;
/**
 * A JSON web token, and what is glued before it. Looked for once where a word begins, and only if two dots follow: from
 * each `eyJ` of a long word, it would take a hostile text of some 100 kB minutes.
 */
const TOKEN = /(?<![\w-])(?=[\w-]+\.[\w-]+\.)([\w-]*?)eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;
/** Other values that look like one: signed client states, API keys, fields of a form. */
const SECRET_VALUE = [
  /v1\.[0-9a-f-]{36}\.[\w-]{16}\.[\w-]{43}/g,
  /muster_[\w-]{20,}/g,
  /\bBearer\s+\S+/gi,
  /(?<=\b(?:client_secret|client_assertion|password|\w+_token)=)[^\s&"'\\]+/gi,
];
export const MASK = '[secret]';
/** Nobody reads deeper. */
const MOST_LEVELS = 64;

/** The same value with every possible secret replaced, also in strings that hold JSON. */
export function maskSecrets(value: unknown, level = 0): unknown {
  if (typeof value === 'string') return maskString(value, level);
  if (typeof value !== 'object' || value === null) return value;
  if (level >= MOST_LEVELS) return MASK;
  if (Array.isArray(value)) return value.map((item) => maskSecrets(item, level + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [
      name,
      SECRET_NAME.test(name) && held !== null ? MASK : maskSecrets(held, level + 1),
    ]),
  );
}

/** A text, which may hold JSON, be JSON that is cut off, or have some within it. */
export function maskString(text: string, level = 0): string {
  const held = parseJson(text);
  const isJson = typeof held === 'object' && held !== null;
  return isJson ? JSON.stringify(maskSecrets(held, level + 1)) : maskText(text);
}

/** The bytes of a dead letter as people can read them: JSON masked, else text masked, cut at `limit` characters. */
export function toReadablePayload(base64: string | null, limit = 16_384): unknown {
  if (base64 === null) return null;
  const text = new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
  const parsed = parseJson(text);
  if (parsed !== undefined && text.length <= limit) return maskSecrets(parsed);
  const masked = maskString(text);
  return masked.length > limit ? `${masked.slice(0, limit)}… (${masked.length} characters)` : masked;
}

const maskText = (text: string): string =>
  SECRET_VALUE.reduce(
    (left, pattern) => left.replaceAll(pattern, MASK),
    maskPairs(text).replaceAll(TOKEN, `$1${MASK}`),
  );

/** A name with its quotes, which are escaped alike, and the colon behind. */
const NAME = /(?<!\\)(\\*")([^"\\]*)\1\s*:\s*/g;

/** What stands behind the name of a secret goes, up to where it ends or the text does. */
function maskPairs(text: string): string {
  let shown = '';
  let from = 0;
  for (const { index, 0: whole, 1: quote = '"', 2: name = '' } of text.matchAll(NAME)) {
    if (index < from || !SECRET_NAME.test(name)) continue;
    const start = index + whole.length;
    const end = toEnd(text, start, quote);
    shown += `${text.slice(from, start)}${text.startsWith(quote, start) ? quote : ''}${MASK}`;
    from = end;
  }
  return shown + text.slice(from);
}

/** A string ends at its quote, a number or word where it stops; for objects and lists that is not worth finding out. */
function toEnd(text: string, start: number, quote: string): number {
  if (text.startsWith(quote, start)) return toClosingQuote(text, start + quote.length, toDepth(quote.length - 1));
  const word = /^[\w.+-]+/.exec(text.slice(start, start + 100));
  return word ? start + word[0].length : text.length;
}

function toClosingQuote(text: string, start: number, depth: number): number {
  const quotes = /\\*"/g;
  quotes.lastIndex = start;
  for (let found = quotes.exec(text); found; found = quotes.exec(text)) {
    const at = toDepth(found[0].length - 1);
    if (at <= depth) return quotes.lastIndex - 2 ** at;
  }
  return text.length;
}

/** In how many strings a quote stands, by the backslashes before it: each string around doubles them and adds one. */
const toDepth = (backslashes: number): number => 31 - Math.clz32((backslashes + 1) & -(backslashes + 1));

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
