// What the operator may do, and why: the one source of the chart's roles, of the table in docs/rbac.md and of what the operator's `check` asks for.
// A right that the operator does not use is a mistake: test/integration/rights.test.ts holds the writes to what is really done.

import { group, hypervisorPlural, manager, plural } from './v1alpha1/index.ts'

/** Some verbs on some resources of one API group. */
export interface Right {
  /** Empty: the core group. */
  readonly group: string
  /** With a subresource after a slash. */
  readonly resources: readonly [string, ...string[]]
  readonly verbs: readonly [string, ...string[]]
  /** The only objects that it is about. Default: all. */
  readonly names?: readonly string[]
  /** The operator can do without: it then says less. */
  readonly optional?: boolean
  /** What the operator does with it, in one sentence. */
  readonly why: string
}

/** Where rights hold: a Role in each namespace of clouds (or a ClusterRole for all), a ClusterRole, and a Role in the operator's own namespace. */
export type Place = 'clouds' | 'cluster' | 'own'

const kept = ['list', 'watch', 'create', 'patch', 'delete'] as const

/** Every right of the operator, by the place where it holds. Server-side apply of what is not there yet takes `create` beside `patch`. */
export const rights: Readonly<Record<Place, readonly Right[]>> = {
  clouds: [
    {
      group,
      resources: [plural],
      verbs: ['list', 'watch', 'patch'],
      why: 'The clouds that are declared; of one it changes only the finalizer.',
    },
    { group, resources: [`${plural}/status`], verbs: ['patch'], why: 'Conditions, steps and counts of a cloud.' },
    {
      group,
      resources: [`${plural}/finalizers`],
      verbs: ['update'],
      why: 'The objects of a cloud have it as an owner that waits for them; clusters with OwnerReferencesPermissionEnforcement, such as OpenShift, ask for this.',
    },
    { group, resources: [hypervisorPlural], verbs: kept, why: 'One for each hypervisor of a cloud.' },
    { group, resources: [`${hypervisorPlural}/status`], verbs: ['patch'], why: 'What Nova and Kubernetes say of each hypervisor.' },
    {
      group: '',
      resources: ['secrets'],
      verbs: ['get', ...kept],
      why: 'Generated passwords, keys, certificates, and configuration files, which carry them. It lists those that have its own label, and gets by name what a cloud names; RBAC cannot tell them apart.',
    },
    { group: '', resources: ['services'], verbs: kept, why: 'Addresses of the APIs and of what they stand on.' },
    {
      group: '',
      resources: ['persistentvolumeclaims'],
      verbs: ['get', ...kept],
      why: 'Volumes of MariaDB, RabbitMQ, etcd and Glance. They have no owner, so that it deletes them itself where `deletionPolicy` says so.',
    },
    { group: 'apps', resources: ['deployments', 'statefulsets', 'daemonsets'], verbs: kept, why: 'Services, what they stand on, and what runs on nodes.' },
    { group: 'batch', resources: ['jobs'], verbs: kept, why: 'Schemas of databases, checks, uploads of images, and the clearing of nodes.' },
    { group: 'policy', resources: ['poddisruptionbudgets'], verbs: kept, why: 'A drain takes one pod at a time of what has several.' },
    { group: '', resources: ['pods'], verbs: ['list', 'watch'], why: 'Why something is not ready, and which node a pod is on.' },
    { group: '', resources: ['pods/log'], verbs: ['get'], why: 'How far the download of an image is.' },
    {
      group: '',
      resources: ['namespaces'],
      verbs: ['get'],
      optional: true,
      why: 'Whether it enforces a level of Pod Security that lets no hypervisor in, before a cloud is made. Without this right it is not looked at.',
    },
    { group: 'events.k8s.io', resources: ['events'], verbs: ['create', 'patch'], why: 'Tells what happens to a cloud; patch counts what happens again.' },
  ],
  cluster: [
    {
      group: '',
      resources: ['nodes'],
      verbs: ['list', 'watch'],
      why: 'Labels say what a node is for, addresses are in endpoints, and what is not ready is not waited for. Nodes belong to no namespace.',
    },
    {
      group: 'storage.k8s.io',
      resources: ['storageclasses'],
      verbs: ['list'],
      optional: true,
      why: 'Whether the volumes of a cloud can be made, before it is. Without this right it is not looked at.',
    },
    {
      group: 'apiextensions.k8s.io',
      resources: ['customresourcedefinitions'],
      verbs: ['get'],
      names: [plural, hypervisorPlural].map((name) => `${name}.${group}`),
      optional: true,
      why: 'Whether the definitions are as new as the operator, since Helm never upgrades them. Without this right it is not looked at.',
    },
  ],
  own: [
    {
      group: 'coordination.k8s.io',
      resources: ['leases'],
      verbs: ['create'],
      why: 'The Lease by which one of its pods leads; a name cannot be asked for here.',
    },
    { group: 'coordination.k8s.io', resources: ['leases'], verbs: ['get', 'update'], names: [manager], why: 'The same, by its name.' },
  ],
}

