// The Hypervisor: what is known of one node that runs guests. The operator makes one for each; only its status says something. A schema of its own, so
// that the OpenStackCluster stays small however many nodes there are.

import { z } from 'zod'
import { mapList } from './fields.ts'
import type { apiVersion, hypervisorKind, ObjectMeta } from './index.ts'

const time = (what: string) => z.string().max(64).meta({ format: 'date-time' }).optional().describe(what)

const amount = (what: string, unit: string) =>
  z
    .object({
      used: z.int().min(0).describe(`What guests have been given, ${unit}.`),
      total: z.int().min(0).describe(`What the node has, ${unit}.`),
      summary: z.string().max(64).describe('used/total, for people.'),
    })
    .optional()
    .describe(what)

const agent = z.object({
  name: z.string().max(64).describe('Name of its program. Example: `neutron-linuxbridge-agent`.'),
  alive: z.boolean().describe('Whether Nova or Neutron has heard of it within the last minute or so.'),
})

const guest = z.object({
  id: z.string().max(64).describe('UUID of the server.'),
  name: z.string().max(255).describe('Name of the server.'),
  status: z.string().max(64).describe('What Nova knew of it last. Example: `ACTIVE`.'),
  hostStatus: z.string().max(64).describe("What Nova knows of its host. Where it is `UNKNOWN`, so is the server's true state."),
})

const clock = z
  .object({
    synchronized: z.boolean().describe('Whether chrony follows a server of `timeSync.servers`.'),
    offsetMilliseconds: z
      .int()
      .optional()
      .describe(
        "By how much the clock is ahead of the server (behind it: negative), in ms. It follows the clock in steps of a tenth of `timeSync.maxOffsetMilliseconds`; the operator's metric is exact.",
      ),
  })
  .optional()
  .describe("The node's clock, where `timeSync` is on and chrony runs on it.")

const status = z.object({
  state: z
    .enum(['Starting', 'Up', 'Disabled', 'Down', 'NotReady', 'Silent'])
    .describe(
      '`Starting`: Nova does not know it yet. `Up`: it runs guests and gets new ones. `Disabled`: somebody keeps new guests away. `Down`: Nova hears nothing of it. `NotReady`: the node says that it is not ready. `Silent`: Kubernetes hears nothing of the node.',
    ),
  since: time('Since when it has been in this state.'),
  joinedAt: time('When it was up for the first time.'),
  message: z.string().max(1024).optional().describe('What is wrong with it, where something is.'),
  novaCompute: z.enum(['up', 'down']).optional().describe('Whether Nova hears of its nova-compute.'),
  servers: z.int().min(0).optional().describe('Number of guests on it, whatever their state.'),
  vcpus: amount('Virtual processors, as its nova-compute counts them.', 'in processors'),
  memory: amount('Memory, as its nova-compute counts it; what is set aside for the node itself counts as used.', 'in MiB'),
  agents: mapList(agent, 16, 'name').optional().describe('What the cloud runs on it, and whether it is heard of.'),
  agentsSummary: z.string().max(32).optional().describe('alive/all of the agents. Example: `2/2`.'),
  clock,
  guests: mapList(guest, 100, 'id').optional().describe('The guests, where Nova does not hear of it; at most 100.'),
})

/** The schema of a Hypervisor, without apiVersion, kind and metadata. */
export const hypervisor = z
  .object({
    spec: z
      .object({
        cluster: z.string().max(32).describe('Name of the OpenStackCluster that it belongs to, in the same namespace.'),
        node: z.string().max(253).describe('Name of the node.'),
      })
      .describe('Whose it is. Written by the operator.'),
    status: status.optional().describe('What is known of it. Written by the operator.'),
  })
  .describe('A node that runs guests of an OpenStackCluster. The operator makes and removes it: to have one more or less, label the node.')

export type HypervisorSpec = z.output<typeof hypervisor>['spec']
export type HypervisorStatus = z.output<typeof status>
export type HypervisorState = HypervisorStatus['state']

/** A Hypervisor as the operator wants it. */
export interface Hypervisor {
  apiVersion: typeof apiVersion
  kind: typeof hypervisorKind
  metadata: Pick<ObjectMeta, 'name' | 'namespace'>
  spec: HypervisorSpec
  status: HypervisorStatus
}
