import type { OpenStackClusterSpec, SecretKey } from '../api/v1alpha1/index.ts'
import type { DatabaseServer } from '../backing/admin/mariadb.ts'
import type { MessagingServer } from '../backing/admin/rabbitmq.ts'
import type { KubeObject } from '../kube/types.ts'
import type { NamedSecret } from './named-secrets.ts'
import { externalSecrets, namedSecretText } from './named-secrets.ts'
import { serviceHost, backingPorts } from './scope.ts'
import type { Scope } from './scope.ts'

/** The backing services, by the names of their steps. */
export type BackingName = 'mariadb' | 'rabbitmq' | 'memcached' | 'etcd'

/** Where the CR says that somebody else runs it. */
export const externalFields: Readonly<Record<BackingName, string>> = {
  mariadb: 'backing.database.external',
  rabbitmq: 'backing.messaging.external',
  memcached: 'backing.cache.external',
  etcd: 'backing.coordination.external',
}

/** A host and a port. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** Where a backing service is that somebody else runs; `undefined` for one of ours. */
export function externalAddress({ backing }: OpenStackClusterSpec, name: BackingName): Address | undefined {
  const all = { mariadb: backing.database, rabbitmq: backing.messaging, memcached: backing.cache, etcd: backing.coordination }
  const { external } = all[name]
  return external && { host: external.host, port: external.port }
}

/** Where pods and the operator reach a backing service. */
export function backingAddress(scope: Pick<Scope, 'namespace' | 'spec'>, name: BackingName): Address {
  return externalAddress(scope.spec, name) ?? { host: serviceHost(scope, name), port: backingPorts[name] }
}

/** The same as `host:port`. */
export function backingHost(scope: Pick<Scope, 'namespace' | 'spec'>, name: BackingName): string {
  const { host, port } = backingAddress(scope, name)
  return `${host}:${port}`
}

/** The operator's own user in the RabbitMQ that it runs. */
export const RABBITMQ_ADMIN = 'teruwa'
/** Port of RabbitMQ's management API, over which the operator makes users and virtual hosts; and with TLS. */
export const MANAGEMENT_PORT = 15672
const TLS_MANAGEMENT_PORT = 15671

/** The database's server, for the operator; `undefined` while a Secret that it takes is missing, which the step `mariadb` says. */
export function databaseServer(scope: Scope): DatabaseServer | undefined {
  const address = backingAddress(scope, 'mariadb')
  const { external } = scope.spec.backing.database
  if (external === undefined) return { ...address, external: false, admin: { user: 'root', password: scope.credential('mariadb.root') } }
  if (lacksSecret(scope, 'mariadb')) return undefined
  return { ...address, external: true, ...secretsOf(scope, external) }
}

/** The broker, for the operator; `undefined` while a Secret that it takes is missing, which the step `rabbitmq` says. */
export function messagingServer(scope: Scope): MessagingServer | undefined {
  const address = backingAddress(scope, 'rabbitmq')
  const { external } = scope.spec.backing.messaging
  if (external === undefined) {
    const management = { baseUrl: `http://${address.host}:${MANAGEMENT_PORT}`, user: RABBITMQ_ADMIN, password: scope.credential('rabbitmq.admin') }
    return { ...address, external: false, management }
  }
  if (lacksSecret(scope, 'rabbitmq')) return undefined
  const { ca, admin } = secretsOf(scope, external)
  const port = external.managementPort ?? (ca === undefined ? MANAGEMENT_PORT : TLS_MANAGEMENT_PORT)
  const baseUrl = `${ca === undefined ? 'http' : 'https'}://${address.host}:${port}`
  return { ...address, external: true, ...(ca === undefined ? {} : { ca }), ...(admin === undefined ? {} : { management: { baseUrl, ...admin } }) }
}

/** Throws a DeclarationError for a Secret that a backing service's part of the CR names and that is not there, or lacks a key. */
export function requireSecrets(scope: Scope, name: BackingName): void {
  for (const named of secretsFor(scope, name)) namedSecretText(scope, named)
}

function lacksSecret(scope: Scope, name: BackingName): boolean {
  return secretsFor(scope, name).some(({ secret }) => !scope.namedSecret(secret))
}

function secretsFor({ spec }: Scope, name: BackingName): NamedSecret[] {
  return externalSecrets(spec).filter(({ field }) => field.startsWith(`${externalFields[name]}.`))
}

type WithSecrets = Pick<NonNullable<OpenStackClusterSpec['backing']['database']['external']>, 'tls' | 'adminSecret'>

function secretsOf(scope: Scope, { tls, adminSecret }: WithSecrets): Pick<DatabaseServer, 'ca' | 'admin'> {
  const text = (secret: SecretKey) => scope.namedSecret(secret) ?? ''
  return {
    ...(tls === undefined ? {} : { ca: text(tls.caSecret) }),
    ...(adminSecret === undefined
      ? {}
      : {
          admin: {
            user: text({ name: adminSecret.name, key: adminSecret.userKey }).trim(),
            password: text({ name: adminSecret.name, key: adminSecret.passwordKey }).trim(),
          },
        }),
  }
}

/** A file that a process needs to speak TLS with a backing service. */
export interface CertificateFile {
  /** In the Secret of a service's files. */
  readonly key: string
  /** In the pods. */
  readonly path: string
  /** Whence its text comes. */
  readonly secret: SecretKey
}

const certificateFile = (key: string, secret: SecretKey): CertificateFile => ({ key, path: `/etc/teruwa/${key}`, secret })

/** The files for TLS with each backing service; empty for one that is reached without. */
export function certificateFiles({ backing }: OpenStackClusterSpec): Readonly<Record<'mariadb' | 'rabbitmq' | 'etcd', readonly CertificateFile[]>> {
  const authority = (name: BackingName, tls: { readonly caSecret: SecretKey } | undefined) =>
    tls === undefined ? [] : [certificateFile(`${name}-ca.crt`, tls.caSecret)]
  const etcd = backing.coordination.external?.tls
  const client = etcd?.clientSecret?.name
  return {
    mariadb: authority('mariadb', backing.database.external?.tls),
    rabbitmq: authority('rabbitmq', backing.messaging.external?.tls),
    etcd: [
      ...authority('etcd', etcd),
      ...(client === undefined ? [] : ['tls.crt', 'tls.key'].map((key) => certificateFile(`etcd-${key}`, { name: client, key }))),
    ],
  }
}

/** Those of the files for TLS that a text names by their path. */
export function certificatesNamedIn(spec: OpenStackClusterSpec, text: string): CertificateFile[] {
  return Object.values(certificateFiles(spec))
    .flat()
    .filter(({ path }) => text.includes(path))
}

/** The text of a file for TLS. While its Secret is missing, it is the one that runs: pods go on with it, and a step says what is missing. */
export function certificateText(scope: Scope, { key, secret }: CertificateFile, running: KubeObject | undefined): string | undefined {
  const kept = running?.data?.[key]
  return scope.namedSecret(secret) ?? (kept === undefined ? undefined : Buffer.from(kept, 'base64').toString())
}
