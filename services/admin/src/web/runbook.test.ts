import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import express from 'express';
import supertest from 'supertest';
import { parse } from 'yaml';
import { WARN_DAYS } from '@muster/contracts';
import { PROMETHEUS_RULES, RULE_IDS } from '../alerts/domain/rules.js';
import { configSchema } from '../config.js';
import { toRunbookLink } from '../alerts/message.js';
import { createRunbookRouter } from './runbook-router.js';

const read = (name: string): string => readFileSync(new URL(`../../../../${name}`, import.meta.url), 'utf8');
type PrometheusRule = { alert: string; expr: string; annotations: { runbook: string } };
const prometheus: PrometheusRule[] = parse(read('ops/prometheus-rules.yml')).groups.flatMap(
  ({ rules }: { rules: PrometheusRule[] }) => rules,
);

describe('runbook', () => {
  const agent = supertest(express().use(createRunbookRouter(read('docs/runbook.md'))));

  it('the link of each rule answers, with an anchor for it, unless another address is set', async () => {
    const RUNBOOK_URL = configSchema.shape.RUNBOOK_URL.parse(undefined);
    for (const rule of [...RULE_IDS, ...Object.keys(PROMETHEUS_RULES), 'test']) {
      const link = new URL(toRunbookLink(RUNBOOK_URL, 'https://muster.example.com')(rule));
      assert.equal(link.origin, 'https://muster.example.com');
      const { text } = await agent.get(link.pathname).expect(200).expect('Content-Type', /html/);
      assert.ok(text.includes(` id="${link.hash.slice(1)}"`), rule);
    }
    assert.equal(
      toRunbookLink('https://wiki.example/x', 'https://muster.example.com')('drift'),
      'https://wiki.example/x#drift',
    );
  });

  it('the page has no script, its style is there, and its own links lead somewhere', async () => {
    const { text } = await agent.get('/runbook').expect(200);
    assert.doesNotMatch(text, /<script|\sstyle=/);
    await agent.get(/<link rel="stylesheet" href="([^"]+)"/.exec(text)?.[1] ?? '').expect(200);
    for (const [, id] of text.matchAll(/href="#([^"]+)"/g)) assert.ok(text.includes(` id="${id}"`), id);
  });

  it('every rule is one of Prometheus too, those of its own are named as such, and each of those has its heading', () => {
    const names = new Set(prometheus.map(({ alert }) => alert));
    assert.deepEqual(names, new Set([...RULE_IDS, ...Object.keys(PROMETHEUS_RULES)]));
    const runbook = read('docs/runbook.md');
    for (const { alert, annotations } of prometheus) {
      assert.equal(annotations.runbook, `docs/runbook.md#${alert}`);
      assert.ok(runbook.includes(`\n## ${alert}\n`), alert);
    }
  });

  it('Prometheus warns of the end of a secret on the same days', () => {
    const days = prometheus.flatMap(({ alert, expr }) =>
      alert === 'secret-ending' ? [Number(/< (?:(\d+) \* )?86400$/.exec(expr)?.[1] ?? 1)] : [],
    );
    assert.deepEqual(days, [...WARN_DAYS]);
  });
});
