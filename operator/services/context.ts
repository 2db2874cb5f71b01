import type { Release, Resources, ServiceName } from '../api/v1alpha1/index.ts'
import { mergeIni } from '../config/ini.ts'
import type { Ini } from '../config/ini.ts'
import { backingAddress, backingHost, certificateFiles, certificatesNamedIn } from '../model/backing.ts'
import { portsOf } from '../api/v1alpha1/service.ts'
import type { Scope } from '../model/scope.ts'
import { resourcesOf } from '../workloads/pod.ts'
import type { Directory, File, Process } from '../workloads/pod.ts'
import type { ConfigSecret } from '../workloads/secret.ts'
import { uwsgi } from '../workloads/wsgi.ts'
import type { Wsgi } from '../workloads/wsgi.ts'
import type { ServiceDefinition } from './definition.ts'

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
  /** SQLAlchemy's URL of one of the service's databases, where not the one of its name. */
  database(database?: string): string
  /** Options of [DEFAULT] and others that every service has: logs, the pool of connections to the database. */
  common(): Ini
  /** How the service reaches the message broker, where it has a virtual host of its own. */
  broker(): Ini
  /** [keystone_authtoken]: how an API validates the tokens that it is shown. */
  authToken(): Ini
  /**
   * [oslo_policy] of an API: the default roles reader, member and admin, for tokens of the right scope. Where a service of the release cannot do
   * one of the two, its definition says so and why.
   */
  policy(unlike?: Policy): Ini
  /** All of these, as far as the service has them, for an API whose file begins with them. */
  apiCommon(unlike?: Policy): Ini
  /** [cache] of a program that goes on without its Memcached; the plain client would turn each request into a 500. */
  cache(): Ini
  /** [service_user]: the token that goes with a user's, so that long work may outlive that one. */
  serviceUser(): Ini
  /** The options by which the service logs in to Keystone as itself, for sections such as [placement]. */
  login(service?: ServiceName): Readonly<Record<string, string>>
  credential(name: string): string
  /** A file of the Secret `<name>-config`, to be mounted at `path`. */
  file(key: string, path: string): File
  /** A process of any image, with the resources that the CR gives to the service. */
  process(process: Process, ours: Resources): Process
  /** A process of the service's own image. It reads the first of the service's files, and has scratch space for its state and in /tmp, besides what it names. */
  program(program: Program): Process
  /** One that serves by the message broker, and is ready once it is connected to it. */
  daemon(program: Program): Process
  /** An API under uWSGI that is ready once it answers `health`. */
  api(options: Api): Process
}

/** What an API's [oslo_policy] has otherwise. */
interface Policy {
  readonly enforce_new_defaults?: boolean
  readonly enforce_scope?: boolean
}

type Program = Omit<Process, 'image' | 'resources'> & {
  /** What the scheduler sets aside, where not 50m and 128Mi. */
  readonly requests?: NonNullable<Resources['requests']>
}

type Api = Partial<Pick<Wsgi, 'processes' | 'threads' | 'argv' | 'staticFiles'>> &
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

const scratch = (path: string): Directory => ({ path, source: { kind: 'scratch' } })

