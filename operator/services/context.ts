import type { Release, Resources, ServiceName } from '../api/v1alpha1/index.ts'
import type { Ini } from '../config/ini.ts'
import { backingAddress, backingHost, certificateFiles, certificatesNamedIn } from '../model/backing.ts'
import { portsOf } from '../api/v1alpha1/service.ts'
import type { ServiceApi } from '../api/v1alpha1/service.ts'
import type { Scope } from '../model/scope.ts'
import { resourcesOf } from '../workloads/pod.ts'
import type { File, Process } from '../workloads/pod.ts'
import type { ConfigSecret } from '../workloads/secret.ts'
import { uwsgi } from '../workloads/wsgi.ts'
import type { Wsgi } from '../workloads/wsgi.ts'

/** The project of the services' own users, and the domain of both. */
export const SERVICE_PROJECT = 'service'
/** The role by which services know each other's tokens. */
export const SERVICE_ROLE = 'service'
/** The domain that keystone-manage bootstrap makes; its id is `default`. */
export const DEFAULT_DOMAIN = 'Default'

/** What a service's definition builds with: the scope, and the parts of its files that every service writes alike. */
export interface Context {
  readonly scope: Scope
  readonly name: ServiceName
  /** SQLAlchemy's URL of one of the service's databases. */
  database(database: string): string
  /** Options of [DEFAULT] and others that every service has: logs, the message broker. */
  common(): Ini
  /** [keystone_authtoken]: how an API validates the tokens that it is shown. */
  authToken(): Ini
  /**
   * [oslo_policy] of an API: the default roles reader, member and admin, for tokens of the right scope. Where a service of the release cannot do
   * one of the two, its definition says so and why.
   */
  policy(unlike?: { readonly enforce_new_defaults?: boolean; readonly enforce_scope?: boolean }): Ini
  /** The options by which the service logs in to Keystone as itself, for sections such as [placement]. */
  login(service?: ServiceName): Readonly<Record<string, string>>
  credential(name: string): string
  /** A file of the Secret `<name>-config`, to be mounted at `path`. */
  file(key: string, path: string): File
  /** A process with the service's own resources. */
  process(process: Process, ours: Resources): Process
  /** An API under uWSGI that is ready once it answers `health`. */
  api(options: Api): Process
}

type Api = Omit<Wsgi, 'script' | 'port'> &
  Omit<Process, 'image' | 'args'> & {
    /** Which of the service's parts it is, where not `api`: it listens on that one's port. */
    readonly part?: string
    /** Path of its entry point, as the packages of each release install it. */
    readonly script: Readonly<Record<Release, string>>
    readonly health?: string
    /** The beginning of its command line. */
    readonly before?: readonly string[]
  }

/** oslo.log's defaults that matter here, and what would say the same harmless thing at each request. */
const logLevels: readonly string[] = [
  'amqp=WARN',
  'sqlalchemy=WARN',
  'stevedore=WARN',
  'keystoneauth=WARN',
  'keystonemiddleware=WARN',
  'routes.middleware=WARN',
  'urllib3.connectionpool=WARN',
  'oslo_messaging=INFO',
  'oslo_policy=INFO',
  'oslo.cache=INFO',
  'dogpile.core.dogpile=INFO',
  // "Using RPCClient manually": every service of Zed does.
  'oslo_messaging.rpc.client=ERROR',
  // "key_repository is world readable": a mounted Secret's folder always is, its files are not.
  'keystone.common.fernet_utils=ERROR',
]

/**
 * How often a service asks Keystone again about a token where it gets no connection, after 0.5 s, 1 s, 2 s and so on: 15 s in all. As long as that, on a busy node,
 * requests may go on being sent to a pod that was killed.
 */
const KEYSTONE_RETRIES = 5

/** Names of the generated secrets of a service. */
export const credentialNames = {
  database: (name: string) => `${name}.database`,
  messaging: (name: string) => `${name}.messaging`,
  keystone: (name: string) => `${name}.keystone`,
}

/** File of an API's own policies, in its Secret and below /etc; the rules that it does not name are the program's. */
export const POLICY_FILE = 'policy.yaml'

/** Where an API reads it. */
export function policyPath(service: ServiceName): string {
  return `/etc/${service}/${POLICY_FILE}`
}

