import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { manager } from './api/v1alpha1/index.ts'
import { runUpload } from './upload.ts'
import { runOperator } from './operator.ts'
import type { OperatorOptions } from './operator.ts'
import { logLevels, Logger } from './runtime/log.ts'
import type { LogLevel } from './runtime/log.ts'

const USAGE = `Usage: node operator.mjs [COMMAND] [OPTIONS]

  run            runs the operator (default)
  upload-image   brings one image to Glance; what to do is in the environment (UPLOAD_IMAGE, OS_PASSWORD)

  --kubeconfig FILE     the cluster to work on (default: the one that the pod runs in, else KUBECONFIG)
  --namespace NAME     looks after the clusters of one namespace, and needs rights in no other (default: all namespaces)
  --images FILE         tags of the images, by name, as JSON (default: images.json beside the program)
  --metrics-port N      (default: 8080)
  --health-port N       /healthz and /readyz (default: 8081)
  --no-leader-election  for a single operator outside of the cluster
  --help

Environment: OPERATOR_IMAGE (image of the Jobs that are the operator's own), POD_NAME, POD_NAMESPACE, LOG_LEVEL (debug, info, warn, error).
`

/** Runs one command line; resolves with the exit code. */
async function main(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      kubeconfig: { type: 'string' },
      namespace: { type: 'string' },
      images: { type: 'string', default: join(import.meta.dirname, 'images.json') },
      'metrics-port': { type: 'string', default: '8080' },
      'health-port': { type: 'string', default: '8081' },
      'no-leader-election': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const [command = 'run', ...others] = positionals
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  if (others.length > 0 || !['run', 'upload-image'].includes(command)) {
    console.error(`unknown command ${positionals.join(' ')}\n\n${USAGE}`)
    return 2
  }
  if (command === 'upload-image') {
    await runUpload(process.env, signal)
    return 0
  }
  const options: OperatorOptions = {
    kubeconfig: values.kubeconfig,
    namespace: values.namespace,
    imageTags: JSON.parse(await readFile(values.images, 'utf8')) as Record<string, string>,
    operatorImage: process.env['OPERATOR_IMAGE'] ?? 'teruwa/operator:latest',
    metricsPort: portOf('--metrics-port', values['metrics-port']),
    healthPort: portOf('--health-port', values['health-port']),
    leaderElection: values['no-leader-election'] ? undefined : { namespace: process.env['POD_NAMESPACE'] ?? 'default', name: manager },
    identity: process.env['POD_NAME'] ?? hostname(),
    log: new Logger({ level: logLevel(process.env['LOG_LEVEL'] ?? 'info') }),
  }
  await runOperator(options, signal)
  return 0
}

function logLevel(text: string): LogLevel {
  const level = logLevels.find((each) => each === text)
  if (level === undefined) throw new Error(`LOG_LEVEL is ${JSON.stringify(text)}; it can be ${logLevels.join(', ')}`)
  return level
}

function portOf(option: string, text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65535) throw new Error(`${option} is ${JSON.stringify(text)}; expected a port from 0 to 65535`)
  return port
}

const stopped = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopped.abort(new Error(`stopped by ${name}`)))
try {
  process.exitCode = await main(process.argv.slice(2), stopped.signal)
} catch (error) {
  if (!stopped.signal.aborted) {
    // The last line is what the kubelet keeps as the container's message.
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}
