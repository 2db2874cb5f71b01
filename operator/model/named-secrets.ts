import type { ExternalDatabase, OpenStackClusterSpec, SecretKey } from '../api/v1alpha1/index.ts'
import { DeclarationError } from '../openstack/error.ts'
import type { Scope } from './scope.ts'

/** A key of a Secret that somebody else made, and where the CR names it. */
export interface NamedSecret {
  /** As a person finds it in the spec. */
  readonly field: string
  readonly secret: SecretKey
}

/** Those with passwords of users. */
export function passwordSecrets({ identity }: OpenStackClusterSpec): NamedSecret[] {
  return identity.users.flatMap(({ name, passwordSecret }) => (passwordSecret === undefined ? [] : [{ field: passwordField(name), secret: passwordSecret }]))
}

/** Those with what the operator and the pods need to reach backing services that somebody else runs. */
export function externalSecrets({ backing }: OpenStackClusterSpec): NamedSecret[] {
  const { database, messaging, coordination } = backing
  const etcd = coordination.external?.tls
  const client = etcd?.clientSecret
  return [
    ...loginSecrets('backing.database.external', database.external),
    ...loginSecrets('backing.messaging.external', messaging.external),
    ...authoritySecrets('backing.coordination.external', etcd),
    ...(client === undefined
      ? []
      : ['tls.crt', 'tls.key'].map((key) => ({ field: 'backing.coordination.external.tls.clientSecret', secret: { name: client.name, key } }))),
  ]
}

function loginSecrets(field: string, external: Pick<ExternalDatabase, 'tls' | 'adminSecret'> | undefined): NamedSecret[] {
  const { tls, adminSecret } = external ?? {}
  return [
    ...authoritySecrets(field, tls),
    ...(adminSecret === undefined
      ? []
      : [adminSecret.userKey, adminSecret.passwordKey].map((key) => ({ field: `${field}.adminSecret`, secret: { name: adminSecret.name, key } }))),
  ]
}

function authoritySecrets(field: string, tls: { readonly caSecret: SecretKey } | undefined): NamedSecret[] {
  return tls === undefined ? [] : [{ field: `${field}.tls.caSecret`, secret: tls.caSecret }]
}

/** Where the CR names the Secret with a user's password. */
export function passwordField(user: string): string {
  return `identity.users[${user}].passwordSecret`
}

/** The text of a Secret that the CR names. Throws a DeclarationError where there is none: only what needs it stops. */
export function namedSecretText(scope: Pick<Scope, 'namedSecret'>, { field, secret }: NamedSecret, otherwise = ''): string {
  const text = scope.namedSecret(secret)
  if (text === undefined || text === '')
    throw new DeclarationError(
      'SecretNotFound',
      `${field}: there is no Secret ${secret.name} with the key ${secret.key} in the cluster's namespace: make it${otherwise === '' ? '' : `, or ${otherwise}`}`,
    )
  return text
}
