// npm run bench -- dashboard: how long a warm dashboard takes for its log-in page, beside what the same machine takes for a bare answer of Keystone's.

import { benchKubectl } from './target.ts'
import { compare } from './times.ts'

/** Requests of each kind; they take turns, so that whatever else the machine does meets all kinds alike. */
const ROUNDS = 30

interface Cluster {
  readonly status?: { readonly endpoints?: readonly { readonly service: string; readonly public?: string }[] }
}

/** Prints the time of the first answer, and a comparison. */
export async function dashboard(): Promise<void> {
  const kubectl = await benchKubectl()
  const { items } = JSON.parse(await kubectl.run(['get', 'openstackclusters', '-A', '-o', 'json'])) as { items: Cluster[] }
  const endpoints = new Map(items[0]?.status?.endpoints?.map(({ service, public: url }) => [service, url]))
  const [horizon, keystone] = [endpoints.get('horizon'), endpoints.get('keystone')]
  if (horizon === undefined || keystone === undefined) throw new Error('the cloud has no endpoint of horizon and keystone in its status')

  const page = await timed(`${horizon}/auth/login/`)
  console.log(`first answer ${page.toFixed(0)} ms`)
  const times: Record<'log-in page' | "Keystone's versions", number[]> = { 'log-in page': [], "Keystone's versions": [] }
  for (let round = 0; round < ROUNDS; round++) {
    times['log-in page'].push(await timed(`${horizon}/auth/login/`))
    times["Keystone's versions"].push(await timed(`${keystone}/v3`))
  }
  console.log(compare(times))
}

async function timed(url: string): Promise<number> {
  const started = performance.now()
  const answer = await fetch(url)
  await answer.arrayBuffer()
  if (!answer.ok) throw new Error(`${url} gives ${answer.status}`)
  return performance.now() - started
}
