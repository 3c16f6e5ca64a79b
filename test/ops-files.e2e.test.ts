import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { SERVICES } from '@muster/scripts';
import { eventually } from '@muster/test-support';
import { parse } from 'yaml';
import { connectTenant } from './src/connect-tenant.js';
import { startTestSystem, type System } from './src/system.js';

const read = (name: string) => readFile(new URL(`../${name}`, import.meta.url), 'utf8');
/** What an expression asks for, without what PromQL adds to a histogram's name. */
const toNames = (expression: string): string[] =>
  (expression.match(/\bmuster_\w+/g) ?? []).map((name) => name.replace(/_(bucket|count|sum)$/, ''));

describe('files for operators', () => {
  let system: System;
  let rules: { alert: string; expr: string; annotations: { runbook: string } }[] = [];
  before(async () => {
    system = await startTestSystem({ label: 'ops files' });
    await connectTenant(system, { people: 20, groupMembers: 10 });
    rules = parse(await read('ops/prometheus-rules.yml')).groups.flatMap((group: any) => group.rules);
  });
  after(() => system.stop());

  it('every metric that rules and dashboard ask for is one that a service shows', async () => {
    const dashboard = JSON.parse(await read('ops/grafana-dashboard.json'));
    const panels = dashboard.panels.flatMap((panel: any) => panel.targets.map(({ expr }: any) => expr));
    const wanted = new Set([...rules.map(({ expr }) => expr), ...panels].flatMap(toNames));
    assert.ok(wanted.size > 15, String(wanted.size));
    await eventually(
      async () => {
        const shown = await Promise.all(
          SERVICES.map(async (service) => (await fetch(`${system.origins[service]}/metrics`)).text()),
        );
        const known = new Set(shown.join('\n').match(/(?<=^# TYPE )\w+/gm));
        assert.deepEqual(
          [...wanted].filter((name) => !known.has(name)),
          [],
        );
        return true;
      },
      { within: 30_000, what: 'the metrics' },
    );
  });

  it('every alert has its heading in the runbook, and its rule here', async () => {
    const headings = [...(await read('docs/runbook.md')).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    const { rules: own, elsewhere } = await system.admin.get('/alerts');
    const all: { rule: string; runbook: string }[] = [...own, ...elsewhere];
    const ids = all.map(({ rule }) => rule);
    assert.ok(elsewhere.length > 0, 'those of processes that admin cannot look into are named as such');
    assert.deepEqual(new Set(headings), new Set([...ids, 'test']));
    assert.deepEqual(new Set(rules.map(({ alert }) => alert)), new Set(ids));
    for (const { rule, runbook } of all) {
      const response = await fetch(runbook);
      assert.equal(response.status, 200, runbook);
      assert.ok((await response.text()).includes(` id="${rule}"`), runbook);
    }
    for (const { alert, annotations } of rules) assert.equal(annotations.runbook, `docs/runbook.md#${alert}`);
  });
});
