import type { OpenStackCluster } from '../operator/api/v1alpha1/index.ts'
import type { PluginClient } from './cluster.ts'
import type { Arguments, Options } from './arguments.ts'
import type { Output } from './output.ts'

/** What a command works with. */
export interface Surroundings {
  readonly given: Arguments
  readonly output: Output
  /** The API server that the kubeconfig names; it is asked the first time that a command uses it. */
  readonly client: () => Promise<PluginClient>
  /** The cloud that is meant, by name where there may be several. Throws a sentence where it is not clear. */
  readonly cloud: (name?: string) => Promise<OpenStackCluster>
  /** ms since the epoch */
  readonly now: () => number
  /** Ends a command that would go on for ever. */
  readonly signal: AbortSignal
}

/** One of the plugin's commands. */
export interface Command {
  readonly name: string
  /** What stands behind the name in the usage. */
  readonly synopsis: string
  /** One sentence for the list of commands. */
  readonly about: string
  /** What the help says besides. */
  readonly details?: string
  /** Besides those that every command has. */
  readonly options: Options
  /** So many words may follow at most. */
  readonly words: number
  /** Returns the exit code. */
  readonly run: (surroundings: Surroundings) => Promise<number>
}

/** Options that say which cluster and which cloud are meant. */
export const commonOptions: Options = {
  kubeconfig: { type: 'string', value: 'FILE', about: 'the kubeconfig (default: KUBECONFIG, else ~/.kube/config)' },
  context: { type: 'string', value: 'NAME', about: 'the context of the kubeconfig (default: its current one)' },
  namespace: {
    type: 'string',
    short: 'n',
    value: 'NAME',
    about: "the cloud's namespace (default: the context's; where that has no cloud, the only cloud there is)",
  },
  'all-namespaces': { type: 'boolean', short: 'A', about: 'look for the cloud in all namespaces' },
  help: { type: 'boolean', short: 'h', about: 'this text' },
}

/** Of commands that can answer in JSON. */
export const outputOption: Options = { output: { type: 'string', short: 'o', value: 'json', about: 'answer in JSON' } }

/** Of commands that can go on. */
export const watchOption: Options = { watch: { type: 'boolean', short: 'w', about: 'go on and tell what changes; ends with Ctrl-C' } }
