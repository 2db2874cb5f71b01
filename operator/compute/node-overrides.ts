import type { NodeOverride } from '../api/v1alpha1/index.ts'
import { mergeIni, renderIni } from '../config/ini.ts'
import type { KubeObject } from '../kube/types.ts'
import { hasLabels } from '../model/node-choice.ts'
import type { Scope } from '../model/scope.ts'
import { DeclarationError } from '../openstack/error.ts'
import type { Process } from '../workloads/pod.ts'
import type { ConfigSecret } from '../workloads/secret.ts'
import { endOnChange } from './end-on-change.ts'
import { nodesOf } from './nodes.ts'
import type { NodeRole } from './nodes.ts'

/** Where a pod finds the file of each node. */
const FOLDER = '/etc/teruwa/nodes'
/** An empty file would look like one that is not there yet. */
const HEADER = '# spec.nodeOverrides, for this node\n'

/** A process on nodes, and what it reads. */
export interface NodeApp {
  readonly app: string
  readonly service: 'nova' | 'neutron'
  /** Those of its files that `nodeOverrides` may add to, in the order that it reads them in. */
  readonly files: readonly string[]
  readonly roles: readonly NodeRole[]
}

/**
 * What a process reads on each node after its files, as a file of oslo.config by the node's name; `undefined` where no entry of `nodeOverrides` is about
 * it, so that it is as if there was no such thing. Throws a DeclarationError where two entries contradict each other for a node.
 */
export function nodeFile(scope: Scope, { app, service, files, roles }: NodeApp): ConfigSecret | undefined {
  const entries = scope.spec.nodeOverrides.filter((entry) => files.some((file) => entry[service]?.[file] !== undefined))
  if (entries.length === 0) return undefined
  const names = new Set(nodesOf(scope, ...roles))
  const nodes = scope.nodes.filter(({ metadata }) => names.has(metadata.name))
  const render = (node: KubeObject) => {
    const fitting = entries.filter(({ nodeSelector }) => hasLabels(node, nodeSelector))
    for (const file of files) refuseContradiction(node.metadata.name, file, optionsOf(fitting, service, file))
    return HEADER + renderIni(mergeIni(...files.flatMap((file) => fitting.map((entry) => entry[service]?.[file]))))
  }
  return { name: `${app}-nodes`, files: Object.fromEntries(nodes.map((node) => [node.metadata.name, render(node)])) }
}

interface Option {
  readonly entry: string
  readonly name: string
  readonly value: string
}

function optionsOf(entries: readonly NodeOverride[], service: NodeApp['service'], file: string): Option[] {
  return entries.flatMap((entry) =>
    Object.entries(entry[service]?.[file] ?? {}).flatMap(([section, options]) =>
      Object.entries(options).map(([option, value]) => ({ entry: entry.name, name: `${section}.${option}`, value })),
    ),
  )
}

function refuseContradiction(node: string, file: string, options: readonly Option[]): void {
  for (const [name, same] of Map.groupBy(options, (option) => option.name)) {
    const [first] = same
    const other = same.find(({ value }) => value !== first?.value)
    if (first === undefined || other === undefined) continue
    throw new DeclarationError(
      'Contradiction',
      `nodeOverrides: ${first.entry} and ${other.entry} both fit node ${node}, and set ${name} of ${file} to ${JSON.stringify(first.value)} and to ${JSON.stringify(other.value)}: change one of them, or its nodeSelector; what runs is unchanged`,
    )
  }
}

/**
 * A process that gets `--config-file=…` with its node's file as its last argument, and ends when that changes, so that only pods of nodes that are
 * concerned start anew. Wants OS_DEFAULT__HOST. Without a file: the process as it is.
 */
export function readingNodeFile(process: Process, file: ConfigSecret | undefined): Process {
  if (file === undefined) return process
  return {
    ...process,
    args: ['bash', '-c', start, 'with-node-file', ...process.args],
    directories: [...(process.directories ?? []), { path: FOLDER, source: { kind: 'secret', config: file, live: true } }],
  }
}

const start = `set -euo pipefail
OWN=${FOLDER}/$OS_DEFAULT__HOST
until [ -s "$OWN" ]; do
  echo "waits for its part of spec.nodeOverrides, which the kubelet brings within two minutes" | tee /dev/termination-log >&2
  sleep 1
done
cp "$OWN" /tmp/node.conf
${endOnChange('$OWN', '/tmp/node.conf')}
exec "$@" --config-file=/tmp/node.conf
`
