// Other ways to have the operator: a base for Kustomize, a bundle for the Operator Lifecycle Manager, and what Artifact Hub shows of the chart.

import assert from 'node:assert/strict'
import { cp, mkdtemp, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { dump, load, loadAll } from 'js-yaml'
import { ensureGoModule } from '../../local/build.ts'
import { CommandError, run } from '../../local/command.ts'
import { crd, hypervisorCrd } from '../../operator/api/crd.ts'
import { rights } from '../../operator/api/rights.ts'
import { kubernetes } from '../integration/kubernetes.ts'
import type { Kubernetes } from '../integration/kubernetes.ts'
import { container, only, template } from './template.ts'
import type { Manifest } from './template.ts'

const root = join(import.meta.dirname, '..', '..')
const definitions = [crd(), hypervisorCrd()]
const chart = load(await readFile(join(root, 'charts', 'teruwa', 'Chart.yaml'), 'utf8')) as { appVersion: string; annotations: Record<string, string> }
let folder: string

before(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'teruwa-packaging-')))
})

after(async () => {
  if (folder) await rm(folder, { recursive: true })
})

describe('kustomize', () => {
  let kubectl: string

  before(async () => {
    kubectl = join(await ensureGoModule('kubernetes'), 'kubectl')
  })

  test('the base is install.yaml', async () => {
    const built = loadAll(await run(kubectl, ['kustomize', join(root, 'manifests')]))
    const installed = loadAll(await readFile(join(root, 'manifests', 'install.yaml'), 'utf8')).filter(Boolean)
    const byName = (objects: unknown[]) =>
      new Map((objects as Manifest[]).map((object) => [`${object.kind} ${object.metadata.namespace}/${object.metadata.name}`, object]))
    assert.deepEqual(byName(built), byName(installed))
  })

  test('an overlay says which image it is, everywhere, and in which namespace', async () => {
    const overlay = {
      resources: [relative(folder, join(root, 'manifests'))],
      namespace: 'elsewhere',
      images: [{ name: 'teruwa/operator', newName: 'registry.example.com/a/operator', newTag: 't1' }],
    }
    await writeFile(join(folder, 'kustomization.yaml'), dump(overlay))
    const built = loadAll(await run(kubectl, ['kustomize', folder])) as Manifest[]
    const operator = container(only(built, 'Deployment'))
    assert.equal(operator.image, 'registry.example.com/a/operator:t1')
    assert.equal(operator.env?.find(({ name }) => name === 'OPERATOR_IMAGE')?.value, operator.image)
    assert.doesNotMatch(JSON.stringify(built.filter(({ kind }) => kind !== 'CustomResourceDefinition')), /teruwa-system/)
    assert.deepEqual(
      built.filter(({ kind }) => kind.endsWith('RoleBinding')).flatMap(({ subjects }) => subjects.map(({ namespace }) => namespace)),
      ['elsewhere', 'elsewhere'],
    )
  })
})

describe('a bundle of OLM', () => {
  const bundle = join(root, 'manifests', 'olm')
  let validator: string
  let version: {
    metadata: { name: string }
    spec: {
      version: string
      customresourcedefinitions: { owned: { name: string; kind: string }[] }
      install: { spec: { deployments: { name: string; spec: unknown }[]; clusterPermissions: { serviceAccountName: string; rules: unknown[] }[] } }
    }
  }

  before(async () => {
    validator = join(await ensureGoModule('olm'), 'olm-validate')
    version = load(await readFile(join(bundle, 'manifests', 'teruwa.clusterserviceversion.yaml'), 'utf8')) as typeof version
  })

  test('OLM finds nothing wrong with it', async () => {
    assert.equal(await run(validator, [join(bundle, 'manifests')]), `ok: teruwa.v${chart.appVersion}\n`)
  })

  test('OLM would find what is wrong', async () => {
    const copy = join(folder, 'bundle')
    await cp(join(bundle, 'manifests'), copy, { recursive: true })
    await rm(join(copy, 'openstack.teruwa.io_hypervisors.yaml'))
    await assert.rejects(run(validator, [copy]), (error) => error instanceof CommandError && error.exitCode === 1)
  })

  test('it is what the chart makes: the Deployment, the rights, the definitions', async () => {
    const { deployments, clusterPermissions } = version.spec.install.spec
    const deployment = only(await template(), 'Deployment')
    assert.deepEqual(
      deployments.map(({ name, spec }) => [name, spec]),
      [['teruwa', deployment.spec]],
    )
    assert.deepEqual(
      clusterPermissions.map(({ serviceAccountName, rules }) => [serviceAccountName, rules.length]),
      [['teruwa', rights.clouds.length + rights.cluster.length]],
    )
    assert.deepEqual(
      version.spec.customresourcedefinitions.owned.map(({ name, kind }) => [name, kind]),
      definitions.map(({ metadata, spec }) => [metadata.name, spec.names.kind]),
    )
  })

  test('the labels of its image are those of its metadata', async () => {
    const { annotations } = load(await readFile(join(bundle, 'metadata', 'annotations.yaml'), 'utf8')) as { annotations: Record<string, string> }
    const image = await readFile(join(bundle, 'bundle.Dockerfile'), 'utf8')
    for (const [name, value] of Object.entries(annotations)) assert.match(image, new RegExp(`^LABEL ${RegExp.escape(name)}=${RegExp.escape(value)}$`, 'm'))
    for (const [name, value] of Object.entries(annotations)) if (value.endsWith('/')) assert.ok((await readdir(join(bundle, value))).length > 0, name)
  })
})

describe('Artifact Hub', () => {
  const namespace = 'artifact-hub'
  let kube: Kubernetes
  const read = (name: string) => load(chart.annotations[`artifacthub.io/${name}`] ?? '') as Record<string, unknown>[]

  before(async () => {
    kube = await kubernetes({ namespaces: [namespace] })
  })

  after(() => kube?.stop())

  test('its annotations name the definitions and the image as they are', async () => {
    assert.deepEqual(
      read('crds').map(({ name, kind, version }) => [name, kind, version]),
      definitions.map(({ metadata, spec }) => [metadata.name, spec.names.kind, spec.versions[0]?.name]),
    )
    assert.deepEqual(
      read('images').map(({ image }) => image),
      [container(only(await template(), 'Deployment')).image],
    )
  })

  test('changes are of kinds that it knows, and links are links', () => {
    assert.ok(read('changes').length > 0)
    for (const { kind, description } of read('changes')) {
      assert.match(String(kind), /^(added|changed|deprecated|removed|fixed|security)$/)
      assert.ok(String(description).length > 10)
    }
    for (const { name, url } of read('links')) assert.deepEqual([typeof name, new URL(String(url)).protocol], ['string', 'https:'])
  })

  test('the API server takes its examples', async () => {
    const examples = read('crdsExamples')
    assert.deepEqual(
      examples.map(({ kind }) => kind),
      definitions.map(({ spec }) => spec.names.kind),
    )
    const items = examples.map((example) => ({ ...example, metadata: { ...(example['metadata'] as object), namespace } }))
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
    await kube.kubectl.run(['create', '--dry-run=server', '--validate=strict', '-f', '-'], { input })
  })
})