/** The context of a service. `config` is called when a file is asked for, so that a definition may build its files with the same context. */
export function contextOf(scope: Scope, service: ServiceApi & { readonly name: ServiceName }, config: () => ConfigSecret): Context {
  const { name } = service
  const login = (service: ServiceName = name): Readonly<Record<string, string>> => ({
    auth_type: 'password',
    auth_url: `${scope.internalUrl('keystone-api')}/v3`,
    username: service,
    password: scope.credential(credentialNames.keystone(service)),
    user_domain_name: DEFAULT_DOMAIN,
    project_name: SERVICE_PROJECT,
    project_domain_name: DEFAULT_DOMAIN,
    region_name: scope.spec.region,
  })
  const policyFiles = (): File[] => (config().files[POLICY_FILE] === undefined ? [] : [{ config: config(), key: POLICY_FILE, path: policyPath(name) }])
  /** What the files of a process name is mounted with them. */
  const certificates = (files: readonly File[]): File[] => {
    const text = files.map(({ config: own, key }) => own.files[key] ?? '').join('\n')
    return certificatesNamedIn(scope.spec, text).map(({ key, path }) => ({ config: config(), key, path }))
  }
  const process = ({ files = [], ...wanted }: Process, ours: Resources): Process => ({
    ...wanted,
    files: [...files, ...certificates(files)],
    resources: resourcesOf(ours, scope.spec.services[name].resources),
  })
  return {
    scope,
    name,
    login,
    process,
    credential: (key) => scope.credential(key),
    database: (database) => {
      const password = scope.credential(credentialNames.database(name))
      // By the authority alone PyMySQL checks the certificate and that it is the host's.
      const authority = certificateFiles(scope.spec).mariadb.map(({ path }) => `&ssl_ca=${path}`)
      return `mysql+pymysql://${name}:${password}@${backingHost(scope, 'mariadb')}/${database}?charset=utf8${authority.join('')}`
    },
    common: () => ({
      DEFAULT: { use_stderr: true, use_journal: false, default_log_levels: logLevels },
      database: { max_pool_size: 5, max_overflow: 20, connection_recycle_time: 300 },
      oslo_messaging_notifications: { driver: 'noop' },
    }),
    authToken: () => ({
      keystone_authtoken: {
        ...login(),
        www_authenticate_uri: `${scope.publicUrl('keystone-api')}/v3`,
        memcached_servers: backingHost(scope, 'memcached'),
        service_token_roles: SERVICE_ROLE,
        service_token_roles_required: true,
        http_request_max_retries: KEYSTONE_RETRIES,
        interface: 'internal',
      },
    }),
    policy: (unlike) => ({ oslo_policy: { policy_file: policyPath(name), enforce_new_defaults: true, enforce_scope: true, ...unlike } }),
    file: (key, path) => ({ config: config(), key, path }),
    api: ({ part = 'api', health, before, script, processes, threads, argv, staticFiles, directories, files, ...rest }) => {
      const port = portsOf(service)[part]
      if (port === undefined) throw new Error(`${name} declares no port for ${part}`)
      return process(
        {
          image: name,
          args: [...(before ?? []), ...uwsgi({ script: script[scope.spec.release], port, processes, threads, argv, staticFiles })],
          ports: [{ name: 'http', port }],
          serves: true,
          ready: { http: health ?? '/', port },
          files: [...(files ?? []), ...policyFiles()],
          directories: [{ path: '/tmp', source: { kind: 'scratch' } }, ...(directories ?? [])],
          ...rest,
        },
        { requests: { cpu: '50m', memory: '192Mi' } },
      )
    },
  }
}

/** How a service reaches the message broker, where it has a virtual host of its own. */
export function broker(scope: Scope, name: ServiceName): Ini {
  const password = scope.credential(credentialNames.messaging(name))
  const [authority] = certificateFiles(scope.spec).rabbitmq
  return {
    DEFAULT: { transport_url: `rabbit://${name}:${password}@${backingHost(scope, 'rabbitmq')}/${name}` },
    ...(authority === undefined ? {} : { oslo_messaging_rabbit: { ssl: true, ssl_ca_file: authority.path, ssl_enforce_hostname_verification: true } }),
  }
}

/**
 * How agents get at what needs root: they are root in their privileged pods, so the helper is started as it is, without sudo or rootwrap.
 * `sections` are those of the program's privsep contexts. One thread each: two of them that log at the same moment can hang the helper for good, since
 * eventlet has replaced the lock ("greenlet.error: cannot switch to a different thread"), and with it the agent.
 */
export function privsep(configFile: string, sections: readonly string[]): Ini {
  return Object.fromEntries(sections.map((section) => [section, { helper_command: `privsep-helper --config-file ${configFile}`, thread_pool_size: 1 }]))
}

/** Ready once the process has a connection to the message broker. Only for pods with a network of their own: /proc/net/tcp has nobody else's. */
export function connectedToBroker(scope: Scope): readonly string[] {
  const port = backingAddress(scope, 'rabbitmq').port.toString(16).toUpperCase().padStart(4, '0')
  return ['grep', '-qE', `^ *[0-9]+: [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:${port} 01 `, '/proc/net/tcp', '/proc/net/tcp6']
}
