// The operator's rights: those that are listed and argued, and no others.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { rights } from '../../operator/api/rights.ts'
import type { Right } from '../../operator/api/rights.ts'
import { installed, only, template } from './template.ts'
import type { Manifest, Rule } from './template.ts'

const everywhere = await template()
const namespaced = await template('watchNamespace=openstack')
const page = await readFile(join(import.meta.dirname, '..', '..', 'docs', 'rbac.md'), 'utf8')

const rulesOf = (listed: readonly Right[]): Rule[] =>
  listed.map(({ group, resources, verbs, names }) => ({ apiGroups: [group], resources, ...(names ? { resourceNames: names } : {}), verbs }))

/** The role of one name. */
function role(manifests: readonly Manifest[], kind: string, name: string, namespace?: string): Manifest {
  const found = installed(manifests, kind).find(({ metadata }) => metadata.name === name && metadata.namespace === namespace)
  assert.ok(found, `${kind} ${name}`)
  return found
}

/** Names of all roles that a ServiceAccount is bound to. */
const boundRoles = (manifests: readonly Manifest[]) =>
  [...installed(manifests, 'ClusterRoleBinding'), ...installed(manifests, 'RoleBinding')]
    .filter(({ subjects }) => subjects.some(({ kind, name, namespace }) => kind === 'ServiceAccount' && name === 'teruwa' && namespace === 'teruwa-system'))
    .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)
    .toSorted()

test('an operator of all namespaces has the rights that are listed', () => {
  assert.deepEqual(role(everywhere, 'ClusterRole', 'teruwa').rules, rulesOf([...rights.cluster, ...rights.clouds]))
  assert.deepEqual(role(everywhere, 'Role', 'teruwa', 'teruwa-system').rules, rulesOf(rights.own))
  assert.deepEqual(boundRoles(everywhere), ['ClusterRoleBinding /teruwa', 'RoleBinding teruwa-system/teruwa'])
})

test('an operator of one namespace has those of clouds in a Role there, and of the whole cluster only what belongs to no namespace', () => {
  assert.deepEqual(role(namespaced, 'Role', 'teruwa-clouds', 'openstack').rules, rulesOf(rights.clouds))
  assert.deepEqual(role(namespaced, 'ClusterRole', 'teruwa').rules, rulesOf(rights.cluster))
  assert.deepEqual(role(namespaced, 'Role', 'teruwa', 'teruwa-system').rules, rulesOf(rights.own))
  assert.deepEqual(boundRoles(namespaced), ['ClusterRoleBinding /teruwa', 'RoleBinding openstack/teruwa-clouds', 'RoleBinding teruwa-system/teruwa'])
})

test('who may make nothing for the whole cluster can leave that to an administrator', async () => {
  const manifests = await template('watchNamespace=openstack', 'clusterRole=false')
  assert.deepEqual(
    manifests.filter(({ kind }) => kind.startsWith('Cluster')),
    [],
  )
})

test('it may do nothing to everything, and nothing that would give it more rights', () => {
  const all = [...rights.clouds, ...rights.cluster, ...rights.own]
  for (const { resources, verbs } of all) {
    assert.ok(![...resources, ...verbs].includes('*'))
    for (const forbidden of ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings', 'serviceaccounts', 'pods/exec', 'pods/attach']) {
      assert.ok(!resources.includes(forbidden), `${forbidden} is granted`)
    }
    for (const verb of ['escalate', 'bind', 'impersonate', 'deletecollection']) assert.ok(!verbs.includes(verb), `${verb} is granted`)
  }
  const namespaces = all.filter(({ resources }) => resources.includes('namespaces'))
  assert.deepEqual(
    namespaces.map(({ verbs }) => verbs),
    [['get']],
    'namespaces are read',
  )
  const definitions = all.filter(({ resources }) => resources.includes('customresourcedefinitions'))
  assert.deepEqual(
    definitions.map(({ verbs, names }) => [verbs, names?.length]),
    [[['get'], 2]],
    'definitions are read, and only our own',
  )
})

test('docs/rbac.md has a row for each rule, with its reason', () => {
  const rows = page.split('\n').filter((line) => /^\| (core|`)/.test(line))
  const all = Object.values(rights).flat()
  assert.equal(rows.length, all.length)
  for (const { resources, verbs, why } of all) {
    const row = rows.find((line) => resources.every((resource) => line.includes(`\`${resource}\``)) && line.includes(`| ${verbs.join(', ')} |`))
    assert.ok(row?.includes(why), `${resources.join(', ')} is not argued`)
    assert.ok(why.length > 20)
  }
})

test('who may view a namespace may view its clouds; only who administers it may make one, unless the chart is told to leave roles alone', async () => {
  const labelsOf = (manifests: readonly Manifest[], name: string) =>
    Object.keys(role(manifests, 'ClusterRole', name).metadata.labels ?? {}).filter((label) => label.includes('aggregate-to'))
  assert.equal(labelsOf(everywhere, 'teruwa-view').length, 3)
  assert.deepEqual(labelsOf(everywhere, 'teruwa-admin'), ['rbac.authorization.k8s.io/aggregate-to-admin'])
  assert.deepEqual(
    installed(await template('aggregateRoles=false'), 'ClusterRole').map(({ metadata }) => metadata.name),
    ['teruwa'],
  )
})

test('another ServiceAccount is bound, and not made', async () => {
  const manifests = await template('serviceAccount.create=false', 'serviceAccount.name=mine')
  assert.deepEqual(installed(manifests, 'ServiceAccount'), [])
  assert.equal(only(manifests, 'Deployment').spec.template.spec.serviceAccountName, 'mine')
  const bindings = [...installed(manifests, 'ClusterRoleBinding'), ...installed(manifests, 'RoleBinding')]
  assert.deepEqual(
    bindings.map(({ subjects }) => subjects.map(({ name }) => name)),
    [['mine'], ['mine']],
  )
})
