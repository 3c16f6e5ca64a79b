/** What must be seen nowhere. `shownIn`: the one place that shows it on purpose, once. */
export type KnownSecret = { readonly name: string; readonly value: string; readonly shownIn?: RegExp };
/** Something that was written down or answered, and where. */
export type Evidence = { readonly where: string; readonly text: string };

/** Shorter ones would be found by chance. */
const SHORTEST = 12;
/** Characters at the edge of base64 that also hold bits of what stands before: by the place within three bytes. */
const SKIPPED = [0, 2, 3];

/** Base64 of a text that holds the secret, wherever it begins there: only what the secret alone decides. */
function toBase64Forms(bytes: Buffer): string[] {
  return SKIPPED.map((skip, before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const end = (before + bytes.length) % 3 === 0 ? whole.length : whole.length - 1;
    return whole.slice(skip, end);
  });
}

/** All the ways in which a secret may be written: as it is, escaped, and encoded. */
export function toForms(value: string): string[] {
  if (value.length < SHORTEST) throw new RangeError(`a secret of ${value.length} characters would be found by chance`);
  const bytes = Buffer.from(value);
  const base64 = toBase64Forms(bytes);
  // Of a key in several lines each line is secret.
  const lines = value.split(/\r?\n/).filter((line) => line.length >= 40 && !line.startsWith('-----'));
  return [
    ...new Set([
      ...[value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1), bytes.toString('hex')],
      ...base64,
      ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
      ...lines,
    ]),
  ];
}

/** A token of OAuth or OpenID Connect, whoever's it is. */
const JWT = /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/;

/** One line for each secret that was found where it must not be; the line does not repeat it. */
export function findLeaks(secrets: readonly KnownSecret[], evidence: readonly Evidence[]): string[] {
  const known = secrets.map((secret) => ({ ...secret, forms: toForms(secret.value) }));
  return evidence.flatMap(({ where, text }) => [
    ...known
      .filter(({ shownIn, forms }) => shownIn?.test(where) !== true && forms.some((form) => text.includes(form)))
      .map(({ name }) => `${name} is in ${where}`),
    ...(JWT.test(text) ? [`a token is in ${where}`] : []),
  ]);
}
