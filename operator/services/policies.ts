import { dump } from 'js-yaml'
import { rolesOf } from '../config/policy-rule.ts'
import type { KubeObject } from '../kube/types.ts'
import type { OutsideCall } from '../model/outside.ts'
import type { Scope } from '../model/scope.ts'
import type { Step } from '../model/step.ts'
import type { PolicyRoleWant } from '../openstack/roles.ts'
import { job } from '../workloads/job.ts'
import { secret } from '../workloads/secret.ts'
import { POLICY_FILE, policyPath, SERVICE_ROLE } from './context.ts'
import type { ServiceDefinition } from './definition.ts'

/** Roles that Keystone has from the start. */
const firstRoles: readonly string[] = ['admin', 'member', 'reader', SERVICE_ROLE]

/** The CR's policies of a service, by name. */
export function declaredPolicies({ spec }: Scope, { name }: ServiceDefinition): Readonly<Record<string, string>> {
  const policies: Readonly<Partial<Record<string, Readonly<Record<string, string>>>>> = spec.policies
  return policies[name] ?? {}
}

/**
 * The text of a service's policy file: what it must have by itself, with the CR's policies in its place. `undefined`: the program's own suffice. As
 * long as the CR's have not been accepted, a service that runs keeps the file that it has.
 */
export function policyFile(scope: Scope, definition: ServiceDefinition): string | undefined {
  const running = scope.live('Secret', `${definition.name}-config`)
  if (running === undefined || isAccepted(scope, definition)) return wantedFile(scope, definition)
  const file = running.data?.[POLICY_FILE]
  return file === undefined ? undefined : Buffer.from(file, 'base64').toString()
}

function wantedFile(scope: Scope, definition: ServiceDefinition): string | undefined {
  if (definition.policies === undefined) return undefined
  const policies = { ...definition.policies, ...declaredPolicies(scope, definition) }
  return Object.keys(policies).length === 0 ? undefined : dump(policies)
}

/** Whether the service's program has read the CR's policies, and Keystone has the roles that they name. */
function isAccepted(scope: Scope, definition: ServiceDefinition): boolean {
  const step = policyStep(scope, definition)
  if (step === undefined) return true
  let call: OutsideCall | undefined
  let jobs: readonly KubeObject[]
  try {
    jobs = step.objects?.(scope).filter(({ kind }) => kind === 'Job') ?? []
    call = step.outside?.(scope)
  } catch {
    // One that cannot be read is the step's own to tell.
    return false
  }
  const asked = call === undefined || (scope.outside(step.id, call)?.ready ?? scope.wasReady(step.id))
  return asked && jobs.every(({ metadata }) => isComplete(scope.live('Job', metadata.name)))
}

function isComplete(live: KubeObject | undefined): boolean {
  const { conditions = [] } = (live?.status ?? {}) as { conditions?: readonly { readonly type: string; readonly status: string }[] }
  return conditions.some(({ type, status }) => type === 'Complete' && status === 'True')
}

/**
 * The step of a service that the CR has policies for: a Job in which the service's own program reads them, and a look whether Keystone has the roles
 * that they name. Until both are fine, no pod sees them. `undefined`: there are none.
 */
export function policyStep(scope: Scope, definition: ServiceDefinition): Step | undefined {
  const { name } = definition
  const wanted = declaredPolicies(scope, definition)
  if (definition.policies === undefined || Object.keys(wanted).length === 0) return undefined
  const rules = Object.entries(wanted).map(([policy, rule]) => readRule(`policies.${name}[${policy}]`, rule))
  const unknown = unknownRoles(scope, rules)
  return {
    id: `${name}/policies`,
    // Of Keystone itself only one that runs already can be asked.
    needs: name === 'keystone' || unknown.length === 0 ? [] : ['keystone/api'],
    objects: () => {
      const unreadable = rules.find(({ problem }) => problem !== undefined)
      if (unreadable !== undefined) throw new RangeError(unreadable.problem)
      const config = { name: `${name}-policies`, files: { [POLICY_FILE]: wantedFile(scope, definition) ?? '' } }
      const process = {
        image: name,
        args: ['sh', '-c', validation(name)],
        env: { OS_OSLO_POLICY__POLICY_FILE: policyPath(name) },
        files: [{ config, key: POLICY_FILE, path: policyPath(name) }],
        directories: [{ path: '/tmp', source: { kind: 'scratch' } }],
        resources: { requests: { cpu: '50m', memory: '128Mi' } },
      } as const
      // One that is wrong stays so.
      return [secret(scope, config.name, name, config.files), job(scope, `${name}-policies`, name, process, { meaning: config.files, backoffLimit: 0 })]
    },
    outside: () => {
      if (unknown.length === 0 || (name === 'keystone' && scope.live('Deployment', 'keystone-api') === undefined)) return undefined
      return { kind: 'policy-roles', want: unknown }
    },
  }
}

/**
 * What the Job runs: the service's own validator, which finds names that it does not know and rules that refer to what is not there. Of what it says,
 * the last line that names something is the Job's last word.
 */
function validation(name: string): string {
  return [
    `said=$(oslopolicy-validator --namespace ${name} 2>&1) && exit 0`,
    `why=$(echo "$said" | grep -v '^Invalid rules found' | tail -n 1 | sed -e 's/^[A-Z]*:[a-z_.]*://' -e 's/[.]$//')`,
    `echo "spec.policies.${name}: $why; correct it or take it out, what runs is unchanged"`,
    'exit 1',
  ].join('\n')
}

/** A policy of the CR, as read. */
interface ReadRule {
  /** Where it stands in the spec. */
  readonly policy: string
  readonly roles: readonly string[]
  /** Why it cannot be read, in words that name it and the remedy. */
  readonly problem?: string
}

function readRule(policy: string, rule: string): ReadRule {
  try {
    return { policy, roles: rolesOf(rule) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { policy, roles: [], problem: `${policy}: ${JSON.stringify(rule)} is no rule, ${why}; correct it or take it out, what runs is unchanged` }
  }
}

/** Roles that rules name and that are there neither from the start nor by the CR. */
function unknownRoles(scope: Scope, rules: readonly ReadRule[]): PolicyRoleWant[] {
  const known = new Set([...firstRoles, ...scope.spec.identity.roles.map(({ name }) => name)].map((role) => role.toLowerCase()))
  return rules.flatMap(({ policy, roles }) => roles.filter((role) => !known.has(role.toLowerCase())).map((role) => ({ policy, role })))
}
