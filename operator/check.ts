import { request } from 'undici'
import { apiVersion, kind, manager } from './api/v1alpha1/index.ts'
import { rights } from './api/rights.ts'
import type { Right } from './api/rights.ts'
import { Definitions } from './cluster/definitions.ts'
import { openStackClusters } from './cluster/watches.ts'
import type { KubeClient } from './kube/client.ts'
import { systemClock } from './kube/clock.ts'
import { isInvalid } from './kube/error.ts'
import { readLease } from './kube/lease.ts'
import type { Log } from './kube/log.ts'
import type { KubeObject, ResourceType } from './kube/types.ts'

/** What is checked, and with what. */
export interface CheckOptions {
  readonly client: KubeClient
  readonly log: Log
  /** The operator's own namespace. */
  readonly namespace: string
  /** The namespace whose clouds are looked after. Default: all. */
  readonly watchNamespace?: string
  readonly definitions: { readonly own: readonly KubeObject[]; readonly remedy: string }
  /** Where the operator's metrics are. Left out: they are not asked for. */
  readonly metricsUrl?: string
  /** Gets a line for each check. */
  readonly print: (line: string) => void
}

/** Resolves with nothing where all is well, else with what is wrong and how to mend it; what it throws is wrong, too. */
type Check = (options: CheckOptions, signal: AbortSignal) => Promise<string | undefined>

/** Questions whether one may do something. */
const reviews: ResourceType = {
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  namespaced: false,
  nameless: true,
}
/** The name of a cloud that is never made. */
const NEVER = 'helm-test'
/** How old the renewal of a Lease may be, in ms: it lasts 15 s, and clocks differ. */
const LEASE_AGE = 60_000
/** Longest time for the metrics, in ms. */
const METRICS_TIMEOUT = 30_000

const checks: readonly [what: string, check: Check][] = [
  ['the definitions are as new as the operator', definitionsAreNew],
  ['the operator has every right that it needs', hasRights],
  ['the API server takes a cloud', takesCloud],
  ['the API server refuses a cloud of an unknown release, and names the field', refusesCloud],
  ['one pod of the operator leads', somebodyLeads],
  ['the operator tells its metrics', tellsMetrics],
]

/** The command `check`, which `helm test` runs: whether what was installed works. Writes nothing. Resolves with whether all is well. */
export async function runCheck(options: CheckOptions, signal: AbortSignal): Promise<boolean> {
  let failed = 0
  for (const [what, check] of checks) {
    const problem = await check(options, signal).catch((error: unknown) => {
      signal.throwIfAborted()
      return error instanceof Error ? error.message : String(error)
    })
    if (problem !== undefined) failed += 1
    options.print(problem === undefined ? `ok      ${what}` : `FAILED  ${what}: ${problem}`)
  }
  return failed === 0
}

async function definitionsAreNew({ client, log, definitions }: CheckOptions, signal: AbortSignal): Promise<string | undefined> {
  const once = new AbortController()
  const found = new Definitions({ client, ...definitions, log, clock: systemClock, onChange: () => {} })
  await found.start(AbortSignal.any([signal, once.signal]))
  once.abort()
  return found.fault()?.message
}

async function hasRights({ client, namespace, watchNamespace }: CheckOptions, signal: AbortSignal): Promise<string | undefined> {
  const questions = [
    ...questionsOf(rights.clouds, watchNamespace),
    // For an operator of one namespace they are an administrator's to grant, who need not grant what it can do without.
    ...questionsOf(
      rights.cluster.filter(({ optional }) => watchNamespace === undefined || !optional),
      undefined,
    ),
    ...questionsOf(rights.own, namespace),
  ]
  const lacks: string[] = []
  for (const attributes of questions) {
    const review = { apiVersion: reviews.apiVersion, kind: reviews.kind, metadata: { name: '' }, spec: { resourceAttributes: attributes } }
    const { status } = await client.create(reviews, review, signal)
    if (!(status as { allowed?: boolean } | undefined)?.allowed) {
      const { verb, group, resource, subresource, namespace: where } = attributes
      lacks.push(
        `${verb} ${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}${where === undefined ? '' : ` in ${where}`}`,
      )
    }
  }
  return lacks.length === 0 ? undefined : `it may not ${lacks.join(', ')}: grant it that, by the roles of its chart (helm upgrade) or by hand (docs/rbac.md)`
}

interface Question {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource?: string
  readonly name?: string
  readonly namespace?: string
}

function questionsOf(of: readonly Right[], namespace: string | undefined): Question[] {
  return of.flatMap(({ group, resources, verbs, names = [undefined] }) =>
    resources.flatMap((each) => {
      const [resource = '', subresource] = each.split('/')
      const where = { ...(namespace === undefined ? {} : { namespace }), ...(subresource === undefined ? {} : { subresource }) }
      return verbs.flatMap((verb) => names.map((name) => ({ verb, group, resource, ...where, ...(name === undefined ? {} : { name }) })))
    }),
  )
}

/** Asks for a cloud without making it. */
async function tryCloud({ client, namespace, watchNamespace }: CheckOptions, spec: object, signal: AbortSignal): Promise<void> {
  const cloud = { apiVersion, kind, metadata: { name: NEVER, namespace: watchNamespace ?? namespace }, spec }
  await client.apply(openStackClusters, cloud, { fieldManager: `${manager}-check`, dryRun: true }, signal)
}

async function takesCloud(options: CheckOptions, signal: AbortSignal): Promise<undefined> {
  await tryCloud(options, {}, signal)
}

async function refusesCloud(options: CheckOptions, signal: AbortSignal): Promise<string | undefined> {
  try {
    await tryCloud(options, { release: 'none' }, signal)
  } catch (error) {
    if (isInvalid(error) && error.message.includes('spec.release')) return undefined
    throw error
  }
  return 'it was taken: what is in force is not the definition of the chart'
}

async function somebodyLeads({ client, namespace }: CheckOptions, signal: AbortSignal): Promise<string | undefined> {
  const { holderIdentity, renewTime } = (await readLease(client, namespace, manager, signal))?.spec ?? {}
  if (!holderIdentity) return `nobody holds the Lease ${manager} in ${namespace}: look at the log of the operator`
  const age = Date.now() - Date.parse(renewTime ?? '')
  return age < LEASE_AGE ? undefined : `${holderIdentity} has not renewed the Lease ${manager} since ${renewTime}: look at its log`
}

async function tellsMetrics({ metricsUrl }: CheckOptions, signal: AbortSignal): Promise<string | undefined> {
  if (metricsUrl === undefined) return undefined
  const { statusCode, body } = await request(metricsUrl, { signal: AbortSignal.any([signal, AbortSignal.timeout(METRICS_TIMEOUT)]) })
  const text = await body.text()
  return statusCode === 200 && text.includes('leader_election_master_status')
    ? undefined
    : `expected metrics from ${metricsUrl}, got ${statusCode}: ${text.slice(0, 200)}`
}
