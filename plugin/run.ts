import { connect } from '../operator/kube/rest-client.ts'
import type { KubeClient, ServiceClient } from '../operator/kube/client.ts'
import { firstWord, parseArguments, textOption, UsageError } from './arguments.ts'
import type { Arguments, Options } from './arguments.ts'
import { findCloud } from './cluster.ts'
import { commonOptions } from './command.ts'
import type { Command, Surroundings } from './command.ts'
import { commands } from './commands/index.ts'
import { helpOf, overview } from './help.ts'
import { kubeconfigOf } from './kubeconfig.ts'
import type { Output } from './output.ts'

/** Every option that there is: what is asked for is known before the command is. */
const allOptions: Options = Object.assign({}, commonOptions, ...commands.map(({ options }) => options)) as Options

/** Runs a command line. Returns the exit code: 2 where the line is wrong, 1 where something else is. Never throws. */
export async function run(argv: readonly string[], output: Output, signal: AbortSignal = new AbortController().signal): Promise<number> {
  const { word, rest } = firstWord(argv, allOptions)
  const command = commands.find(({ name }) => name === word)
  if (command === undefined) return withoutCommand(word, rest, output)
  const opened: KubeClient[] = []
  try {
    const given = parseArguments(rest, { ...command.options, ...commonOptions }, command.words)
    if (given.values['help']) {
      output.write(helpOf(command))
      return 0
    }
    return await command.run(surroundingsOf(given, output, signal, opened))
  } catch (error) {
    if (signal.aborted) return 0
    const message = error instanceof Error ? error.message : String(error)
    if (error instanceof UsageError) return refuse(message, output, command)
    output.warn(`${message}\n`)
    return 1
  } finally {
    await Promise.all(opened.map((client) => client.close()))
  }
}

function withoutCommand(word: string | undefined, rest: readonly string[], output: Output): number {
  if (word !== undefined && word !== 'help')
    return refuse(`unknown command ${JSON.stringify(word)}; there are ${commands.map(({ name }) => name).join(', ')}`, output)
  try {
    const { values } = parseArguments(rest, commonOptions, 0)
    if (word === undefined && !values['help']) {
      output.warn(overview(commands))
      return 2
    }
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error), output)
  }
  output.write(overview(commands))
  return 0
}

function refuse(message: string, output: Output, command?: Command): number {
  output.warn(`${message}\nSee "${['kubectl teruwa', ...(command === undefined ? [] : [command.name])].join(' ')} --help".\n`)
  return 2
}

function surroundingsOf(given: Arguments, output: Output, signal: AbortSignal, opened: KubeClient[]): Surroundings {
  const choice = { kubeconfig: textOption(given, 'kubeconfig'), context: textOption(given, 'context') }
  let client: Promise<KubeClient & ServiceClient> | undefined
  const open = async (): Promise<KubeClient & ServiceClient> => {
    const { file } = await kubeconfigOf(choice)
    const made = await connect({
      ...(file === undefined ? {} : { kubeconfig: file }),
      ...(choice.context === undefined ? {} : { context: choice.context }),
      userAgent: 'kubectl-teruwa',
    })
    opened.push(made)
    return made
  }
  const connected = () => (client ??= open())
  return {
    given,
    output,
    signal,
    now: Date.now,
    client: connected,
    cloud: async (name) => {
      const said = textOption(given, 'namespace')
      const namespace = said ?? (await kubeconfigOf(choice)).namespace
      const everywhere = given.values['all-namespaces'] === true
      return findCloud(await connected(), { namespace, said: said !== undefined, everywhere, ...(name === undefined ? {} : { name }) }, signal)
    },
  }
}
