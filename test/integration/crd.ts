import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { load } from 'js-yaml'
import type { ApiServer } from './api-server.ts'
import { rawApi } from './raw-api.ts'

const folder = join(import.meta.dirname, '..', '..', 'crds')

/** Makes an API server serve the resources of crds/, in the form that they have now. */
export async function serveResources({ kubeconfig }: ApiServer): Promise<void> {
  const api = rawApi(kubeconfig)
  for (const file of await readdir(folder)) {
    const crd = load(await readFile(join(folder, file), 'utf8')) as { metadata: { name: string }; spec: { group: string; names: { plural: string } } }
    const { name } = crd.metadata
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}?fieldManager=test&force=true`
    const { status, text } = await api.request('PATCH', path, crd, 'application/apply-patch+yaml')
    if (status >= 300) throw new Error(`the API server refuses the CRD ${name}: ${text}`)
    await api.established(name)
    // Where it was served before, in another form, it is not for a moment.
    while ((await api.request('GET', `/apis/${crd.spec.group}/v1alpha1/${crd.spec.names.plural}?limit=1`)).status === 429);
  }
  await api.close()
}
