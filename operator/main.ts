import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { manager } from './api/v1alpha1/index.ts'
import { runCheck } from './check.ts'
import { connect } from './kube/rest-client.ts'
import type { KubeObject } from './kube/types.ts'
import { runUpload } from './upload.ts'
import { runOperator } from './operator.ts'
import type { OperatorOptions } from './operator.ts'
import { logLevels, Logger } from './runtime/log.ts'
import type { LogLevel } from './runtime/log.ts'

const USAGE = `Usage: node operator.mjs [COMMAND] [OPTIONS]

  run            runs the operator (default)
  check          says whether what was installed works, and writes nothing; \`helm test\` runs it
  upload-image   brings one image to Glance; what to do is in the environment (UPLOAD_IMAGE, OS_PASSWORD)

  --kubeconfig FILE     the cluster to work on (default: the one that the pod runs in, else KUBECONFIG)
  --namespace NAME     looks after the clusters of one namespace, and needs rights in no other (default: all namespaces)
  --images FILE         tags of the images, by name, as JSON (default: images.json beside the program)
  --definitions FILE    the CustomResourceDefinitions that it was built with, as a List in JSON (default: crds.json beside the program)
  --metrics-url URL     of check: where the operator's metrics are
  --metrics-port N      (default: 8080)
  --health-port N       /healthz and /readyz (default: 8081)
  --no-leader-election  for a single operator outside of the cluster
  --help

Environment: OPERATOR_IMAGE (image of the Jobs that are the operator's own), POD_NAME, POD_NAMESPACE, DEPLOYMENT (its own Deployment),
LOG_LEVEL (debug, info, warn, error).
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
      definitions: { type: 'string', default: join(import.meta.dirname, 'crds.json') },
      'metrics-url': { type: 'string' },
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
  if (others.length > 0 || !['run', 'check', 'upload-image'].includes(command)) {
    console.error(`unknown command ${positionals.join(' ')}\n\n${USAGE}`)
    return 2
  }
  if (command === 'upload-image') {
    await runUpload(process.env, signal)
    return 0
  }
  const log = new Logger({ level: logLevel(process.env['LOG_LEVEL'] ?? 'info') })
  const { items: own } = JSON.parse(await readFile(values.definitions, 'utf8')) as { items: KubeObject[] }
  const definitions = { own, remedy: remedyOf(process.env) }
  if (command === 'check') {
    const { kubeconfig, namespace: watchNamespace, 'metrics-url': metricsUrl } = values
    const client = await connect(kubeconfig === undefined ? {} : { kubeconfig })
    try {
      const namespace = process.env['POD_NAMESPACE'] ?? 'default'
      return (await runCheck({ client, log, namespace, watchNamespace, definitions, metricsUrl, print: console.log }, signal)) ? 0 : 1
    } finally {
      await client.close()
    }
  }
  const options: OperatorOptions = {
    kubeconfig: values.kubeconfig,
    namespace: values.namespace,
    definitions,
    imageTags: JSON.parse(await readFile(values.images, 'utf8')) as Record<string, string>,
    operatorImage: process.env['OPERATOR_IMAGE'] ?? 'teruwa/operator:latest',
    metricsPort: portOf('--metrics-port', values['metrics-port']),
    healthPort: portOf('--health-port', values['health-port']),
    leaderElection: values['no-leader-election'] ? undefined : { namespace: process.env['POD_NAMESPACE'] ?? 'default', name: manager },
    identity: process.env['POD_NAME'] ?? hostname(),
    log,
  }
  await runOperator(options, signal)
  return 0
}

/** How the definitions of this very operator are brought to the API server. */
function remedyOf({ POD_NAMESPACE: namespace, DEPLOYMENT: deployment }: NodeJS.ProcessEnv): string {
  const apply = 'kubectl apply --server-side --force-conflicts -f'
  return namespace === undefined || deployment === undefined
    ? `${apply} crds/ (of the operator's version)`
    : `kubectl -n ${namespace} exec deployment/${deployment} -- cat /app/crds.json | ${apply} -`
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
