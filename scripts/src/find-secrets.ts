/** Forms of secrets that stand for themselves: what looks so is one. Own grep: secretlint needs Node 22. */
const FORMS: Readonly<Record<string, RegExp>> = {
  'a private key':
    /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----(?:\s|\\n|(?:Proc-Type|DEK-Info): [\w ,-]+)+[A-Za-z0-9+/=]{40}/,
  'a client secret of Entra': /(?<![\w~.-])[\w~.-]{3}[78]Q~[\w~.-]{31,34}(?![\w~.-])/,
  'a token (JWT)': /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/,
  "one of Muster's API keys": /\bmuster_[\w-]{43}(?![\w-])/,
  "one of Muster's keys":
    /\b(?:MUSTER_KEYS|CLIENT_STATE_KEYS|MUSTER_BOOTSTRAP_KEY)['"]?\s*[=:]\s*['"]?[A-Za-z0-9+/_-]{32}/,
  'a password in an address':
    /\b[a-z][a-z+]*:\/\/[^\s:@/'"`$<>{}]+:[^\s@/'"`$<>{}]{6,}@(?!(?:127\.0\.0\.1|localhost)(?![\w.]))/,
  "Kafka's password": /\bKAFKA_SASL_PASSWORD['"]?\s*[=:]\s*['"]?[A-Za-z0-9+/_-]{16}/,
  'a key of AWS': /\bAKIA[0-9A-Z]{16}\b/,
  'a key of Google': /\bAIza[\w-]{35}(?![\w-])/,
  'a token of GitHub': /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{50,})/,
  'a token of npm': /\bnpm_[A-Za-z0-9]{36}\b|_authToken\s*=\s*(?!\$\{)\S{8}/,
  'a token of Slack': /\bxox[abprs]-[\w-]{10,}/,
};

export type FoundSecret = { readonly line: number; readonly what: string };

/** Where a text holds what looks like a secret; never the secret itself. */
export const findSecrets = (text: string): FoundSecret[] =>
  Object.entries(FORMS).flatMap(([what, form]) =>
    [...text.matchAll(new RegExp(form, 'g'))].map(({ index }) => ({
      line: text.slice(0, index).split('\n').length,
      what,
    })),
  );
