// A cloud as the operator tells of it, for tests: the real plan of a world that is played.

import type { OpenStackCluster } from '../operator/api/v1alpha1/index.ts'
import { statusOf } from '../operator/cluster/status.ts'
import { clusterOf, TestWorld } from '../operator/cluster/test-world.ts'
import type { FoundHypervisor } from './cluster.ts'
import { needsOf } from './graph/needs.ts'
import { graphSteps } from './graph/steps.ts'
import type { Output } from './output.ts'
import type { CloudView } from './status.ts'

/** When the cloud was made, and when the tests look at it: two minutes later. */
export const MADE = Date.parse('2026-01-01T00:00:00Z')
export const NOW = MADE + 120_000

/** A cloud whose operator has looked at it so many times, each 10 s after the last; in between all that it made became ready. */
export function cloudAfter(rounds: number, spec: Record<string, unknown> = {}): OpenStackCluster {
  const world = new TestWorld(clusterOf(spec))
  let cloud = world.cluster
  for (let round = 0; round < rounds; round++) {
    const plan = world.plan()
    cloud = Object.assign({}, cloud, { status: statusOf(cloud, world.scope(), plan, new Date(MADE + round * 10_000)) })
    world.pass(plan)
  }
  return cloud
}

/** What is shown of a cloud. */
export function viewOf(cloud: OpenStackCluster, hypervisors: readonly FoundHypervisor[] = []): CloudView {
  return { cloud, steps: graphSteps(cloud, needsOf(cloud)), hypervisors }
}

/** An output that keeps what is written to it. */
export function memoryOutput(): Output & { readonly text: () => string; readonly errors: () => string } {
  const written: string[] = []
  const warned: string[] = []
  return {
    write: (text) => void written.push(text),
    warn: (text) => void warned.push(text),
    size: () => undefined,
    colour: false,
    text: () => written.join(''),
    errors: () => warned.join(''),
  }
}
