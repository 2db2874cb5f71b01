// The ServiceAccount that the chart makes, as the operator has it.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dump, load } from 'js-yaml'
import { ensureGoModule } from '../../local/build.ts'
import { run } from '../../local/command.ts'
import { helm } from '../../local/helm.ts'
import type { ApiServer } from './api-server.ts'

const chart = join(import.meta.dirname, '..', '..', 'charts', 'teruwa')

/** kubectl, as an administrator. Resolves with its stdout; throws what it says. */
export type Ask = (args: readonly string[], input?: string) => Promise<string>

/** A kubectl for an API server. */
export async function askOf(server: ApiServer): Promise<Ask> {
  const kubectl = join(await ensureGoModule('kubernetes'), 'kubectl')
  return (args, input) => run(kubectl, ['--kubeconfig', server.kubeconfigPath, ...args], input === undefined ? {} : { input })
}

/** Applies what the chart makes as the release `own` in a namespace that is there, CRDs too. */
export async function applyChart(ask: Ask, namespace: string, ...values: string[]): Promise<void> {
  const set = values.flatMap((value) => ['--set', value])
  const objects = await run(await helm(), ['template', 'own', chart, '--namespace', namespace, '--include-crds', '--skip-tests', ...set])
  await ask(['apply', '--server-side', '--force-conflicts', '-f', '-'], objects)
}

interface Kubeconfig {
  users: { user: unknown }[]
}

/** Path of a kubeconfig, in `folder`, of the operator's ServiceAccount. */
export async function accountKubeconfig(server: ApiServer, ask: Ask, namespace: string, folder: string): Promise<string> {
  const token = (await ask(['create', 'token', 'own-teruwa', '--namespace', namespace])).trim()
  const config = load(server.kubeconfig) as Kubeconfig
  const path = join(folder, `${namespace}.kubeconfig`)
  await writeFile(path, dump({ ...config, users: config.users.map((each) => ({ ...each, user: { token } })) }))
  return path
}