/** Rules of a role, as YAML: one line each for groups, resources, names and verbs. */
export function rulesYaml(of: readonly Right[]): string {
  const list = (items: readonly string[]) => `[${items.map((item) => (item === '' ? "''" : item)).join(', ')}]`
  return of
    .map(({ group: apiGroup, resources, verbs, names, why }) =>
      [
        `# ${why}`,
        `- apiGroups: ${list([apiGroup])}`,
        `  resources: ${list(resources)}`,
        ...(names === undefined ? [] : [`  resourceNames: ${list(names)}`]),
        `  verbs: ${list(verbs)}`,
      ].join('\n'),
    )
    .join('\n')
}

/** templates/_rights.tpl of the chart. */
export function rightsTemplate(): string {
  const definition = (name: string, of: readonly Right[]) => `{{- define "teruwa.${name}" -}}\n${rulesYaml(of)}\n{{- end -}}\n`
  return [
    '{{- /* Made by `npm run generate` from operator/api/rights.ts. Do not edit. */ -}}\n',
    definition('cloudRules', rights.clouds),
    definition('clusterRules', rights.cluster),
    definition('ownRules', rights.own),
  ].join('')
}

const titles: Readonly<Record<Place, string>> = {
  clouds: 'In the namespaces of clouds',
  cluster: 'In no namespace',
  own: 'In its own namespace',
}

/** The tables of docs/rbac.md. */
export function rightsTables(): string {
  return Object.entries(rights)
    .map(([place, of]) =>
      [
        `## ${titles[place as Place]}`,
        '',
        '| Group | Resources | Verbs | Why |',
        '|---|---|---|---|',
        ...of.map(({ group: apiGroup, resources, verbs, names, why }) => {
          const what = resources.map((resource) => `\`${resource}\``).join(', ')
          const which = names === undefined ? '' : ` named ${names.map((name) => `\`${name}\``).join(', ')}`
          return `| ${apiGroup === '' ? 'core' : `\`${apiGroup}\``} | ${what}${which} | ${verbs.join(', ')} | ${why} |`
        }),
        '',
      ].join('\n'),
    )
    .join('\n')
}

/** docs/rbac.md. */
export function rightsPage(): string {
  return `# Rights of the operator

<!-- Made by \`npm run generate\` from operator/api/rights.ts. Do not edit. -->

The chart gives the operator's ServiceAccount what stands here and nothing more: no \`*\`, no roles, no \`exec\`, no writing of definitions, and no right to make other ServiceAccounts. The chart's
tests hold its roles to this page, and an operator that brings up, changes and deletes a cloud with exactly these rights is held to it as well, the other way round: a right to write that it does not use fails a test.

With \`watchNamespace\` the first table is a Role in that namespace. Without it, it is a ClusterRole, since clouds may be in any namespace: the operator then reads and writes Secrets and workloads everywhere. Who
can make pods in a namespace can read every Secret there, so that a cloud belongs in a namespace of its own.

What the operator lacks it says: in the condition \`Ready\` of each cloud with the reason \`MissingRights\`, in an event and in its log, each with the verb, the resource and the remedy; where it cannot say it there, since it lacks the right to
that, \`/readyz\` and the log do. What runs goes on running. \`helm test\` asks for every right once.

${rightsTables()}
## For people
The chart adds \`get\`, \`list\` and \`watch\` of clouds and hypervisors to the ClusterRoles \`view\`, \`edit\` and \`admin\`, and all writes of clouds to \`admin\` alone: a cloud makes privileged pods. \`aggregateRoles: false\` leaves that out.
`
}
