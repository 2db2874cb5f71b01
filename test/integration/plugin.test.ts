// kubectl teruwa before a real API server: a cloud on its way, ready, and several of them.

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { load } from 'js-yaml'
import { apiVersion, kind } from '../../operator/api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { openStackClusters } from '../../operator/cluster/watches.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import { run } from '../../plugin/run.ts'
import { memoryOutput } from '../../plugin/test-cloud.ts'
import { playControllers, willingOutside } from './converged.ts'
import { kubernetes, makeNode } from './kubernetes.ts'
import type { Kubernetes } from './kubernetes.ts'
import { eventually, startOperator } from './operator.ts'
import type { TestOperator } from './operator.ts'

const NAMESPACE = 'plugin'
const OTHER = 'plugin-other'
const NODE = 'plugin-node'

interface Answer {
  readonly code: number
  readonly text: string
  readonly errors: string
}

describe('kubectl teruwa', () => {
  let kube: Kubernetes
  let operator: TestOperator | undefined
  let folder: string
  const played = new AbortController()

  /** Runs a command line in this process. */
  const teruwa = async (...argv: string[]): Promise<Answer> => {
    const output = memoryOutput()
    const code = await run([...argv, '--kubeconfig', kube.kubeconfigPath], output)
    return { code, text: output.text(), errors: output.errors() }
  }
  const inside = (...argv: string[]) => teruwa(...argv, '-n', NAMESPACE)
  const cluster = async () => (await kube.client.get(openStackClusters, NAMESPACE, 'cloud')) as unknown as OpenStackCluster
  const make = (namespace: string) => kube.client.create(openStackClusters, { apiVersion, kind, metadata: { name: 'cloud', namespace }, spec: {} })

  before(async () => {
    // One of its own: all that is played here would be seen by others' clouds.
    kube = await kubernetes({ audit: true, namespaces: [NAMESPACE, OTHER] })
    folder = await mkdtemp(join(tmpdir(), 'teruwa-plugin-'))
    await makeNode(kube.client, NODE, { address: '127.0.0.1' })
  })

  after(async () => {
    played.abort()
    await operator?.stop()
    await kube?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('says that there is no cloud, and where it has looked', async () => {
    assert.deepEqual(await inside('status'), { code: 1, text: '', errors: `there is no OpenStackCluster in namespace ${NAMESPACE}\n` })
  })

  test('shows a cloud that nobody has looked at yet', async () => {
    await make(NAMESPACE)
    assert.match((await inside('status')).text, /^Cloud plugin\/cloud {2}OpenStack zed, made \S+ ago\nthe operator has not looked at it yet\n$/)
    assert.match((await inside('graph')).errors, /^the operator has not looked at plugin\/cloud yet\n$/)
    assert.match((await inside('openrc')).errors, /^the Secret cloud-admin in namespace plugin has no openrc yet: see "kubectl teruwa status"\n$/)
  })

  test('shows what waits for what while the cloud comes up, and follows it until it is ready', async () => {
    operator = startOperator({ kubeconfig: kube.kubeconfigPath, namespace: NAMESPACE, outside: willingOutside })
    await eventually('the cloud is begun', async () => ((await cluster()).status?.steps === undefined ? undefined : true))
    const { text } = await inside('status')
    assert.match(text, /^✘ Not ready \(Progressing\) since \S+: \d+ of \d+ steps are ready$/m)
    assert.match(text, /^ {2}▸ mariadb {2}\S+ {2}.+\n {2}├─ · \w+\/database\n {2}│ {2}└─ · \w+\/schema/m)
    assert.equal(JSON.parse((await inside('status', '-o', 'json')).text).ready, false)

    const output = memoryOutput()
    const enough = new AbortController()
    const watching = run(['status', '--watch', '-n', NAMESPACE, '--kubeconfig', kube.kubeconfigPath], output, enough.signal)
    await eventually('the watch has begun', () => Promise.resolve(output.text() === '' ? undefined : true))
    playControllers(kube.client, played.signal)
    await eventually('the watch tells that the cloud is ready', () => Promise.resolve(/ Ready=True \(Ready\): /.test(output.text()) ? true : undefined))
    enough.abort()
    assert.equal(await watching, 0)
    assert.match(output.text(), /^\d\d:\d\d:\d\d keystone\/api Ready$/m)
    assert.equal(output.errors(), '')
  })

  test('draws a terminal anew at each change, as much as fits', async () => {
    const output = { ...memoryOutput(), size: () => ({ columns: 40, rows: 12 }) }
    const enough = new AbortController()
    const watching = run(['status', '--watch', '-n', NAMESPACE, '--kubeconfig', kube.kubeconfigPath], output, enough.signal)
    const drawn = () => output.text().split('\u001B[H').slice(1)
    const pictures = (count: number) => eventually(`there are ${count} pictures`, () => Promise.resolve(drawn().length >= count ? true : undefined))
    await pictures(1)
    await kube.client.patch(openStackClusters, NAMESPACE, 'cloud', { metadata: { annotations: { 'example.com/look': '1' } } }, { type: 'merge' })
    await pictures(2)
    enough.abort()
    assert.equal(await watching, 0)
    for (const picture of drawn()) {
      const lines = picture.replaceAll('\u001B[K', '').replace('\u001B[J', '').trimEnd().split('\n')
      assert.equal(lines.length, 11)
      assert.match(lines[10] ?? '', /^… and \d+ more lines$/)
      assert.ok(
        lines.every((line) => line.length <= 40),
        picture,
      )
    }
  })

  test('shows a cloud that is ready, to people and to programs', async () => {
    const { text, code } = await inside('status', 'cloud')
    assert.equal(code, 0)
    assert.match(text, /^✔ Ready since .*1 of 1 hypervisors are up$/m)
    assert.doesNotMatch(text, /Conditions/)
    assert.match(text, new RegExp(`^ {2}${NODE} +(Up|Starting)`, 'm'))
    assert.match(text, /^ {2}keystone +http:\/\/127\.0\.0\.1:\d+$/m)
    const { steps } = JSON.parse((await inside('status', '-o', 'json')).text) as { steps: { id: string; needs: string[] }[] }
    assert.deepEqual(steps.find(({ id }) => id === 'nova/schema')?.needs, ['nova/config', 'nova/database'])
    assert.match((await inside('graph')).text, /^✔ mariadb {2}\S+\n├─ ✔ /m)
    assert.match((await inside('graph', '--svg')).text, /^<svg .*>\n<title>plugin\/cloud<\/title>/)
  })

  test('finds the only cloud there is without its namespace', async () => {
    assert.match((await teruwa('status')).text, /^Cloud plugin\/cloud /)
    assert.match((await teruwa('status', '-A')).text, /^Cloud plugin\/cloud /)
    assert.match((await teruwa('status', 'other')).errors, /^there is no OpenStackCluster other in namespace default, nor in another one\n$/)
  })

  test('gives what the administrator, and a declared user, log in with', async () => {
    const { text } = await inside('openrc')
    assert.match(text, /^export OS_AUTH_URL='http:\/\/127\.0\.0\.1:\d+\/v3'$/m)
    assert.match(text, /^export OS_USERNAME='admin'$/m)
    const { clouds } = load((await inside('openrc', '--clouds-yaml')).text) as { clouds: Record<string, { auth: { password: string } }> }
    assert.deepEqual(Object.keys(clouds), ['cloud'])
    const secret = await kube.client.get(ResourceTypes.secrets, NAMESPACE, 'cloud-admin')
    assert.equal(clouds['cloud']?.auth.password, Buffer.from(secret?.data?.['password'] ?? '', 'base64').toString())
    assert.deepEqual(await inside('openrc', '../x'), { code: 1, text: '', errors: 'plugin/cloud declares no user "../x"; there are admin\n' })
  })

  test('tells what happened, in order, and what happens from now on', async () => {
    const seen = await eventually('the operator has told that Keystone is ready', async () => {
      const events = JSON.parse((await inside('events', '-o', 'json')).text) as { reason: string; object: string; last: string }[]
      return events.some(({ reason }) => reason === 'KeystoneReady') ? events : undefined
    })
    assert.deepEqual(
      seen.map(({ last }) => last),
      seen.map(({ last }) => last).toSorted(),
    )
    assert.match((await inside('events')).text, /Normal +KeystoneReady +OpenStackCluster\/cloud {2}5 of 5 steps are ready$/m)

    const output = memoryOutput()
    const enough = new AbortController()
    const watching = run(['events', '--watch', '-n', NAMESPACE, '--kubeconfig', kube.kubeconfigPath], output, enough.signal)
    await eventually('the watch has begun', () => Promise.resolve(output.text() === '' ? undefined : true))
    const event = (name: string, about: string) => ({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name, namespace: NAMESPACE },
      regarding: { apiVersion: 'v1', kind: 'Pod', namespace: NAMESPACE, name: about },
      eventTime: new Date().toISOString().replace('Z', '000Z'),
      reportingController: 'test.example.com/test',
      reportingInstance: 'test',
      action: 'Look',
      type: 'Warning',
      reason: 'Unhealthy',
      note: `${about} is ill`,
    })
    await kube.client.create(ResourceTypes.events, event('of-somebody', 'somebody-0'))
    await kube.client.create(ResourceTypes.events, event('of-mariadb', 'mariadb-0'))
    await eventually('it is told', () => Promise.resolve(/Warning Unhealthy Pod\/mariadb-0: mariadb-0 is ill$/m.test(output.text()) ? true : undefined))
    enough.abort()
    assert.equal(await watching, 0)
    assert.doesNotMatch(output.text(), /somebody/)
    const warnings = (await inside('events', '--warnings')).text
    assert.match(warnings, /Unhealthy/)
    assert.doesNotMatch(warnings, /Normal/)
  })

  test('names the services where one does not exist', async () => {
    const labels = { 'app.kubernetes.io/name': 'nova-api', 'app.kubernetes.io/component': 'nova', 'app.kubernetes.io/part-of': 'cloud' }
    const serviceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: NAMESPACE } }
    await kube.client.create({ apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', namespaced: true }, serviceAccount)
    await kube.client.create(ResourceTypes.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'nova-api-x', namespace: NAMESPACE, labels },
      spec: { containers: [{ name: 'nova-api', image: 'x' }], automountServiceAccountToken: false },
    })
    assert.deepEqual(await inside('logs', 'nope'), { code: 1, text: '', errors: 'nothing is called "nope": plugin/cloud has nova, nova-api\n' })
    assert.equal((await inside('logs')).code, 2)
    assert.deepEqual(await inside('logs', 'nova'), { code: 0, text: '', errors: '' }, 'the pod is on no node')
  })

  test('verifies what it can see, and says of the rest what it could not reach', async () => {
    const { code, text } = await inside('verify', '-o', 'json')
    assert.equal(code, 1)
    const { cloud, checks } = JSON.parse(text) as { cloud: string; checks: { name: string; ok: boolean; message: string }[] }
    assert.equal(cloud, 'plugin/cloud')
    const of = (name: string) => checks.find((check) => check.name === name)
    assert.equal(of('conditions')?.ok, true)
    assert.equal(of('steps')?.ok, true)
    assert.match(of('pods')?.message ?? '', /saw nova-api-x Pending/)
    assert.match(
      of('endpoint keystone')?.message ?? '',
      /does not answer: ECONNREFUSED; by way of the API server, http:\/\/keystone-api\.plugin\.svc:5000 is not asked: services "keystone-api" not found/,
    )
    assert.equal(of('token')?.ok, false)
  })

  test('takes the namespace of the context, and a context by its name', async () => {
    const text = await readFile(kube.kubeconfigPath, 'utf8')
    const config = load(text) as { contexts: { name: string; context: Record<string, string> }[]; 'current-context': string }
    const [first] = config.contexts
    assert.ok(first)
    const file = join(folder, 'kubeconfig')
    await make(OTHER)
    const context = (name: string, namespace: string) => ({ name, context: { ...first.context, namespace } })
    await writeFile(file, JSON.stringify({ ...config, contexts: [context('here', NAMESPACE), context('there', OTHER)], 'current-context': 'here' }))
    const status = async (...argv: string[]) => {
      const output = memoryOutput()
      await run(['status', '--kubeconfig', file, ...argv], output)
      return output.text()
    }
    assert.match(await status(), /^Cloud plugin\/cloud /)
    assert.match(await status('--context', 'there'), /^Cloud plugin-other\/cloud /)
    assert.match((await teruwa('status', '-A')).errors, /^there are several clouds: plugin-other\/cloud, plugin\/cloud; say which with --namespace\n$/)
  })
})
