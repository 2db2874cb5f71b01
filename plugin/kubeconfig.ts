import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { isInPod } from '../operator/kube/pod-access.ts'

/** Which kubeconfig and which of its contexts somebody wants. */
interface Choice {
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
}

/** The file that was chosen, and the namespace of its context. Throws where there is no kubeconfig, or it cannot be read. */
export async function kubeconfigOf({ kubeconfig, context }: Choice): Promise<{ readonly file?: string; readonly namespace: string }> {
  const named = kubeconfig ?? process.env['KUBECONFIG'] ?? ''
  if (named === '' && !existsSync(join(homedir(), '.kube', 'config')) && !isInPod())
    throw new Error('there is no kubeconfig: name one by --kubeconfig FILE or in KUBECONFIG')
  // Everything that a kubeconfig may bring is loaded only where one is read.
  const { loadKubeconfig } = await import('../operator/kube/kubeconfig.ts')
  try {
    const config = loadKubeconfig(kubeconfig, context)
    const namespace = config.getContextObject(config.getCurrentContext())?.namespace
    return { namespace: namespace ?? 'default', ...(kubeconfig === undefined ? {} : { file: kubeconfig }) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(reason.includes(named) || named === '' ? reason : `kubeconfig ${named}: ${reason}`, { cause: error })
  }
}
