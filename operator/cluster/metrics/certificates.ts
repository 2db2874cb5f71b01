import { X509Certificate } from 'node:crypto'
import type { KubeObject } from '../../kube/types.ts'
import type { CloudMetric } from './metric.ts'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

type End = readonly [key: string, seconds: number]

/** Of each Secret as it is: to read certificates takes a while, and they are asked for often. */
const known = new WeakMap<KubeObject, readonly End[]>()

/** When what is in each file of a Secret ends to be valid, in seconds since the epoch. */
function endsOf(secret: KubeObject): readonly End[] {
  let ends = known.get(secret)
  if (ends === undefined) {
    ends = Object.entries(secret.data ?? {}).flatMap(([key, base64]): End[] => {
      const end = endOf(Buffer.from(base64, 'base64').toString())
      return end === undefined ? [] : [[key, end]]
    })
    known.set(secret, ends)
  }
  return ends
}

/** Of authorities the one that ends last counts, since older ones are left in until nobody needs them; of a chain, the first one is who it is about. */
function endOf(text: string): number | undefined {
  try {
    const certificates = (text.match(CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem))
    const [first] = certificates
    if (first === undefined) return undefined
    const counted = first.ca ? certificates : [first]
    return Math.max(...counted.map(({ validToDate }) => validToDate.getTime())) / 1000
  } catch {
    // Somebody else's file that is none; whoever reads it says so.
    return undefined
  }
}

/** What the cloud's Secrets hold. */
export const certificateMetrics: readonly CloudMetric[] = [
  {
    name: 'teruwa_certificate_expiration_timestamp_seconds',
    help: 'When a certificate in a Secret of the cloud ends to be valid.',
    labels: ['secret', 'key'],
    samples: ({ owned }) =>
      owned
        .filter(({ kind }) => kind === 'Secret')
        .flatMap((secret) => endsOf(secret).map(([key, end]) => [{ secret: secret.metadata.name, key }, end] as const)),
  },
]
