import type { VolumeBackend } from '../../api/v1alpha1/index.ts'
import type { KubeObject } from '../../kube/types.ts'
import { isChosen } from '../../model/node-choice.ts'
import type { Scope } from '../../model/scope.ts'
import type { Step } from '../../model/step.ts'
import type { VolumeBackendWant } from '../../openstack/volumes.ts'
import { job } from '../../workloads/job.ts'
import type { Context } from '../context.ts'
import { HOST, volumeNodes } from './backends.ts'

const STEP = 'cinder/backends'

/**
 * The backends as Cinder sees them: each has its volume type, and its services report themselves. The answer says which services belong to backends
 * that were taken away and hold no volume any more; a Job makes Cinder forget them.
 */
export function backendSteps(context: Context): Step[] {
  const { scope } = context
  const { backends } = scope.spec.services.cinder
  return [
    {
      id: STEP,
      needs: ['cinder/api', 'cinder/identity', ...backends.map(({ name }) => `cinder/volume-${name}`)],
      outside: () => ({ kind: 'volume-backends', want: backends.map((backend) => want(scope, backend)) }),
      objects: () => forgetJobs(context),
    },
  ]
}

function want(scope: Scope, backend: VolumeBackend): VolumeBackendWant {
  const { name } = backend
  const nodes = volumeNodes(backend)
  if (nodes === undefined) return { name, hosts: [`${HOST}@${name}`] }
  const chosen = scope.nodes.filter((node) => isChosen(node, nodes)).map(({ metadata }) => metadata.name)
  return { name, hosts: chosen.toSorted().map((node) => `${node}@${name}`) }
}

/** There is no API for it. */
function forgetJobs(context: Context): KubeObject[] {
  const { scope } = context
  const hosts = scope.outside(STEP)?.data?.abandonedVolumeServices ?? []
  if (hosts.length === 0) return []
  const process = context.program({
    args: ['sh', '-ec', 'for host in "$@"; do cinder-manage service remove cinder-volume "$host"; done', 'sh', ...hosts],
  })
  return [job(scope, 'cinder-forget', 'cinder', process)]
}
