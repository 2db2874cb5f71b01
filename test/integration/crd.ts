import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import type { ApiServer } from './api-server.ts'
import { rawApi } from './raw-api.ts'

const NAME = 'openstackclusters.openstack.teruwa.io'
const root = join(import.meta.dirname, '..', '..')

/** Makes an API server serve OpenStackClusters. */
export async function serveClusters({ kubeconfig }: ApiServer): Promise<void> {
  const api = rawApi(kubeconfig)
  const [crd] = loadAll(await readFile(join(root, 'crds/openstack.teruwa.io_openstackclusters.yaml'), 'utf8'))
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${NAME}?fieldManager=test&force=true`
  const { status, text } = await api.request('PATCH', path, crd, 'application/apply-patch+yaml')
  if (status >= 300) throw new Error(`the API server refuses the CRD: ${text}`)
  await api.established(NAME)
  // Where it was served before, in another form, it is not for a moment.
  while ((await api.request('GET', '/apis/openstack.teruwa.io/v1alpha1/openstackclusters?limit=1')).status === 429);
  await api.close()
}
