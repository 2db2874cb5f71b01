// The alerts and the dashboard, as Prometheus' own tools see them, against what the operator exports and what is written about them.

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { load } from 'js-yaml'
import { run } from '../../local/command.ts'
import { ensurePrometheus } from '../../local/prometheus.ts'
import { registerCloudMetrics } from '../../operator/cluster/metrics/register.ts'
import { wholeCloud } from '../../operator/cluster/metrics/test-cloud.ts'
import { Registry } from '../../operator/runtime/metrics.ts'
import { standardMetrics } from '../../operator/runtime/standard-metrics.ts'
import { alertCases } from './alert-cases.ts'

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string }
}

const root = join(import.meta.dirname, '..', '..')
const file = join(root, 'charts', 'teruwa', 'files', 'alerts.yaml')
const { groups } = load(await readFile(file, 'utf8')) as { groups: { name: string; rules: Rule[] }[] }
const rules = groups.flatMap((group) => group.rules)
const { panels } = JSON.parse(await readFile(join(root, 'charts', 'teruwa', 'files', 'dashboard.json'), 'utf8')) as {
  panels: { title: string; targets?: { expr: string }[] }[]
}
const shown = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const))

/** What an operator that leads says when it is asked, with everything that it can know. */
function exported(): string {
  const registry = new Registry()
  const { reconciled, queueHooks, requested, leading } = standardMetrics(registry)
  reconciled('openstackcluster', 'terminal_error', 0.1)
  const hooks = queueHooks('openstackcluster')
  hooks.added?.()
  hooks.waited?.(1)
  hooks.worked?.(1)
  hooks.retried?.()
  requested('GET', '200')
  leading('teruwa', true)
  registerCloudMetrics(registry, () => [wholeCloud(['node-1', 'node-2'])])
  return registry.text()
}

/** Names of metrics in an expression: what the operator's own are called like. */
function metricsIn(expression: string): string[] {
  return expression.match(/\b(teruwa|controller_runtime|workqueue|rest_client|leader_election|process)_[a-z_]+/g) ?? []
}

describe('alerts', () => {
  let promtool: string
  let folder: string

  before(async () => {
    promtool = join(await ensurePrometheus(), 'promtool')
    folder = await mkdtemp(join(tmpdir(), 'teruwa-alerts-'))
  })

  after(async () => {
    if (folder) await rm(folder, { recursive: true })
  })

  test('promtool finds nothing wrong with the rules', async () => {
    const found = rules.length
    assert.match(await run(promtool, ['check', 'rules', file]), new RegExp(`SUCCESS: ${found} rules found`))
  })

  test('promtool can read every expression of the dashboard', async () => {
    const path = join(folder, 'dashboard.yaml')
    const records = shown.map(([, expr], index) => ({ record: `panel:${index}`, expr }))
    await writeFile(path, JSON.stringify({ groups: [{ name: 'dashboard', rules: records }] }))
    assert.match(await run(promtool, ['check', 'rules', path]), new RegExp(`SUCCESS: ${shown.length} rules found`))
  })

  test('promtool finds nothing wrong with what the operator exports', async () => {
    assert.equal(await run(promtool, ['check', 'metrics'], { input: exported() }), '')
  })

  test('each alert fires when it should and not before', async () => {
    const severities = new Map(rules.map(({ alert, labels }) => [alert, labels.severity]))
    const series = (alert: string, labels: Readonly<Record<string, string>>) => {
      const all = { alertname: alert, alertstate: 'firing', severity: severities.get(alert) ?? '', ...labels }
      return `ALERTS{${Object.entries(all)
        .map(([name, value]) => `${name}="${value}"`)
        .join(',')}}`
    }
    const tests = alertCases.map(({ what, series: input, at, firing }) => ({
      name: what,
      interval: '1m',
      input_series: Object.entries(input).map(([name, values]) => ({ series: name, values })),
      promql_expr_test: [
        { expr: 'ALERTS{alertstate="firing"}', eval_time: at, exp_samples: firing.map(([alert, labels]) => ({ labels: series(alert, labels), value: 1 })) },
      ],
    }))
    const path = join(folder, 'tests.yaml')
    await writeFile(path, JSON.stringify({ rule_files: [file], evaluation_interval: '1m', tests }))
    await run(promtool, ['test', 'rules', path])
    const tried = new Set(alertCases.flatMap(({ firing }) => firing.map(([alert]) => alert)))
    assert.deepEqual(
      rules.map(({ alert }) => alert).filter((alert) => !tried.has(alert)),
      [],
      'alerts that no case lets fire',
    )
  })

  test('a case that is wrong is told', async () => {
    const path = join(folder, 'wrong.yaml')
    const wrong = { expr: 'ALERTS{alertstate="firing"}', eval_time: '2m', exp_samples: [] }
    await writeFile(path, JSON.stringify({ rule_files: [file], tests: [{ interval: '1m', input_series: [], promql_expr_test: [wrong] }] }))
    await assert.rejects(run(promtool, ['test', 'rules', path]), /TeruwaNoLeader/)
  })
})

test('every alert says how bad it is and what to do, in a section of its own', async () => {
  const sections = (await readFile(join(root, 'docs', 'alerts.md'), 'utf8')).match(/^## .*$/gm) ?? []
  const names = rules.map(({ alert }) => alert)
  assert.equal(new Set(names).size, names.length)
  for (const { alert, labels, annotations } of rules) {
    assert.match(alert, /^Teruwa[A-Z]\w+$/)
    assert.ok(['critical', 'warning', 'info'].includes(labels.severity), `${alert}: ${labels.severity}`)
    assert.match(annotations.summary, /\.$/)
    assert.match(annotations.description, /\.$/)
    assert.equal(annotations.runbook_url, `docs/alerts.md#${alert.toLowerCase()}`)
  }
  assert.deepEqual(
    sections.map((section) => section.slice(3)).toSorted(),
    names.toSorted(),
    'docs/alerts.md has a section for each alert, and for nothing else',
  )
})

test('alerts and dashboard ask for nothing that the operator does not export', async () => {
  const known = new Set([...exported().matchAll(/^([a-z_]+)[{ ]/gm)].map(([, name]) => name))
  const asked = [...rules.map(({ alert, expr }) => [alert, expr] as const), ...shown]
  assert.ok(asked.length > rules.length + 10)
  for (const [who, expr] of asked) {
    const names = metricsIn(expr)
    assert.ok(names.length > 0, `${who} asks for no metric: ${expr}`)
    for (const name of names) assert.ok(known.has(name), `${who} asks for ${name}, which is not exported`)
  }
})
