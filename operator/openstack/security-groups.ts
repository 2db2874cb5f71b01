import type { BootstrapSecurityGroupRule } from '../api/v1alpha1/index.ts'
import type { Change, Ensured } from './change.ts'
import { isStatus } from './error.ts'
import { idOf, listProjectIds } from './identity.ts'
import { DEFAULT_DOMAIN } from './identity-wants.ts'
import { converge, listAll } from './resource.ts'
import type { Collection, Listed } from './resource.ts'
import type { Session } from './session.ts'

/** A rule of a security group. */
export type SecurityGroupRule = Omit<BootstrapSecurityGroupRule, 'project' | 'group'>

/** A group of a project (`projectDomain` defaults to `Default`) with rules that it must have; others that it has are left alone. */
export interface SecurityGroupWant {
  readonly project: string
  readonly projectDomain?: string
  readonly name: string
  readonly rules: readonly SecurityGroupRule[]
}

const groups: Collection = {
  service: 'network',
  path: '/v2.0/security-groups',
  singular: 'security_group',
  plural: 'security_groups',
  update: 'PUT',
  kind: 'security group',
}

/** Makes groups and rules that are missing. */
export async function ensureSecurityGroups(session: Session, wants: readonly SecurityGroupWant[], signal?: AbortSignal): Promise<Ensured> {
  const changes: Change[] = []
  if (wants.length === 0) return { changes }
  const projectIds = await listProjectIds(session, signal)
  const byProject = Map.groupBy(wants, ({ project, projectDomain }) => idOf(projectIds, 'project', project, projectDomain ?? DEFAULT_DOMAIN))
  await Promise.all([...byProject].map(([projectId, wanted]) => ensureInProject(session, projectId, wanted, changes, signal)))
  return { changes }
}

async function ensureInProject(
  session: Session,
  projectId: string,
  wants: readonly SecurityGroupWant[],
  changes: Change[],
  signal?: AbortSignal,
): Promise<void> {
  // Asked with a project, Neutron makes the project's group `default` where it is not there yet.
  const listed = await listAll(session, groups, { project_id: projectId }, signal)
  const names = [...new Set(wants.map(({ name }) => name))]
  const ids = await converge(
    session,
    groups,
    names.map((name) => ({ name, key: { name, project_id: projectId }, fields: {} })),
    listed,
    changes,
    signal,
  )
  await Promise.all(
    names.flatMap((name, index) => {
      const id = ids[index] ?? ''
      const rules = wants.filter((want) => want.name === name).flatMap((want) => want.rules)
      return missingRules(rules, rulesOf(listed.find((group) => group.id === id))).map((rule) =>
        createRule(session, { id, name, projectId }, rule, changes, signal),
      )
    }),
  )
}

async function createRule(
  session: Session,
  group: { id: string; name: string; projectId: string },
  rule: SecurityGroupRule,
  changes: Change[],
  signal?: AbortSignal,
): Promise<void> {
  const json = { security_group_rule: { ...ruleBody(rule), security_group_id: group.id, project_id: group.projectId } }
  try {
    await session.request('network', 'POST', '/v2.0/security-group-rules', { json, signal })
  } catch (error) {
    // Neutron sees more rules as equal than we do: it is there in other words.
    if (isStatus(error, 409) && /already exists/i.test(error.message)) return
    throw error
  }
  changes.push({ action: 'created', kind: 'security group rule', name: `${group.name}: ${describeRule(rule)}` })
}

/** The rules that a group lacks, each once. Pure. */
export function missingRules(wants: readonly SecurityGroupRule[], listed: readonly Listed[]): SecurityGroupRule[] {
  const have = new Set(listed.map(ruleKey))
  return wants.filter((want) => {
    const key = ruleKey(ruleBody(want))
    if (have.has(key)) return false
    have.add(key)
    return true
  })
}

function ruleBody({ direction, ethertype, protocol, portMin, portMax, remoteCidr }: SecurityGroupRule): Record<string, unknown> {
  // Neutron takes only both ports or none; for ICMP a type without a code means all of its codes.
  const icmp = protocol !== undefined && /^(icmp|icmpv6|ipv6-icmp|1|58)$/.test(protocol)
  return {
    direction,
    ethertype,
    protocol: protocol ?? null,
    port_range_min: portMin ?? (icmp ? null : (portMax ?? null)),
    port_range_max: portMax ?? (icmp ? null : (portMin ?? null)),
    remote_ip_prefix: remoteCidr ?? null,
  }
}

/** Names of protocols by their number (IANA), and second names. */
const protocolNames: Readonly<Record<string, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'ipv6-icmp', icmpv6: 'ipv6-icmp', 112: 'vrrp', 132: 'sctp' }

/** What makes two rules the same. */
function ruleKey(rule: Readonly<Record<string, unknown>>): string {
  const { direction, ethertype, protocol, port_range_min: min, port_range_max: max, remote_ip_prefix: prefix, remote_group_id: group } = rule
  const name = typeof protocol === 'string' ? (protocolNames[protocol] ?? protocol) : null
  const everyone = prefix === '0.0.0.0/0' || prefix === '::/0'
  return JSON.stringify([direction, ethertype, name, min ?? null, max ?? null, everyone ? null : (prefix ?? null), group ?? null])
}

function rulesOf(group: Listed | undefined): Listed[] {
  const rules = group?.['security_group_rules']
  return Array.isArray(rules) ? (rules as Listed[]) : []
}

function describeRule({ direction, ethertype, protocol = 'any protocol', portMin, portMax = portMin, remoteCidr = 'any address' }: SecurityGroupRule): string {
  const ports = portMin === undefined ? '' : ` ${portMin}${portMax === portMin ? '' : `–${portMax}`}`
  return `${direction} ${ethertype} ${protocol}${ports} ${direction === 'ingress' ? 'from' : 'to'} ${remoteCidr}`
}
