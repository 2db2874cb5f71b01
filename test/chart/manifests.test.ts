// All manifests that are shipped, and the chart with values that turn everything on, as kubeconform and a real API server see them.

import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { ensureGoModule } from '../../local/build.ts'
import { helm } from '../../local/helm.ts'
import { kubernetes } from '../integration/kubernetes.ts'
import type { Kubernetes } from '../integration/kubernetes.ts'
import { rawApi } from '../integration/raw-api.ts'
import { schemaLocation, writeSchemas } from './schemas.ts'

const root = join(import.meta.dirname, '..', '..')
const chart = join(root, 'charts', 'teruwa')
const crdFile = join(root, 'crds', 'openstack.teruwa.io_openstackclusters.yaml')
const samples = (await readdir(join(root, 'manifests'))).filter((name) => name.endsWith('.yaml') && !name.startsWith('kustom'))

/** Values that make every branch of the templates. */
const everything = [
  'replicas=3',
  'image.pullSecrets[0].name=registry',
  'serviceAccount.annotations.team=cloud',
  'podAnnotations.team=cloud',
  'podLabels.team=cloud',
  'nodeSelector.kubernetes\\.io/os=linux',
  'tolerations[0].key=control-plane',
  'tolerations[0].operator=Exists',
  'priorityClassName=system-cluster-critical',
  'resources.limits.cpu=1',
  'image.digest=sha256:0123456789012345678901234567890123456789012345678901234567890123',
  'commonLabels.team=cloud',
  'serviceAccount.name=teruwa',
  'fullnameOverride=cloud-operator',
  'watchNamespace=openstack',
  'topologySpreadConstraints[0].maxSkew=1',
  'topologySpreadConstraints[0].topologyKey=topology.kubernetes.io/zone',
  'topologySpreadConstraints[0].whenUnsatisfiable=ScheduleAnyway',
  'metrics.dashboard.enabled=true',
]

describe('manifests', () => {
  let kube: Kubernetes
  let kubeconform: string
  let folder: string

  before(async () => {
    kubeconform = join(await ensureGoModule('kubeconform'), 'kubeconform')
    // A dry run makes no namespace for what comes after it.
    kube = await kubernetes({ namespaces: ['teruwa-system', 'openstack'], resources: false })
    folder = await mkdtemp(join(tmpdir(), 'teruwa-schemas-'))
    const api = rawApi(kube.kubeconfig)
    try {
      await writeSchemas(folder, api, crdFile)
      await kube.kubectl.run(['apply', '--server-side', '-f', crdFile])
      // `kubectl wait` fails on one that has no conditions yet.
      await api.established('openstackclusters.openstack.teruwa.io')
    } finally {
      await api.close()
    }
    await kube.kubectl.run(['label', 'namespace', 'teruwa-system', 'pod-security.kubernetes.io/enforce=restricted'])
    // Nobody makes it here: there is no controller manager.
    await kube.kubectl.run(['create', 'serviceaccount', 'default', '--namespace', 'teruwa-system'])
    // The pod of `helm test` has it from the chart.
    await kube.kubectl.run(['create', 'serviceaccount', 'teruwa', '--namespace', 'teruwa-system'])
  })

  after(async () => {
    await kube?.stop()
    if (folder) await rm(folder, { recursive: true })
  })

  /** What kubeconform has against these documents: one line each. */
  const complaints = async (input: string) => {
    const file = join(folder, 'input.yaml')
    await writeFile(file, input)
    const { stdout } = spawnSync(kubeconform, ['-strict', '-summary', '-schema-location', schemaLocation(folder), file], { encoding: 'utf8' })
    // The summary is there whatever it found: without it, it did not run.
    assert.match(stdout, /Summary: [1-9]\d* resources? found .* Skipped: 0/)
    return stdout.split('\n').filter((line) => line !== '' && !line.startsWith('Summary: '))
  }
  const dryRun = (input: string) =>
    kube.kubectl.run(['apply', '--server-side', '--force-conflicts', '--dry-run=server', '--validate=strict', '-f', '-'], { input })

  for (const name of samples) {
    test(`manifests/${name}`, async () => {
      const text = await readFile(join(root, 'manifests', name), 'utf8')
      assert.deepEqual(await complaints(text), [])
      await dryRun(text)
    })
  }

  for (const [what, values] of [
    ['its defaults', []],
    ['everything turned on', everything],
  ] as const) {
    test(`the chart with ${what}`, async () => {
      const { stdout } = await promisify(execFile)(await helm(), [
        'template',
        'teruwa',
        chart,
        '--namespace',
        'teruwa-system',
        '--include-crds',
        ...values.flatMap((value) => ['--set', value]),
      ])
      assert.deepEqual(await complaints(stdout), [])
      await dryRun(stdout)
    })
  }

  test('a misspelt field is refused by both', async () => {
    const text = 'apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: openstack}\nspec: {ports: [{port: 1, tragetPort: 2}]}\n'
    assert.match((await complaints(text)).join('\n'), /'tragetPort' not allowed/)
    await assert.rejects(dryRun(text), /tragetPort/)
  })

  test('a misspelt field of a cloud is refused by both', async () => {
    const text = 'apiVersion: openstack.teruwa.io/v1alpha1\nkind: OpenStackCluster\nmetadata: {name: a, namespace: openstack}\nspec: {regoin: a}\n'
    assert.match((await complaints(text)).join('\n'), /'regoin' not allowed/)
    await assert.rejects(dryRun(text), /regoin/)
  })
})
