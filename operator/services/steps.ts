import { databasesOf } from './definition.ts'
import type { CatalogEntry, ServiceDefinition, Workload } from './definition.ts'
import type { ConfigFiles, ServiceName } from '../api/v1alpha1/index.ts'
import type { CredentialKind } from '../config/credentials.ts'
import { mergeIni, renderIni } from '../config/ini.ts'
import type { Ini } from '../config/ini.ts'
import type { IdentityWant } from '../openstack/identity.ts'
import type { KubeObject } from '../kube/types.ts'
import { howToChoose, isChosen, nodeTerm } from '../model/node-choice.ts'
import { certificatesNamedIn, certificateText, databaseServer, messagingServer } from '../model/backing.ts'
import type { OutsideCall } from '../model/outside.ts'
import type { Problem } from '../model/problem.ts'
import { credentialsSecretName } from '../model/scope.ts'
import type { Scope } from '../model/scope.ts'
import type { Step } from '../model/step.ts'
import { daemonSet } from '../workloads/daemonset.ts'
import { deployment } from '../workloads/deployment.ts'
import { podDisruptionBudget } from '../workloads/disruption.ts'
import { job } from '../workloads/job.ts'
import { secret } from '../workloads/secret.ts'
import type { ConfigSecret } from '../workloads/secret.ts'
import { contextOf, credentialNames, DEFAULT_DOMAIN, POLICY_FILE, SERVICE_PROJECT, SERVICE_ROLE } from './context.ts'
import type { Context } from './context.ts'
import { policyFile, policyStep } from './policies.ts'

/** A service's context, with its rendered files. The files are rendered once, when the first process asks for them. */
export function serviceContext(scope: Scope, definition: ServiceDefinition): Context {
  let rendered: ConfigSecret | undefined
  const config = (): ConfigSecret => {
    rendered ??= { name: `${definition.name}-config`, files: renderFiles(definition, context) }
    return rendered
  }
  const context: Context = contextOf(scope, definition, config)
  return context
}

function renderFiles(definition: ServiceDefinition, context: Context): Record<string, string> {
  const overrides: Readonly<Partial<Record<string, ConfigFiles>>> = context.scope.spec.overrides
  const render = (file: string, content: Ini) => renderIni(mergeIni(content, overrides[definition.name]?.[file]))
  const rendered = Object.fromEntries(Object.entries(definition.config(context)).map(([file, content]) => [file, render(file, content)]))
  const files = { ...rendered, ...definition.texts?.(context) }
  const policies = policyFile(context.scope, definition)
  return { ...files, ...certificates(context.scope, definition, files), ...(policies === undefined ? {} : { [POLICY_FILE]: policies }) }
}

/** What the files of a service name for TLS with backing services. */
function certificates(scope: Scope, { name }: ServiceDefinition, files: Readonly<Record<string, string>>): Record<string, string> {
  const running = scope.live('Secret', `${name}-config`)
  const named = certificatesNamedIn(scope.spec, Object.values(files).join('\n'))
  return Object.fromEntries(
    named.flatMap((file) => {
      const text = certificateText(scope, file, running)
      return text === undefined ? [] : [[file.key, text]]
    }),
  )
}

/** The steps of a service, by the rules that hold for every one: database → schema → API; broker user; registration once Keystone answers. */
export function serviceSteps(scope: Scope, definition: ServiceDefinition): Step[] {
  const { name, schema, messaging, catalog } = definition
  const context = serviceContext(scope, definition)
  const base = [`${name}/config`, ...(schema ? [`${name}/schema`] : []), ...(messaging ? [`${name}/messaging`] : [])]
  const policies = policyStep(scope, definition)
  const steps: Step[] = [
    ...(policies === undefined ? [] : [policies]),
    {
      id: `${name}/config`,
      // A service that runs goes on with the policies that it has; one that does not must not come up without them.
      needs: policies === undefined || scope.live('Secret', `${name}-config`) !== undefined ? [] : [policies.id],
      objects: () => [configObject(scope, definition, context), ...secretObjects(scope, definition, context), ...(definition.objects?.(scope) ?? [])],
    },
    ...definition.workloads(scope.spec).map((workload) => ({
      id: `${name}/${workload.part}`,
      needs: [...base, ...(workload.needs ?? [])],
      objects: () => workloadObjects(context, workload),
      problem: () => noNode(scope, workload),
    })),
    ...(definition.steps?.(context) ?? []),
  ]
  if (schema) {
    steps.push(
      { id: `${name}/database`, needs: ['mariadb'], outside: () => databaseCall(scope, definition) },
      {
        id: `${name}/schema`,
        needs: [`${name}/config`, `${name}/database`],
        objects: () => [job(scope, `${name}-schema`, name, schema(context), { meaning: databasesOf(definition) })],
      },
    )
  }
  if (messaging) {
    steps.push({ id: `${name}/messaging`, needs: ['rabbitmq'], outside: () => messagingCall(scope, definition) })
  }
  if (catalog) {
    steps.push({
      id: `${name}/identity`,
      needs: ['keystone/service-project'],
      outside: () => ({ kind: 'identity', want: registration(scope, name, catalog) }),
    })
  }
  return steps
}

