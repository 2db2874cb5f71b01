import { seedOfPrivateKey } from '../config/ssh-key.ts'
import type { Keeping } from '../model/keeping.ts'
import type { ServiceDefinition } from '../services/definition.ts'
import * as registry from '../services/index.ts'

/** How a credential of a cluster is kept; `undefined` for one that can be made anew at any time. */
export function keepingOf(cluster: string, credential: string): Keeping | undefined {
  const [, kind, name] = /^(user|keypair)\.(.+)$/.exec(credential) ?? []
  if (kind === 'user') return { secret: `${cluster}-user-${name}`, rotates: true, read: ({ password }) => password }
  if (kind === 'keypair') return { secret: `${cluster}-keypair-${name}`, read: (files) => seedOfPrivateKey(files['ssh-privatekey'] ?? '') }
  return fixed[credential]
}

const fixed: Readonly<Record<string, Keeping>> = {
  ...Object.fromEntries(Object.values(registry).flatMap(({ keeping }: ServiceDefinition) => Object.entries(keeping ?? {}))),
  'rabbitmq.admin': {
    secret: 'rabbitmq-config',
    read: (files) => /^default_pass = (.*)$/m.exec(files['rabbitmq.conf'] ?? '')?.[1],
    loss: {
      claim: 'data-rabbitmq-0',
      sentence: "with a new one the operator could not log in to the broker, which has the administrator's old one",
      remedy: 'delete the claim data-rabbitmq-0 and the pod rabbitmq-0: the broker begins anew, and holds nothing that lasts',
    },
  },
}
