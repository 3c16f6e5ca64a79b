import { z } from 'zod';
import type { Outcome } from './outcome.js';

const advisory = z.object({
  module_name: z.string(),
  severity: z.string(),
  title: z.string(),
  url: z.string().optional(),
  vulnerable_versions: z.string(),
});
const audited = z.object({ advisories: z.record(z.string(), advisory) });

export type AuditVerdict = { readonly outcome: Outcome; readonly lines: readonly string[] };

/** What stops a release; the rest is told only. */
const SERIOUS = ['high', 'critical'];

/** Reads what `pnpm audit --json` wrote; without a list nothing was audited. */
export function judgeAudit(stdout: string, trouble: string): AuditVerdict {
  const report = audited.safeParse(parseJson(stdout));
  if (!report.success) return { outcome: 'skipped', lines: [toNotAudited(stdout, trouble)] };
  const found = Object.values(report.data.advisories);
  if (found.length === 0) return { outcome: 'passed', lines: ['no known weakness in the dependencies'] };
  return {
    outcome: found.some(({ severity }) => SERIOUS.includes(severity)) ? 'failed' : 'passed',
    lines: found.map(({ severity, module_name, vulnerable_versions, title, url = '' }) =>
      `${severity}: ${module_name} ${vulnerable_versions}: ${title} ${url}`.trim(),
    ),
  };
}

const failed = z.object({ error: z.object({ code: z.string().optional(), message: z.string() }) });

function toNotAudited(stdout: string, trouble: string): string {
  const told = failed.safeParse(parseJson(stdout));
  const why = (told.success ? told.data.error.message : `${stdout} ${trouble}`).trim().split('\n')[0] ?? '';
  return `NOT AUDITED: the registry's audit endpoint gave no list (${why.slice(0, 200)}); run pnpm audit where it does`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