function workloadObjects(context: Context, { part, process, nodes, options, replicas: own }: Workload): KubeObject[] {
  const { scope, name } = context
  const app = `${name}-${part}`
  if (nodes !== undefined) return [daemonSet(scope, app, name, [nodeTerm(nodes)], process(context), options)]
  const replicas = own ?? scope.spec.services[name].replicas
  return [deployment(scope, app, name, replicas, process(context), options), ...(replicas > 1 ? [podDisruptionBudget(scope, app, name)] : [])]
}

function noNode(scope: Scope, { part, nodes }: Workload): Problem | undefined {
  if (nodes === undefined || scope.nodes.some((node) => isChosen(node, nodes))) return undefined
  return { reason: 'NoNode', message: `no node for ${part}: ${howToChoose(nodes)}` }
}

/** Generated secrets that a service needs. */
export function serviceCredentials(definition: ServiceDefinition): Record<string, CredentialKind> {
  const { name, schema, messaging, catalog, credentials } = definition
  return {
    ...(schema ? { [credentialNames.database(name)]: 'password' as const } : {}),
    ...(messaging ? { [credentialNames.messaging(name)]: 'password' as const } : {}),
    ...(catalog ? { [credentialNames.keystone(name)]: 'password' as const } : {}),
    ...credentials,
  }
}

function configObject(scope: Scope, definition: ServiceDefinition, context: Context) {
  // Any file of the Secret gives the Secret: they are rendered together.
  const { config } = context.file('', '')
  return secret(scope, config.name, definition.name, config.files)
}

function secretObjects(scope: Scope, definition: ServiceDefinition, context: Context) {
  return (definition.secrets?.(context) ?? []).map((config) => secret(scope, config.name, definition.name, config.files))
}

function databaseCall(scope: Scope, definition: ServiceDefinition): OutsideCall | undefined {
  const { name } = definition
  const server = databaseServer(scope)
  return (
    server && {
      kind: 'database',
      server,
      want: databasesOf(definition).map((database) => ({ database, ...login(scope, name, credentialNames.database(name)) })),
    }
  )
}

function messagingCall(scope: Scope, { name }: ServiceDefinition): OutsideCall | undefined {
  const server = messagingServer(scope)
  return server && { kind: 'messaging', server, want: [{ vhost: name, ...login(scope, name, credentialNames.messaging(name)) }] }
}

/** A user of a backing service, and how a person who makes it by hand finds its password. */
function login(scope: Scope, user: string, key: string) {
  const path = key.replaceAll('.', String.raw`\.`)
  const passwordFrom = `kubectl -n ${scope.namespace} get secret ${credentialsSecretName(scope.name)} -o jsonpath='{.data.${path}}' | base64 -d`
  return { user, password: scope.credential(key), passwordFrom }
}

/** What makes a service known to Keystone: its user, with the roles admin and service, and its entry in the catalogue. */
function registration(scope: Scope, name: ServiceName, { type, path = '', description }: CatalogEntry): IdentityWant {
  const assignment = { user: name, userDomain: DEFAULT_DOMAIN, project: SERVICE_PROJECT, projectDomain: DEFAULT_DOMAIN }
  const app = `${name}-api`
  const endpoint = { service: type, serviceName: name, region: scope.spec.region }
  const inside = `${scope.internalUrl(app)}${path}`
  return {
    users: [{ name, domain: DEFAULT_DOMAIN, password: scope.credential(credentialNames.keystone(name)) }],
    roleAssignments: [
      { ...assignment, role: 'admin' },
      { ...assignment, role: SERVICE_ROLE },
    ],
    services: [{ type, name, description }],
    endpoints: [
      { ...endpoint, interface: 'public', url: `${scope.publicUrl(app)}${path}` },
      { ...endpoint, interface: 'internal', url: inside },
      { ...endpoint, interface: 'admin', url: inside },
    ],
  }
}
