import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kubectl } from '../kubectl.ts'
import type { Steps } from '../progress.ts'
import { checked } from '../../plugin/verify/check.ts'
import type { CheckResult } from '../../plugin/verify/check.ts'
import { checks as allChecks } from './checks.ts'
import type { Check, CheckedCluster, Surroundings } from './check.ts'
import { ensureOpenStackClient, OpenStackClient } from './client.ts'

/** Which cloud is checked, and how it is reached. */
export interface VerifyOptions {
  readonly kubectl: Kubectl
  /** A clouds.yaml with the clouds `<cluster>` (the administrator) and `<cluster>-<user>`. */
  readonly cloudsFile: string
  readonly progress: Steps
  /** Which of them; all by default. */
  readonly checks?: readonly Check[]
  readonly signal?: AbortSignal
}

/** Makes the course's checks on the first cloud that declares a server; each goes on although one before it failed. */
export async function verify({ kubectl, cloudsFile, progress, checks = allChecks, signal }: VerifyOptions): Promise<CheckResult[]> {
  const program = await progress.step('openstack client', ({ update }) => ensureOpenStackClient({ onUpdate: update, ...(signal ? { signal } : {}) }))
  const { items }: { items: readonly CheckedCluster[] } = JSON.parse(
    await kubectl.run(['get', 'openstackclusters', '--all-namespaces', '-o', 'json'], { signal }),
  )
  const cluster = items.find(({ spec }) => spec.bootstrap.servers.length > 0)
  const server = cluster?.spec.bootstrap.servers[0]
  if (cluster === undefined || server === undefined)
    throw new Error('no OpenStackCluster declares a server (spec.bootstrap.servers), which the checks look at: see manifests/cluster.yaml')
  const { name, namespace } = cluster.metadata
  const client = (cloud: string) => new OpenStackClient({ program, cloudsFile, cloud, ...(signal ? { signal } : {}) })
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-verify-'))
  const surroundings: Surroundings = {
    cluster,
    client: (user) => client(`${name}-${user}`),
    secret: async (secret) => {
      const { data }: { data: Record<string, string> } = JSON.parse(await kubectl.run(['get', 'secret', secret, '-n', namespace, '-o', 'json'], { signal }))
      return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
    },
    admin: client(name),
    user: client(`${name}-${server.user}`),
    userName: server.user,
    image: { name: server.image },
    server: server.name,
    file: async (fileName, text) => {
      const path = join(folder, fileName)
      await writeFile(path, text)
      return path
    },
    nodes: (await kubectl.run(['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}'], { signal })).split(' '),
    inPod: (app, ...command) => kubectl.run(['exec', '--namespace', namespace, `deployment/${app}`, '--', ...command], { signal }),
    ...(signal ? { signal } : {}),
  }
  const results: CheckResult[] = []
  try {
    for (const check of checks.filter(({ applies }) => applies?.(cluster) ?? true)) {
      const made = (): Promise<string> =>
        progress.step(check.name, async ({ update }) => {
          const message = await check.run(surroundings)
          update(message)
          return message
        })
      results.push(await checked(check.name, made, signal))
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return results
}