/** The context of a service. `config` is called when a file is asked for, so that a definition may build its files with the same context. */
export function contextOf(scope: Scope, service: ServiceDefinition, config: () => ConfigSecret): Context {
  const { name, state, messaging, catalog } = service
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
  const file = (key: string, path: string): File => ({ config: config(), key, path })
  const main = service.files.slice(0, 1).map((key) => ({ key, path: `/etc/${name}/${key}` }))
  const mainFiles = (): File[] => main.map(({ key, path }) => file(key, path))
  /** Directories of a process's own, and a new one for its state where none of them is it. */
  const withState = (own: readonly Directory[]): Directory[] => [
    ...own,
    ...(state === undefined || own.some(({ path }) => path === state) ? [] : [scratch(state)]),
  ]
  const program = ({ files = [], directories = [], requests, ...rest }: Program): Process =>
    process(
      { image: name, ...rest, files: [...mainFiles(), ...files], directories: [...withState(directories), scratch('/tmp')] },
      { requests: { cpu: '50m', memory: '128Mi', ...requests } },
    )
  const common = (): Ini => ({
    DEFAULT: { use_stderr: true, use_journal: false, default_log_levels: logLevels },
    database: { max_pool_size: 5, max_overflow: 20, connection_recycle_time: 300 },
    oslo_messaging_notifications: { driver: 'noop' },
  })
  const broker = (): Ini => {
    const [authority] = certificateFiles(scope.spec).rabbitmq
    const password = scope.credential(credentialNames.messaging(name))
    return {
      DEFAULT: { transport_url: `rabbit://${name}:${password}@${backingHost(scope, 'rabbitmq')}/${name}` },
      ...(authority === undefined ? {} : { oslo_messaging_rabbit: { ssl: true, ssl_ca_file: authority.path, ssl_enforce_hostname_verification: true } }),
    }
  }
  const authToken = (): Ini => ({
    keystone_authtoken: {
      ...login(),
      www_authenticate_uri: `${scope.publicUrl('keystone-api')}/v3`,
      memcached_servers: backingHost(scope, 'memcached'),
      service_token_roles: SERVICE_ROLE,
      service_token_roles_required: true,
      http_request_max_retries: KEYSTONE_RETRIES,
      interface: 'internal',
    },
  })
  const policy = (unlike?: Policy): Ini => ({ oslo_policy: { policy_file: policyPath(name), enforce_new_defaults: true, enforce_scope: true, ...unlike } })
  return {
    scope,
    name,
    login,
    process,
    program,
    common,
    broker,
    authToken,
    policy,
    file,
    apiCommon: (unlike) => mergeIni(common(), messaging ? broker() : {}, catalog === undefined ? {} : authToken(), policy(unlike)),
    cache: () => ({ cache: { enabled: true, backend: 'oslo_cache.memcache_pool', memcache_servers: backingHost(scope, 'memcached') } }),
    serviceUser: () => ({ service_user: { ...login(), send_service_user_token: true } }),
    daemon: (daemon) => program({ ready: { exec: connectedToBroker(scope) }, ...daemon }),
    credential: (key) => scope.credential(key),
    database: (database = name) => {
      const password = scope.credential(credentialNames.database(name))
      // By the authority alone PyMySQL checks the certificate and that it is the host's.
      const authority = certificateFiles(scope.spec).mariadb.map(({ path }) => `&ssl_ca=${path}`)
      return `mysql+pymysql://${name}:${password}@${backingHost(scope, 'mariadb')}/${database}?charset=utf8${authority.join('')}`
    },
    api: ({ part = 'api', health = '/', before = [], script, processes = 1, threads = 8, argv, staticFiles, directories = [], files = [], ...rest }) => {
      const port = portsOf(service)[part]
      if (port === undefined) throw new Error(`${name} declares no port for ${part}`)
      return process(
        {
          image: name,
          args: [...before, ...uwsgi({ script: script[scope.spec.release], port, processes, threads, argv, staticFiles })],
          ports: [{ name: 'http', port }],
          serves: true,
          ready: { http: health, port },
          files: [...mainFiles(), ...files, ...policyFiles()],
          directories: [scratch('/tmp'), ...withState(directories)],
          ...rest,
        },
        { requests: { cpu: '50m', memory: '192Mi' } },
      )
    },
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

/** Whether the process has a connection to the message broker. Only for pods with a network of their own: /proc/net/tcp has nobody else's. */
function connectedToBroker(scope: Scope): readonly string[] {
  const port = backingAddress(scope, 'rabbitmq').port.toString(16).toUpperCase().padStart(4, '0')
  return ['grep', '-qE', `^ *[0-9]+: [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:${port} 01 `, '/proc/net/tcp', '/proc/net/tcp6']
}
