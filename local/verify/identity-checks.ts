import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../command.ts'
import { expect } from '../../plugin/verify/check.ts'
import type { Check, CheckedCluster, DeclaredRole, DeclaredUser, Surroundings } from './check.ts'

interface Named {
  readonly Name: string
}

interface Assignment {
  readonly Role: string
  /** `name@domain`, or empty. */
  readonly User: string
  readonly Group: string
  readonly Project: string
}

/** The course's checks of people: what was declared is there, each file opens the door, and a reader only reads. */
export const identityChecks: readonly Check[] = [
  { name: 'domains, projects, users, groups and roles', run: declared },
  { name: 'role assignments', run: assignments },
  { name: 'quotas', applies: ({ spec }) => spec.identity.projects.some((project) => project.quotas), run: quotas },
  { name: "the declared user's openrc", run: openrc },
  { name: 'a reader looks and does not touch', applies: (cluster) => readerOf(cluster) !== undefined, run: reader },
]

async function declared({ admin, cluster }: Surroundings): Promise<string> {
  const { domains, projects, roles, groups, users } = cluster.spec.identity
  const wanted: readonly (readonly [kind: string, names: readonly string[], args: readonly string[]])[] = [
    ['domain', ['Default', ...domains.map(({ name }) => name)], []],
    ['project', ['admin', 'service', ...projects.map(({ name }) => name)], []],
    ['user', ['admin', ...users.map(({ name }) => name)], []],
    ['group', groups.map(({ name }) => name), []],
    ['role', ['admin', 'member', 'reader', ...roles.map(({ name }) => name)], []],
  ]
  for (const [kind, names, args] of wanted) {
    const listed = (await admin.json<Named[]>(kind, 'list', ...args)).map(({ Name }) => Name)
    for (const name of names) expect(listed.includes(name), `${kind} ${name}`, listed)
  }
  return wanted.map(([kind, names]) => `${kind}s ${names.join(', ') || 'none'}`).join('; ')
}

async function assignments({ admin, cluster }: Surroundings): Promise<string> {
  const listed = await admin.json<Assignment[]>('role', 'assignment', 'list', '--names')
  const { users, groups } = cluster.spec.identity
  const wanted = [
    ...users.flatMap(({ name, domain, roles }) => inProjects(`${name}@${domain}`, roles)),
    ...groups.flatMap(({ name, domain, roles }) => inProjects(`${name}@${domain}`, roles)),
  ]
  for (const { actor, role, project } of wanted) {
    expect(
      listed.some(({ Role, User, Group, Project }) => Role === role && (User === actor || Group === actor) && Project.split('@')[0] === project),
      `role ${role} of ${actor} in project ${project}`,
      listed,
    )
  }
  return wanted.map(({ actor, role, project }) => `${role} of ${actor} in ${project}`).join(', ')
}

function inProjects(actor: string, roles: readonly DeclaredRole[]): { actor: string; role: string; project: string }[] {
  return roles.flatMap(({ role, project }) => (project === undefined ? [] : [{ actor, role, project }]))
}

/** The client's names of quotas are other ones than the fields' in a few cases. */
const clientNames: Readonly<Record<string, string>> = {
  ramMiB: 'ram',
  keyPairs: 'key-pairs',
  floatingIps: 'floating-ips',
  securityGroups: 'secgroups',
  securityGroupRules: 'secgroup-rules',
}

/** Limits by name, of what `quota show` prints as JSON: the client lists them as rows since its version 6.1, before that it shows one object. */
export function limitsOf(shown: unknown): Readonly<Record<string, unknown>> {
  if (!Array.isArray(shown)) return { ...(shown as object) }
  return Object.fromEntries((shown as { Resource: string; Limit: number }[]).map(({ Resource, Limit }) => [Resource, Limit]))
}

async function quotas({ admin, cluster }: Surroundings): Promise<string> {
  const seen: string[] = []
  for (const { name, quotas: declaredQuotas } of cluster.spec.identity.projects) {
    if (declaredQuotas === undefined) continue
    const limits = limitsOf(await admin.json('quota', 'show', name))
    for (const [field, limit] of Object.values(declaredQuotas).flatMap(Object.entries)) {
      const resource = clientNames[field] ?? field.toLowerCase()
      expect(limits[resource] === limit, `${limit} ${resource} in project ${name}`, limits)
      seen.push(`${name} ${resource} ${limit}`)
    }
  }
  return seen.join(', ')
}

/** As the course does it: `. demo-openrc`, then the client without a word of who is asking. */
async function openrc({ secret, cluster, user, userName, signal }: Surroundings): Promise<string> {
  const { openrc: text = '' } = await secret(`${cluster.metadata.name}-user-${userName}`)
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-openrc-'))
  try {
    const file = join(folder, 'openrc')
    await writeFile(file, text, { mode: 0o600 })
    const script = `for name in $(env | grep -o '^OS_[A-Z_]*'); do unset "$name"; done; . "$0" && exec "$1" token issue -f value -c project_id`
    const project = (await run('sh', ['-c', script, file, user.program], signal ? { signal } : {})).trim()
    expect(/^[0-9a-f]{32}$/.test(project), 'a token for a project', project)
    return `a token for project ${project}`
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A declared user whose only role is reader, of its own or by its groups, in a project. */
function readerOf({ spec }: CheckedCluster): DeclaredUser | undefined {
  return spec.identity.users.find(({ groups, roles }) => {
    const all = [...roles, ...spec.identity.groups.filter(({ name }) => groups.includes(name)).flatMap((group) => group.roles)]
    return all.length > 0 && all.every(({ role, project }) => role === 'reader' && project !== undefined)
  })
}

async function reader({ cluster, client, server, image }: Surroundings): Promise<string> {
  const found = readerOf(cluster)
  expect(found !== undefined, 'a declared user with the role reader', cluster.spec.identity.users)
  const who = client(found.name)
  const { id } = await who.json<{ id: string }>('server', 'show', server)
  const [network] = await who.json<{ ID: string }[]>('network', 'list', '--internal')
  await who.json('image', 'show', image.name)
  for (const change of [
    ['server', 'stop', id],
    ['server', 'set', '--property', 'touched=yes', id],
    ['network', 'create', 'touched'],
    ['security', 'group', 'create', 'touched'],
    ...(network === undefined ? [] : [['subnet', 'create', '--network', network.ID, '--subnet-range', '10.255.0.0/24', 'touched']]),
  ]) {
    const answer = await who.text(...change).catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
    expect(
      /403|Forbidden|disallowed by policy|not allowed|not authorized/i.test(answer),
      `"${change.slice(0, 2).join(' ')}" to be refused to ${found.name}`,
      answer,
    )
  }
  return `${found.name} sees server ${server}, networks and images, and may change none`
}
