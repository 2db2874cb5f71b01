import { labels } from '../../operator/api/v1alpha1/index.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import { wantsJson } from '../arguments.ts'
import { listAll, titleOf } from '../cluster.ts'
import { outputOption } from '../command.ts'
import type { Command } from '../command.ts'
import { readLogin } from '../login.ts'
import { checked, report } from '../verify/check.ts'
import { conditions, hypervisors, pods, steps } from '../verify/kubernetes.ts'
import { viewOf } from './status.ts'

export const verify: Command = {
  name: 'verify',
  synopsis: '[CLOUD] [-o json]',
  about: 'whether a cloud works: conditions, pods, hypervisors, endpoints, a token, the catalogue, services and agents',
  details: `Nothing is changed. OpenStack's APIs are asked at their public URLs; where one of those cannot be reached from here, by way of the API server, which needs the
right to services/proxy. Each line says what was seen and how. Exit code 1 where a check fails.`,
  options: outputOption,
  words: 1,
  run: async ({ given, output, cloud, client, signal }) => {
    const json = wantsJson(given)
    const found = await cloud(given.positionals[0])
    const api = await client()
    const { namespace, name } = found.metadata
    const ask = async () => {
      const { openstackChecks } = await import('../verify/openstack.ts')
      return openstackChecks({ cloud: found, services: await api.services(), password: () => readLogin(api, found, undefined, 'password'), signal })
    }
    const labelled = { namespace, labelSelector: `${labels.partOf}=${name}` }
    const [kubernetes, openstack] = await Promise.all([
      Promise.all([
        checked('conditions', () => conditions(found), signal),
        checked('steps', () => steps(found), signal),
        checked('pods', async () => pods(await listAll(api, ResourceTypes.pods, labelled, signal)), signal),
        checked('hypervisors', async () => hypervisors((await viewOf(api, found)).hypervisors), signal),
      ]),
      ask(),
    ])
    const results = [...kubernetes, ...openstack]
    output.write(json ? `${JSON.stringify({ cloud: titleOf(found), checks: results }, null, 2)}\n` : `${report(results)}\n`)
    return results.every(({ ok }) => ok) ? 0 : 1
  },
}
