// What the chart tells Prometheus' operator and Grafana, as the real helm makes it and a real API server takes it.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { load, loadAll } from 'js-yaml'
import { helm } from '../../local/helm.ts'
import { prometheusDefinitions } from '../../local/prometheus.ts'
import { kubernetes } from '../integration/kubernetes.ts'
import type { Kubernetes } from '../integration/kubernetes.ts'
import { rawApi } from '../integration/raw-api.ts'

const chart = join(import.meta.dirname, '..', '..', 'charts', 'teruwa')
const program = await helm()

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly spec: Readonly<Record<string, unknown>>
  readonly data?: Readonly<Record<string, string>>
}

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly annotations: Readonly<Record<string, string>> }[] }[]
}

/** What the chart makes with these values. */
async function rendered(...set: string[]): Promise<string> {
  const values = set.flatMap((value) => ['--set', value])
  const { stdout } = await promisify(execFile)(program, ['template', 'blue', chart, '--skip-tests', '--namespace', 'monitored', ...values])
  return stdout
}

async function template(...set: string[]): Promise<Manifest[]> {
  return loadAll(await rendered(...set)).filter(Boolean) as Manifest[]
}

function only(manifests: readonly Manifest[], kind: string): Manifest {
  const [found, ...others] = manifests.filter((each) => each.kind === kind)
  assert.ok(found !== undefined && others.length === 0, `expected one ${kind}`)
  return found
}

test('nothing of it is made unless it is asked for', async () => {
  const kinds = new Set((await template()).map(({ kind }) => kind))
  for (const kind of ['ServiceMonitor', 'PrometheusRule', 'ConfigMap']) assert.ok(!kinds.has(kind), kind)
})

test('the ServiceMonitor finds the Service and its port, and leaves the clouds their namespaces', async () => {
  const manifests = await template('metrics.serviceMonitor.enabled=true', 'metrics.serviceMonitor.labels.release=kps', 'metrics.serviceMonitor.interval=1m')
  const monitor = only(manifests, 'ServiceMonitor')
  const service = only(manifests, 'Service')
  assert.equal(monitor.metadata.labels?.['release'], 'kps')
  const { selector, endpoints } = monitor.spec as { selector: { matchLabels: Record<string, string> }; endpoints: unknown[] }
  assert.ok(Object.keys(selector.matchLabels).length > 0)
  for (const [name, value] of Object.entries(selector.matchLabels)) assert.equal(service.metadata.labels?.[name], value)
  const { ports } = service.spec as { ports: { name: string }[] }
  assert.deepEqual(endpoints, [{ port: ports[0]?.name, interval: '1m', honorLabels: true }])
})

test('the PrometheusRule has the alerts of the file, with links that begin where they are told to', async () => {
  const plain = load(await readFile(join(chart, 'files', 'alerts.yaml'), 'utf8')) as Rules
  const made = async (...set: string[]) => only(await template('metrics.rules.enabled=true', ...set), 'PrometheusRule')
  assert.deepEqual((await made()).spec, plain)
  const base = 'https://example.com/teruwa/'
  const linked = await made(`metrics.rules.runbookBase=${base}`, 'metrics.rules.labels.role=alerts')
  assert.equal(linked.metadata.labels?.['role'], 'alerts')
  const urls = (linked.spec as unknown as Rules).groups.flatMap(({ rules }) => rules.map(({ annotations }) => annotations['runbook_url']))
  assert.equal(urls.length, plain.groups.flatMap(({ rules }) => rules).length)
  for (const url of urls) assert.match(url ?? '', /^https:\/\/example\.com\/teruwa\/docs\/alerts\.md#teruwa\w+$/)
})

test('the dashboard is the one of the file, and has the label that the sidecar looks for', async () => {
  const { metadata, data } = only(await template('metrics.dashboard.enabled=true'), 'ConfigMap')
  assert.equal(metadata.labels?.['grafana_dashboard'], '1')
  const dashboard = JSON.parse(await readFile(join(chart, 'files', 'dashboard.json'), 'utf8')) as { panels: { id: number }[] }
  assert.deepEqual(JSON.parse(data?.['teruwa.json'] ?? ''), dashboard)
  assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length)
})

for (const [set, sentence] of [
  ['metrics.serviceMonitor.interval=often', /\/metrics\/serviceMonitor\/interval'?: 'often' does not match pattern/],
  ['metrics.serviceMonitr.enabled=true', /additional properties 'serviceMonitr' not allowed/],
  ['metrics.rules.runbookBase=https://example.com', /\/metrics\/rules\/runbookBase'?: 'https:\/\/example\.com' does not match pattern/],
] as const) {
  test(`helm refuses ${set}`, async () => {
    await assert.rejects(template(set), sentence)
  })
}

describe("the definitions of Prometheus' operator", () => {
  let kube: Kubernetes

  const dryRun = (input: string) => kube.kubectl.run(['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'], { input })

  before(async () => {
    const files = await prometheusDefinitions()
    kube = await kubernetes({ namespaces: ['monitored'], resources: false })
    await kube.kubectl.run(['apply', '--server-side', ...files.flatMap((file) => ['-f', file])])
    const api = rawApi(kube.kubeconfig)
    try {
      for (const plural of ['servicemonitors', 'prometheusrules']) await api.established(`${plural}.monitoring.coreos.com`)
    } finally {
      await api.close()
    }
    // Nobody makes it here: there is no controller manager.
    await kube.kubectl.run(['create', 'serviceaccount', 'default', '--namespace', 'monitored'])
  })

  after(() => kube?.stop())

  test('take what the chart makes', async () => {
    const all = await rendered('metrics.serviceMonitor.enabled=true', 'metrics.rules.enabled=true', 'metrics.dashboard.enabled=true')
    const made = await dryRun(all)
    for (const object of [
      'servicemonitor.monitoring.coreos.com/blue-teruwa',
      'prometheusrule.monitoring.coreos.com/blue-teruwa',
      'configmap/blue-teruwa-dashboard',
    ])
      assert.match(made, new RegExp(`^${object} serverside-applied`, 'm'))
  })

  test('refuse a field that they do not know', async () => {
    const all = await rendered('metrics.serviceMonitor.enabled=true')
    await assert.rejects(dryRun(all.replace('honorLabels:', 'honourLabels:')), /honourLabels/)
  })
})
