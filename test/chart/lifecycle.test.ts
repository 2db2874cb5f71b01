// The chart installed, upgraded and taken away by the real helm, before a real API server. There are no nodes: nobody waits for pods.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { dump, load, loadAll } from 'js-yaml'
import { CommandError, run } from '../../local/command.ts'
import { helm } from '../../local/helm.ts'
import type { Kubectl } from '../../local/kubectl.ts'
import { crd, hypervisorCrd } from '../../operator/api/crd.ts'
import { startApiServer } from '../integration/api-server.ts'
import type { ApiServer } from '../integration/api-server.ts'
import { serveResources } from '../integration/crd.ts'
import { kubectlFor } from '../integration/kubernetes.ts'
import { earlierCharts } from './earlier.ts'
import { chart } from './template.ts'

const DEFINITIONS = ['hypervisors.openstack.teruwa.io', 'openstackclusters.openstack.teruwa.io']
const earlier = await earlierCharts()

interface Seen {
  kind: string
  metadata: { name: string; uid: string; generation: number }
  spec: { selector: unknown; replicas: number }
}

describe('the life of a release', () => {
  let server: ApiServer
  let program: string
  let kubectl: Kubectl
  let folder: string

  before(async () => {
    program = await helm()
    server = await startApiServer()
    kubectl = await kubectlFor(server)
    folder = await mkdtemp(join(tmpdir(), 'teruwa-life-'))
    await ask('create', 'namespace', 'clouds')
  })

  after(async () => {
    await server?.stop()
    if (folder) await rm(folder, { recursive: true })
  })

  const ask = (...args: string[]) => kubectl.run(args)
  const askHelm = (...args: string[]) =>
    run(program, args, {
      env: { KUBECONFIG: server.kubeconfigPath, NO_PROXY: '*', no_proxy: '*', HELM_CACHE_HOME: folder, HELM_DATA_HOME: folder, HELM_CONFIG_HOME: folder },
    })
  const get = async (...args: string[]) => JSON.parse(await ask('get', ...args, '-o', 'json')) as Seen
  const cloud = () => get('openstackclusters', '-n', 'clouds', 'teruwa')
  const definitions = async () =>
    (await ask('get', 'crd', '-o', 'name'))
      .trim()
      .split('\n')
      .map((line) => line.replace(/^.*\//, ''))
  /** What is there of a release, as `kind/name`. */
  const objects = async (namespace: string) => {
    const kinds =
      'deployments,services,serviceaccounts,poddisruptionbudgets,roles,rolebindings,clusterroles,clusterrolebindings,validatingadmissionpolicies,validatingadmissionpolicybindings'
    return (await ask('get', kinds, '-n', namespace, '-l', 'app.kubernetes.io/instance=teruwa', '-o', 'name', '--ignore-not-found'))
      .split('\n')
      .filter((line) => line !== '')
      .toSorted()
  }
  /** A file with the definitions of a chart, which may be an archive. */
  const definitionsOf = async (path: string) => {
    const file = join(folder, 'definitions.yaml')
    await writeFile(file, await askHelm('show', 'crds', path))
    return file
  }
  const makeCloud = async () => {
    const file = join(folder, 'cloud.yaml')
    await writeFile(file, dump({ apiVersion: 'openstack.teruwa.io/v1alpha1', kind: 'OpenStackCluster', metadata: { name: 'teruwa', namespace: 'clouds' } }))
    await ask('apply', '--server-side', '-f', file)
  }

  test('a bad value is refused before anything is made', async () => {
    await assert.rejects(
      askHelm('install', 'teruwa', chart, '-n', 'life', '--create-namespace', '--set', 'replcas=2'),
      /additional properties 'replcas' not allowed/,
    )
    assert.deepEqual(await objects('life'), [])
  })

  for (const [index, [name, path]] of earlier.entries()) {
    test(`upgrade from ${name}, then of the definitions, and back`, async () => {
      const namespace = `upgraded-${index}`
      // Helm makes the definitions where there are none, and else leaves them alone.
      if (index > 0) await ask('apply', '--server-side', '--force-conflicts', '-f', await definitionsOf(path))
      await askHelm('install', 'teruwa', path, '-n', namespace, '--create-namespace')
      assert.deepEqual(await definitions(), DEFINITIONS)
      await makeCloud()
      const [before, deployment] = [await cloud(), await get('deployment', '-n', namespace, 'teruwa')]
      await askHelm('upgrade', 'teruwa', chart, '-n', namespace)
      // Helm has left the definitions as they were; the new ones fit the clouds that are there.
      await ask('apply', '--server-side', '--force-conflicts', '-f', join(chart, 'crds'))
      const [now, upgraded] = [await cloud(), await get('deployment', '-n', namespace, 'teruwa')]
      assert.equal(now.metadata.uid, before.metadata.uid)
      assert.deepEqual([upgraded.metadata.uid, upgraded.spec.selector], [deployment.metadata.uid, deployment.spec.selector], 'it is the same Deployment')
      await askHelm('rollback', 'teruwa', '1', '-n', namespace)
      await askHelm('uninstall', 'teruwa', '-n', namespace)
      assert.deepEqual(await objects(namespace), [])
    })
  }

  test('install makes what the chart says, and tells how to go on', async () => {
    const told = await askHelm('install', 'teruwa', chart, '-n', 'life', '--create-namespace')
    assert.match(told, /STATUS: deployed/)
    assert.match(told, /kubectl -n life rollout status deployment\/teruwa/)
    assert.deepEqual(await definitions(), DEFINITIONS)
    const there = await objects('life')
    for (const each of ['deployment.apps/teruwa', 'service/teruwa-metrics', 'serviceaccount/teruwa', 'clusterrole.rbac.authorization.k8s.io/teruwa'])
      assert.ok(there.includes(each), each)
    await makeCloud()
  })

  test('upgrade changes what a value changes', async () => {
    await askHelm('upgrade', 'teruwa', chart, '-n', 'life', '--set', 'replicas=2')
    assert.equal((await get('deployment', '-n', 'life', 'teruwa')).spec.replicas, 2)
    assert.ok((await objects('life')).includes('poddisruptionbudget.policy/teruwa'))
  })

  test('uninstall takes all of it away, and leaves definitions and clouds', async () => {
    const { metadata } = await cloud()
    await askHelm('uninstall', 'teruwa', '-n', 'life')
    assert.deepEqual(await objects('life'), [])
    assert.deepEqual(await definitions(), DEFINITIONS)
    assert.equal((await cloud()).metadata.uid, metadata.uid)
  })

  describe('helm test', () => {
    let metrics: Server

    before(async () => {
      await serveResources(server)
      await writeFile(join(folder, 'crds.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [crd(), hypervisorCrd()] }))
      metrics = createServer((_, response) => response.end('# TYPE leader_election_master_status gauge\n')).listen(0, '127.0.0.1')
    })

    after(() => metrics?.close())

    const applyJson = async (object: unknown) => {
      const file = join(folder, 'object.json')
      await writeFile(file, JSON.stringify(object))
      await ask('apply', '--server-side', '--force-conflicts', '-f', file)
    }

    /** Installs a release in a namespace of its own, with what is there for the test; returns how to run the program of the test's pod. */
    async function tested(release: string, ...values: string[]): Promise<() => Promise<{ code: number | null; lines: string[] }>> {
      const where = ['-n', release, ...values.flatMap((value) => ['--set', value])]
      await askHelm('install', release, chart, '--create-namespace', ...where)
      const hooks = loadAll(await askHelm('template', release, chart, '--show-only', 'templates/tests/check.yaml', ...where)).filter(Boolean) as {
        kind: string
      }[]
      await applyJson({ apiVersion: 'v1', kind: 'List', items: hooks.filter(({ kind }) => kind !== 'Pod') })
      const { spec } = hooks.find(({ kind }) => kind === 'Pod') as unknown as { spec: { containers: { args: string[] }[]; serviceAccountName: string } }
      const token = (await ask('create', 'token', spec.serviceAccountName, '-n', release)).trim()
      const config = load(server.kubeconfig) as { users: { user: unknown }[] }
      const kubeconfig = join(folder, release)
      await writeFile(kubeconfig, dump({ ...config, users: config.users.map((each) => ({ ...each, user: { token } })) }))
      const { port } = metrics.address() as AddressInfo
      const url = `http://${spec.serviceAccountName}-metrics.${release}.svc:8080/metrics`
      const args = (spec.containers[0]?.args ?? []).slice(2)
      assert.ok(args.includes(url), args.join(' '))
      const own = args.map((arg) => (arg === url ? `http://127.0.0.1:${port}/metrics` : arg))
      return async () => {
        const lines: string[] = []
        const more = ['--kubeconfig', kubeconfig, '--definitions', join(folder, 'crds.json')]
        const code = await run(process.execPath, [join(import.meta.dirname, '../../operator/main.ts'), ...own, ...more], {
          env: { POD_NAMESPACE: release, DEPLOYMENT: spec.serviceAccountName },
          onLine: (line) => lines.push(line),
        }).then(
          () => 0,
          (error: unknown) => (error instanceof CommandError ? error.exitCode : null),
        )
        return { code, lines }
      }
    }

    /** A pod of the operator that leads, and has said so at this time. */
    const lead = (namespace: string, renewTime: Date) =>
      applyJson({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'teruwa', namespace },
        spec: { holderIdentity: 'teruwa-0', renewTime: renewTime.toISOString().replace('Z', '000Z') },
      })

    test('all is well where it is, and what is not is named, with what to do', async () => {
      const check = await tested('tested')
      await lead('tested', new Date())
      const well = await check()
      assert.deepEqual([well.code, well.lines.map((line) => line.split(' ')[0])], [0, ['ok', 'ok', 'ok', 'ok', 'ok', 'ok']], well.lines.join('\n'))

      const old = structuredClone(crd())
      delete old.spec.versions[0]?.schema.openAPIV3Schema.properties?.['status']?.properties?.['operator']
      await applyJson(old)
      const outdated = await check()
      assert.equal(outdated.code, 1)
      assert.match(
        outdated.lines.join('\n'),
        /FAILED {2}the definitions are as new as the operator: .* lacks status\.operator\. .*kubectl -n tested exec deployment\/tested-teruwa -- cat \/app\/crds\.json \| kubectl apply/,
      )
      await serveResources(server)

      await lead('tested', new Date(0))
      await ask('patch', 'clusterrole', 'tested-teruwa', '--type=json', '-p', JSON.stringify([{ op: 'replace', path: '/rules', value: [] }]))
      const { code, lines } = await check()
      assert.equal(code, 1)
      const text = lines.join('\n')
      assert.match(
        text,
        /FAILED {2}the operator has every right that it needs: it may not list openstackclusters\.openstack\.teruwa\.io, .*patch openstackclusters\.openstack\.teruwa\.io\/status/,
      )
      assert.match(text, /FAILED {2}one pod of the operator leads: teruwa-0 has not renewed the Lease teruwa since 1970/)
    })

    test('an operator of one namespace is asked about that one; what an administrator must grant is missing until then', async () => {
      const check = await tested('one', 'watchNamespace=clouds', 'clusterRole=false')
      await lead('one', new Date())
      const before = await check()
      assert.deepEqual(
        before.lines.filter((line) => !line.startsWith('ok ')),
        [
          'FAILED  the operator has every right that it needs: it may not list nodes, watch nodes: grant it that, by the roles of its chart (helm upgrade) or by hand (docs/rbac.md)',
        ],
      )
      await ask('create', 'clusterrole', 'one-nodes', '--verb=list,watch', '--resource=nodes')
      await ask('create', 'clusterrolebinding', 'one-nodes', '--clusterrole=one-nodes', '--serviceaccount=one:one-teruwa')
      const after = await check()
      assert.equal(after.code, 0, after.lines.join('\n'))
    })
  })
})
