import type { z } from 'zod';
import { plural } from './plural.js';

export type Issue = Pick<z.core.$ZodIssue, 'path' | 'message'> & Partial<z.core.$ZodIssue>;

/** What zod says when the schema has no words of its own. */
const ZODS_OWN = /^(?:Invalid|Too (?:small|big)|Unrecognized)\b/;

/** The problem of a field in words that follow its name: `is missing`, `is not one of users, mfa`. A schema's own words stay. */
export const toProblemWords = (issue: Issue): string =>
  ZODS_OWN.test(issue.message) ? toWords(issue as z.core.$ZodIssue) : issue.message;

/** Field and problem of the first issue: `integrationId is missing`; never the value, which may be secret. */
export function describeIssues([issue]: readonly Issue[]): string {
  if (!issue) return 'has an unknown shape';
  return [issue.path.map(String).join('.'), toProblemWords(issue)].filter(Boolean).join(' ');
}

function toWords(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined') ? 'is missing' : `is not ${toKind(issue.expected)}`;
    case 'invalid_value':
      return toNotOneOf(issue.values);
    case 'invalid_union':
      // Named by zod only where one field tells the shapes apart.
      return 'options' in issue && Array.isArray(issue.options) ? toNotOneOf(issue.options) : 'has an unknown shape';
    case 'invalid_format':
      return `is not ${FORMATS[issue.format] ?? `of the form ${issue.format}`}`;
    case 'too_small':
      return toBound('less', issue.origin, issue.minimum, issue.inclusive);
    case 'too_big':
      return toBound('more', issue.origin, issue.maximum, issue.inclusive);
    case 'not_multiple_of':
      return `is not a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `has unknown fields: ${issue.keys.join(', ')}`;
    default:
      return 'has an unknown shape';
  }
}

const KINDS: Readonly<Record<string, string>> = { int: 'a whole number', boolean: 'true or false', array: 'a list' };
const toKind = (expected: string): string => KINDS[expected] ?? `${/^[aeiou]/.test(expected) ? 'an' : 'a'} ${expected}`;

const FORMATS: Readonly<Record<string, string>> = {
  datetime: 'a time like 2026-01-31T12:00:00Z',
  email: 'a mail address',
  url: 'a URL',
  guid: 'a GUID like 00000000-0000-0000-0000-000000000000',
  uuid: 'a UUID like 00000000-0000-4000-8000-000000000000',
  regex: 'of the form that is asked for',
};

const toNotOneOf = (values: readonly unknown[]): string =>
  values.length === 1 ? `is not ${String(values[0])}` : `is not one of ${values.map(String).join(', ')}`;

const UNITS: Readonly<Record<string, string>> = { string: 'character', array: 'entry', set: 'entry' };

function toBound(than: 'less' | 'more', origin: string, bound: number | bigint, inclusive?: boolean): string {
  const unit = UNITS[origin];
  if (unit === undefined) return `is ${than} than ${bound}${inclusive === false ? `, or ${bound}` : ''}`;
  const many = unit === 'entry' ? 'entries' : `${unit}s`;
  return `has ${than === 'less' ? 'fewer' : 'more'} than ${plural(Number(bound), unit, many)}`;
}
