import { join, relative } from 'node:path'
import { LOCAL_FOLDER } from './access.ts'
import type { ObservedCloud } from './follow.ts'
import type { DeclaredCloud } from './manifest.ts'

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n')
}

/** What a run of `up` has to tell. */
export interface Outcome {
  readonly facts: readonly (readonly [string, string])[]
  /** Names of the files in `.local`. */
  readonly files: readonly string[]
  readonly seconds: number
}

/** What `up` ends with: the services' addresses, the files, and what to try. */
export function summary(cloud: DeclaredCloud, observed: ObservedCloud, { facts, files, seconds }: Outcome): string {
  const endpoints = (observed.status?.endpoints ?? []).map((endpoint) => [endpoint.service, endpoint.public ?? '(inside of the cluster only)'] as const)
  const hypervisors = observed.status?.hypervisors?.summary
  return [
    `\nThe cloud ${cloud.name} is ready after ${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s.\n`,
    'Services',
    table(endpoints.length > 0 ? endpoints : [['(none)', '']]),
    '\nAddresses',
    table([...facts, ...(hypervisors === undefined ? [] : [['hypervisors up', hypervisors] as const])]),
    '\nFiles',
    ...files.map((name) => `  ${relative(process.cwd(), join(LOCAL_FOLDER, name))}`),
    '\nTry',
    '  OS_CLIENT_CONFIG_FILE=.local/clouds.yaml openstack --os-cloud teruwa server list'.replace('--os-cloud teruwa', `--os-cloud ${cloud.name}`),
    '  kubectl --kubeconfig .local/kubeconfig get openstackclusters -A\n',
  ].join('\n')
}
