// What the documents tell people to change, typed as it stands there before a real API server. There are no nodes and no operator: nothing comes of it.

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ensureGoModule } from '../../local/build.ts'
import { helm } from '../../local/helm.ts'
import { kubectlOf } from '../../local/kubectl.ts'
import type { Kubectl } from '../../local/kubectl.ts'
import { prometheusDefinitions } from '../../local/prometheus.ts'
import { definitionServed, installDefinitions } from '../../local/up/install.ts'
import { readManifest } from '../../local/up/manifest.ts'
import { among, complaint, onApiServer, plain, withValues } from '../command-rules.ts'
import { allDocumentCommands } from '../document-commands.ts'
import { blocks } from '../document-snippets.ts'
import { startApiServer } from '../integration/api-server.ts'
import type { ApiServer } from '../integration/api-server.ts'
import { readersFolder, Terminal } from '../terminal.ts'

const root = join(import.meta.dirname, '..', '..')
const VALUES = { NAMESPACE: 'openstack', CLOUD: 'teruwa', NODE: 'node-1', TAG: 'zed-1' }
const commands = (await allDocumentCommands()).filter((command) => among(onApiServer, command))

describe('commands of the documents, before an API server', () => {
  let server: ApiServer
  let kubectl: Kubectl
  let folder: string
  let env: Readonly<Record<string, string>>

  before(async () => {
    server = await startApiServer()
    const programs = { kubectl: join(await ensureGoModule('kubernetes'), 'kubectl'), helm: await helm() }
    kubectl = kubectlOf(programs.kubectl, server.kubeconfigPath)
    folder = await mkdtemp(join(tmpdir(), 'teruwa-documents-'))
    env = { ...(await readersFolder(folder, programs)), KUBECONFIG: server.kubeconfigPath }
    // The files that the documents tell people to write.
    const sample = async (document: string) => blocks(await readFile(join(root, document), 'utf8'), 'yaml')[0] ?? ''
    await writeFile(join(folder, 'mine.yaml'), await sample('docs/first-hour.md'))
    await writeFile(join(folder, 'my-cloud.yaml'), await sample('README.md'))
    await writeFile(join(folder, 'cloud.yaml'), await readFile(join(root, 'manifests', 'cluster.yaml')))
    await installDefinitions(kubectl)
    await kubectl.run(['apply', '--server-side', ...(await prometheusDefinitions()).flatMap((file) => ['-f', file])])
    for (const kind of ['servicemonitors', 'prometheusrules']) await definitionServed(kubectl, `${kind}.monitoring.coreos.com`)
  })

  after(async () => {
    await server?.stop()
    if (folder) await rm(folder, { recursive: true })
  })

  /** A cloud with guests, as it is before each section of a document. */
  const furnish = async () => {
    const labels = { app: 'any' }
    const workload = (name: string) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: VALUES.NAMESPACE },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name, image: name }] } } },
    })
    await kubectl.apply([
      ...(await readManifest(join(root, 'manifests', 'cluster.yaml'))),
      { apiVersion: 'v1', kind: 'Node', metadata: { name: VALUES.NODE } },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'teruwa-credentials', namespace: VALUES.NAMESPACE },
        stringData: { 'glance.database': 'password' },
      },
      workload('placement-api'),
      workload('horizon-web'),
    ])
    // True of every generation to come: there is no operator that would see them.
    const seen = { lastTransitionTime: new Date().toISOString(), observedGeneration: 1000 }
    const condition = { type: 'BarbicanReady', status: 'True', reason: 'Ready', message: '', ...seen }
    const status = JSON.stringify({ status: { conditions: [condition], hypervisors: { labelled: 1, up: 1, summary: '1/1', servers: 2 } } })
    const cloud = ['patch', 'openstackcluster', VALUES.CLOUD, '--namespace', VALUES.NAMESPACE]
    await kubectl.run([...cloud, '--subresource=status', '--type=merge', '--patch', status])
  }

  for (const [file, ofFile] of Map.groupBy(commands, (command) => command.file)) {
    test(file, async (context) => {
      const terminal = new Terminal(folder, env)
      context.after(() => terminal.close())
      let section: string | undefined
      for (const command of ofFile) {
        if (command.section !== section) await furnish()
        section = command.section
        await context.test(`${command.line}: ${plain(command.text)}`, async () => {
          assert.equal(complaint(command, await terminal.type(withValues(command.text, VALUES), 30)), undefined)
        })
      }
    })
  }
})
