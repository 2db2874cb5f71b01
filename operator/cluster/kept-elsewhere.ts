import { seedOfPrivateKey } from '../config/ssh-key.ts'

// Credentials whose other half is where the operator does not set it by itself: in encrypted rows, in an administrator's account, with people. Every other
// one can be made anew at any time, since the operator sets it wherever it is used.

/** How a credential outlives that its key in the Secret of credentials is gone. */
export interface Keeping {
  /** The Secret that is made from it. */
  readonly secret: string
  /** Its text again, from the files of that Secret. */
  readonly read: (files: Readonly<Record<string, string>>) => string | undefined
  /** To take its key away is how a person has it made anew: it is taken back only where the whole Secret is gone. */
  readonly rotates?: boolean
  /** Of one that must not be made anew by itself once it is in use. */
  readonly loss?: Loss
}

/** What is lost with a credential. */
export interface Loss {
  /** The volume claim that tells that it is in use, … */
  readonly claim: string
  /** … or the step, where the data is on no volume of ours. */
  readonly step?: string
  readonly sentence: string
  /** What else is to be done where it is made anew. */
  readonly remedy: string
}

/** How a credential of a cluster is kept; `undefined` for one that can be made anew at any time. */
export function keepingOf(cluster: string, credential: string): Keeping | undefined {
  const [, kind, name] = /^(user|keypair)\.(.+)$/.exec(credential) ?? []
  if (kind === 'user') return { secret: `${cluster}-user-${name}`, rotates: true, read: ({ password }) => password }
  if (kind === 'keypair') return { secret: `${cluster}-keypair-${name}`, read: (files) => seedOfPrivateKey(files['ssh-privatekey'] ?? '') }
  return fixed[credential]
}

const keystoneData = { claim: 'data-mariadb-0', step: 'keystone/schema' }

const fixed: Readonly<Record<string, Keeping>> = {
  // Only log-ins are lost with it: where there is no copy of it either, it is made anew.
  'keystone.fernet': { secret: 'keystone-fernet-keys', read: (files) => JSON.stringify(files) },
  'keystone.credential': {
    secret: 'keystone-credential-keys',
    read: (files) => JSON.stringify(files),
    loss: {
      ...keystoneData,
      sentence: 'what Keystone has encrypted with it (EC2 keys, TOTP seeds) could never be read again',
      remedy: 'what was encrypted is given up',
    },
  },
  'keystone.admin': {
    secret: 'keystone-bootstrap',
    read: ({ password }) => password,
    loss: {
      ...keystoneData,
      sentence: "with a new one the operator could not log in to Keystone, which has the administrator's old one",
      remedy: 'delete the Job keystone-schema-…, which sets it in Keystone when it runs again',
    },
  },
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
