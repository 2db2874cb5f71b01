import { ensureGoModule } from '../local/build.ts'
import type { GoModuleName } from '../local/build.ts'
import { createProgress } from '../local/progress.ts'
import { ensurePrometheus, prometheusDefinitions } from '../local/prometheus.ts'
import { SHARED_KUBECONFIG, startApiServer } from './integration/api-server.ts'
import type { Layer, Surroundings } from './run.ts'

const MINUTE = 60_000

/** The layers of the tests, cheap ones first: where one fails, the later ones are not run. */
export const layers: readonly Layer[] = [
  {
    name: 'unit',
    checks: [
      { name: 'types', command: ['tsc', '--noEmit'] },
      { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
      { name: 'format', command: ['oxfmt', '--check'] },
      { name: 'generated files', command: [process.execPath, 'operator/api/generate.ts', '--check'] },
    ],
    files: ['operator/**/*.test.ts', 'plugin/**/*.test.ts', 'bench/**/*.test.ts', 'local/**/*.test.ts', 'images/**/*.test.ts', 'test/*.test.ts'],
    timeoutMs: 2 * MINUTE,
  },
  { name: 'simulation', files: ['test/simulation/**/*.test.ts'], timeoutMs: 20 * MINUTE },
  {
    name: 'integration',
    files: ['test/integration/**/*.test.ts'],
    timeoutMs: 5 * MINUTE,
    prepare: (signal) => serverFor(['etcd', 'kubernetes'], signal),
  },
  {
    name: 'chart',
    files: ['test/chart/**/*.test.ts'],
    timeoutMs: 5 * MINUTE,
    prepare: (signal) => serverFor(['etcd', 'kubernetes', 'kubeconform', 'olm'], signal),
  },
  { name: 'e2e', files: ['test/e2e/**/*.test.ts'], serial: true, timeoutMs: 90 * MINUTE },
  { name: 'gitops', files: ['test/gitops/**/*.test.ts'], serial: true, timeoutMs: 60 * MINUTE, onRequest: true, prepare: built('argocd') },
  {
    name: 'elsewhere',
    files: ['test/elsewhere/**/*.test.ts'],
    serial: true,
    timeoutMs: 60 * MINUTE,
    onRequest: true,
    prepare: built('network-policies', 'registry'),
  },
]

/** Programs that take minutes to build the first time. */
function built(...modules: readonly GoModuleName[]): (signal: AbortSignal) => Promise<Surroundings> {
  return async (signal) => {
    await buildAll(modules, signal)
    return { env: {}, stop: async () => {} }
  }
}

async function buildAll(modules: readonly GoModuleName[], signal: AbortSignal): Promise<void> {
  const progress = createProgress(process.stdout)
  try {
    for (const name of modules) await progress.step(`programs of ${name}`, ({ update }) => ensureGoModule(name, { signal, onUpdate: update }))
  } finally {
    progress.close()
  }
}

/** An API server for all files of a layer. Programs are built before the tests' clocks run: the first time it takes minutes. */
async function serverFor(modules: readonly GoModuleName[], signal: AbortSignal): Promise<Surroundings> {
  await buildAll(modules, signal)
  const progress = createProgress(process.stdout)
  try {
    await progress.step('Prometheus and promtool', async ({ update }) => {
      await ensurePrometheus({ signal, onUpdate: update })
      await prometheusDefinitions({ signal, onUpdate: update })
    })
    const { kubeconfigPath, stop } = await progress.step('etcd and kube-apiserver', () => startApiServer({ signal }))
    return { env: { [SHARED_KUBECONFIG]: kubeconfigPath }, stop }
  } finally {
    progress.close()
  }
}
