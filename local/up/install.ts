import { join } from 'node:path'
import { run } from '../command.ts'
import { helm } from '../helm.ts'
import type { Kubectl } from '../kubectl.ts'
import { OPERATOR_NAMESPACE } from '../names.ts'

const CHART = join(import.meta.dirname, '../../charts/teruwa')

/** The operator's release and its namespace. */
export const OPERATOR = { release: 'teruwa', namespace: OPERATOR_NAMESPACE }

/** Applies the CRDs, which helm itself never upgrades, and waits until the API server serves them. */
export async function installDefinitions(kubectl: Kubectl, signal?: AbortSignal): Promise<void> {
  const file = join(CHART, 'crds')
  await kubectl.run(['apply', '--server-side', '--force-conflicts', '-f', file], { signal })
  await definitionServed(kubectl, 'openstackclusters.openstack.teruwa.io', signal)
}

/** Waits until the API server serves the kind of a CustomResourceDefinition. */
export async function definitionServed(kubectl: Kubectl, name: string, signal?: AbortSignal): Promise<void> {
  // Not `kubectl wait`: it fails on an object that has no conditions yet, as a definition has none for a moment.
  const timeout = AbortSignal.timeout(60_000)
  await kubectl.watchObject(
    ['customresourcedefinitions', name],
    (object) => {
      const { conditions } = (object as { status?: { conditions?: readonly { type: string; status: string }[] } }).status ?? {}
      return conditions?.some(({ type, status }) => type === 'Established' && status === 'True') ?? false
    },
    signal ? AbortSignal.any([signal, timeout]) : timeout,
  )
}

/** Installs or upgrades the operator by its chart; returns when it is ready. */
export async function installOperator(image: { repository: string; tag: string }, kubeconfig: string | undefined, signal?: AbortSignal): Promise<void> {
  const values = [`image.repository=${image.repository}`, `image.tag=${image.tag}`].flatMap((value) => ['--set-string', value])
  const where = ['--namespace', OPERATOR.namespace, '--create-namespace', ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig])]
  await run(await helm(), ['upgrade', '--install', OPERATOR.release, CHART, ...where, ...values, '--skip-crds', '--wait', '--timeout', '5m'], {
    env: kubeconfig === undefined ? {} : { NO_PROXY: '*', no_proxy: '*' },
    signal,
  })
}
