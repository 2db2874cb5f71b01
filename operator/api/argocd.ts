import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dump } from 'js-yaml'

/** Kinds that Argo CD knows no health of by itself, as folders of `resource_customizations`: GROUP/KIND. */
const JUDGED = ['openstack.teruwa.io/OpenStackCluster', 'openstack.teruwa.io/Hypervisor', 'argoproj.io/Application']

/**
 * A part of Argo CD's ConfigMap with the judges of health below `folder`.
 * The keys' form: https://argo-cd.readthedocs.io/en/stable/operator-manual/health/, "Way 1".
 */
export async function argocdConfig(folder: string): Promise<string> {
  const judges = JUDGED.map(async (kind) => {
    const lua = await readFile(join(folder, kind, 'health.lua'), 'utf8')
    return [`resource.customizations.health.${kind.replace('/', '_')}`, lua] as const
  })
  const labels = { 'app.kubernetes.io/name': 'argocd-cm', 'app.kubernetes.io/part-of': 'argocd' }
  const data = Object.fromEntries(await Promise.all(judges))
  return dump({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm', namespace: 'argocd', labels }, data }, { lineWidth: -1 })
}
