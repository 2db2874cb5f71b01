// A real registry of images on this host, without TLS: https://distribution.github.io/distribution

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dump } from 'js-yaml'
import { ensureGoModule } from '../../local/build.ts'
import type { Cluster } from '../../local/cluster.ts'
import { writeFiles } from '../../local/docker.ts'
import { eventually } from '../../local/verify/guest.ts'
import { freePorts, listens, startDaemon } from '../daemon.ts'

/** A registry that runs. */
export interface Registry {
  /** As Docker on this host and the nodes' containerd name it. */
  readonly host: string
  /** The names of what is in it. */
  repositories(): Promise<string[]>
  close(): Promise<void>
}

/** Starts one that this host and the nodes of a cluster reach by the same name, as kind's own guide to a local registry has it. */
export async function startRegistry({ nodes, managementCidr }: Cluster): Promise<Registry> {
  const program = join(await ensureGoModule('registry'), 'registry')
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-registry-'))
  const [port = 0] = await freePorts(1)
  const config = join(folder, 'config.yaml')
  // The nodes reach this host by its address in their network.
  const settings = { version: '0.1', log: { level: 'warn' }, storage: { filesystem: { rootdirectory: join(folder, 'images') } }, http: { addr: `:${port}` } }
  await writeFile(config, dump(settings))
  const daemon = startDaemon('registry', program, ['serve', config], folder)
  const host = `localhost:${port}`
  const url = `http://${managementCidr.replace(/\.0\/24$/, '.1')}:${port}`
  const hosts = `server = "${url}"\n\n[host."${url}"]\n  capabilities = ["pull", "resolve"]\n`
  for (const { name } of nodes) await writeFiles(name, { [`/etc/containerd/certs.d/${host}/hosts.toml`]: { content: hosts } })
  await eventually('the registry to listen', 15, async () => {
    await daemon.check()
    return listens(port)
  })
  return {
    host,
    async repositories() {
      const answer = await fetch(`http://${host}/v2/_catalog`)
      return ((await answer.json()) as { repositories: string[] }).repositories
    },
    async close() {
      await daemon.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
