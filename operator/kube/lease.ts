import { ResourceTypes } from './resources.ts'
import type { KubeClient } from './client.ts'
import type { KubeObject } from './types.ts'

/** What a Lease says about its holder. */
export interface LeaseSpec {
  /** Empty or absent: nobody holds it. */
  readonly holderIdentity?: string
  readonly leaseDurationSeconds?: number
  readonly acquireTime?: string
  readonly renewTime?: string
  /** How often it has gone from one holder to another. */
  readonly leaseTransitions?: number
}

/** A Lease; with `metadata.resourceVersion` a write of it fails when somebody else wrote first. */
export interface Lease extends KubeObject {
  readonly spec: LeaseSpec
}

/** What is asked of the client. */
export type LeaseClient = Pick<KubeClient, 'get' | 'create' | 'update'>

/** A Lease by its name; `undefined` where there is none. Throws a KubeError. */
export async function readLease(client: LeaseClient, namespace: string, name: string, signal?: AbortSignal): Promise<Lease | undefined> {
  const lease = await client.get(ResourceTypes.leases, namespace, name, signal)
  return lease === undefined ? undefined : { ...lease, spec: lease.spec ?? {} }
}

/** Writes a Lease, as a new one when it has no `resourceVersion`. Throws a KubeError of status 409 when somebody else was faster. */
export async function writeLease(client: LeaseClient, lease: Lease, signal?: AbortSignal): Promise<Lease> {
  const { leases } = ResourceTypes
  const written = lease.metadata.resourceVersion === undefined ? await client.create(leases, lease, signal) : await client.update(leases, lease, {}, signal)
  return { ...written, spec: written.spec ?? {} }
}

/** A time of the API with microseconds, of which older servers insist on all six digits. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}
