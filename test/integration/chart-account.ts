// The ServiceAccount that the chart makes, as the operator has it.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dump, load } from 'js-yaml'
import { run } from '../../local/command.ts'
import { helm } from '../../local/helm.ts'
import type { Kubernetes } from './kubernetes.ts'

const chart = join(import.meta.dirname, '..', '..', 'charts', 'teruwa')

/** Applies what the chart makes as the release `own` in a namespace that is there, CRDs too. */
export async function applyChart({ kubectl }: Pick<Kubernetes, 'kubectl'>, namespace: string, ...values: string[]): Promise<void> {
  const set = values.flatMap((value) => ['--set', value])
  const objects = await run(await helm(), ['template', 'own', chart, '--namespace', namespace, '--include-crds', '--skip-tests', ...set])
  await kubectl.run(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input: objects })
}

interface Kubeconfig {
  users: { user: unknown }[]
}

/** Path of a kubeconfig, in `folder`, of the operator's ServiceAccount. */
export async function accountKubeconfig(kube: Kubernetes, namespace: string, folder: string): Promise<string> {
  const token = (await kube.kubectl.run(['create', 'token', 'own-teruwa', '--namespace', namespace])).trim()
  const config = load(kube.kubeconfig) as Kubeconfig
  const path = join(folder, `${namespace}.kubeconfig`)
  await writeFile(path, dump({ ...config, users: config.users.map((each) => ({ ...each, user: { token } })) }))
  return path
}
