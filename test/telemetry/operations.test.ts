import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';
import '../../src/telemetry/database-figures.js';
import { exposition, registry } from '../../src/telemetry/metrics.js';

interface Rule {
  alert: string;
  expr: string;
  annotations: { summary: string; runbook: string };
}
interface Panel {
  title: string;
  gridPos: { x: number; w: number };
  targets?: Array<{ expr: string }>;
}

const read = (path: string) => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8');
const guide = read('operations.md');
const rules = (parse(read('alerts/good-standing.rules.yml')) as { groups: Array<{ rules: Rule[] }> }).groups.flatMap(
  (group) => group.rules,
);
const { panels } = JSON.parse(read('grafana/good-standing.json')) as { panels: Panel[] };

/** Prometheus adds these to what it scrapes. */
const ADDED = ['instance', 'job', 'le'];

await exposition();
const known = new Map(registry.getMetricsAsArray().map((metric) => [metric.name, labelsOf(metric)]));

function labelsOf(metric: object): string[] {
  return 'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames.map(String) : [];
}

/** Faults of an expression: what is no PromQL, metrics that there are not, labels that theirs have not. */
function faultsOf(expression: string): string[] {
  // Grafana fills its own in.
  const text = expression.replaceAll('$__rate_interval', '5m');
  const faults: string[] = [];
  let metric = '';
  parser.parse(text).iterate({
    enter: ({ name, type, from, to }) => {
      const word = text.slice(from, to);
      if (type.isError) faults.push(`no PromQL at ${from}: ${text}`);
      if (name === 'Identifier') {
        metric = word.replace(/_(bucket|count|sum)$/, '');
        if (!known.has(metric) && known.has(word)) metric = word;
        if (!known.has(metric)) faults.push(`there is no metric ${word}`);
      }
      if (name === 'LabelName' && ![...ADDED, ...[...known.values()].flat()].includes(word))
        faults.push(`no metric has the label ${word}`);
      if (name !== 'UnquotedLabelMatcher') return true;
      const label = /^\w+/.exec(word)?.[0] ?? '';
      if (![...ADDED, ...(known.get(metric) ?? [])].includes(label)) faults.push(`${metric} has no label ${label}`);
      return false;
    },
  });
  return faults;
}

test('the check itself finds what is wrong', () => {
  expect(faultsOf('sum(rate(good_standing_job_seconds_count{queue="a"}[5m])) by (queue)')).toEqual([]);
  expect(faultsOf('sum(good_standing_no_such_thing)')).toEqual(['there is no metric good_standing_no_such_thing']);
  expect(faultsOf('good_standing_dead_jobs{colour="red"}')).toEqual(['good_standing_dead_jobs has no label colour']);
  expect(faultsOf('sum by (colour) (good_standing_dead_jobs)')).toEqual(['no metric has the label colour']);
  expect(faultsOf('sum(good_standing_dead_jobs')).not.toEqual([]);
});

describe("Prometheus's rules", () => {
  test.each(rules.map((rule) => [rule.alert, rule] as const))('%s asks for what there is', (name, rule) => {
    expect(faultsOf(rule.expr)).toEqual([]);
    expect(rule.annotations.summary).not.toBe('');
    expect(rule.annotations.runbook).toBe(`docs/operations.md#${name.toLowerCase()}`);
    expect(guide).toContain(`### ${name}\n`);
  });

  test('the guide explains no others', () => {
    const explained = [...guide.matchAll(/^### (GoodStanding\w+)$/gm)].map(([, name]) => name);
    expect(explained).toEqual(rules.map(({ alert }) => alert));
  });
});

describe("Grafana's dashboard", () => {
  const shown = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const));

  test.each(shown)('%s: %s', (_, expr) => {
    expect(faultsOf(expr)).toEqual([]);
  });

  test('fits on its grid', () => {
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });
});

test('the guide explains every metric of the house with its labels, and none that there is not', () => {
  const rows = [...guide.matchAll(/^\| `(good_standing_\w+)` \|([^|]*)\|/gm)];
  const explained = rows.map(([, name, labels]) => [
    name,
    [...(labels ?? '').matchAll(/`(\w+)`/g)].map(([, one]) => one),
  ]);
  const own = [...known].filter(([name]) => name.startsWith('good_standing_'));
  expect(Object.fromEntries(explained)).toEqual(Object.fromEntries(own));
  for (const [, name = ''] of guide.matchAll(/`(good_standing_\w+)/g)) expect(known.has(name)).toBe(true);
});
