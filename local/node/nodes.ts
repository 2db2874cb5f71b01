import type { LabelledContainer } from '../docker.ts'
import { docker, exec } from '../docker.ts'
import type { NodeSpec } from './container.ts'
import { startNodeContainer } from './container.ts'

/** Makes sure that the container of a node runs and that its containerd answers. Returns when it was started. */
export async function ensureNodeContainer(existing: LabelledContainer | undefined, spec: NodeSpec, signal?: AbortSignal): Promise<void> {
  if (existing?.running) return waitUntilStarted(spec.name, signal)
  if (existing && wasStarted(existing)) {
    await docker(['start', spec.name], { signal })
    return waitUntilStarted(spec.name, signal)
  }
  // Interrupted between its creation and its start, it may lack its second network.
  if (existing) await docker(['rm', '-f', '-v', spec.name], { signal })
  await startNodeContainer(spec, { signal })
}

/** Docker gives the year 1 for what has never been started. */
function wasStarted({ startedAt }: LabelledContainer): boolean {
  return startedAt.getUTCFullYear() > 1
}

/** The entrypoint makes the file once containerd has the node's own images. The command ends with the container, if that comes first. */
async function waitUntilStarted(name: string, signal?: AbortSignal): Promise<void> {
  try {
    await exec(name, ['timeout', '60', 'sh', '-c', 'until [ -e /run/node-started ]; do sleep 0.1; done'], { signal })
  } catch (error) {
    signal?.throwIfAborted()
    const log = await docker(['logs', '--tail', '10', name], { signal }).catch(() => '')
    throw new Error(`The node ${name} does not start; the end of its log:\n${log}`, { cause: error })
  }
}
