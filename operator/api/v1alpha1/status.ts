// The status of an OpenStackCluster. Written by the operator only, so it is lenient: a refused status would help nobody.

import { z } from 'zod'
import { conditionStatuses } from './conditions.ts'
import { atomicList, mapList } from './fields.ts'

const time = (what: string) => z.string().max(64).meta({ format: 'date-time' }).optional().describe(what)

const condition = z.object({
  type: z.string().min(1).max(316).describe('Ready, Progressing, Degraded, Reconciling, Stalled, or a part of the cloud. Example: `KeystoneReady`.'),
  status: z.enum(conditionStatuses).describe('True, False or Unknown.'),
  observedGeneration: z.int().min(0).optional().describe('metadata.generation that it was set for.'),
  lastTransitionTime: z.string().max(64).meta({ format: 'date-time' }).describe('When the status changed last.'),
  reason: z.string().max(1024).describe('One CamelCase word that says what to do.'),
  message: z.string().max(32768).describe('A sentence with names and numbers in it.'),
})

const endpoint = z.object({
  service: z.string().max(64).describe('Name of the service. Example: `keystone`.'),
  public: z.string().max(512).optional().describe('URL for clients outside of the cluster.'),
  internal: z.string().max(512).optional().describe('URL for clients inside the cluster.'),
})

const step = z.object({
  id: z.string().max(253).describe('Name of the step. Example: `placement/schema`.'),
  state: z.enum(['Ready', 'Waiting', 'Progressing', 'Failed']).describe('How far it is.'),
  waitsFor: atomicList(z.string().max(253), 64).optional().describe('Steps that must be ready before it can go on.'),
  message: z.string().max(4096).optional().describe('What it does or why it does not, with the remedy.'),
  possibleAt: time('When all that it waits for was ready.'),
  startedAt: time('When it was begun.'),
  readyAt: time('When it was ready for the first time.'),
})

const service = z.object({
  name: z.string().max(64).describe('Name of the service.'),
  ready: z.boolean().describe('Whether all of its steps are ready.'),
})

export const status = z.object({
  observedGeneration: z.int().min(-1).optional().describe('metadata.generation that the status is about; -1 before the operator has seen the cloud.'),
  lastHandledReconcileAt: z
    .string()
    .max(128)
    .optional()
    .describe('Text of the annotation `openstack.teruwa.io/reconcile-requested-at` that everything outside of Kubernetes was looked at again for, last.'),
  operator: z.string().max(512).optional().describe('Image of the operator that wrote the status.'),
  release: z.string().max(64).optional().describe('OpenStack release that runs.'),
  conditions: mapList(condition, 64, 'type').optional().describe('Ready, Progressing, Degraded, Reconciling, Stalled, and one for each part of the cloud.'),
  endpoints: mapList(endpoint, 32, 'service').optional().describe('Addresses of the services.'),
  hypervisors: z
    .object({
      labelled: z.int().min(0).describe('Nodes that are to run guests.'),
      up: z.int().min(0).describe('Hypervisors of those that Nova says are up.'),
      summary: z.string().max(32).describe('up/labelled. Example: `1/1`.'),
      servers: z
        .int()
        .min(0)
        .optional()
        .describe('Guests that Nova counts on the hypervisors, whatever their state. Nova is asked every 30 s; what is not there was never answered.'),
      silentNodes: z.int().min(0).optional().describe('Nodes of the cloud, hypervisors and network nodes, that take no part now. Each Hypervisor says more.'),
      watchedClocks: z.int().min(0).optional().describe('Nodes whose clocks chrony looks at.'),
      wrongClocks: z
        .int()
        .min(0)
        .optional()
        .describe('Clocks of those that are off the servers by more than `timeSync.maxOffsetMilliseconds`, or follow none.'),
    })
    .optional()
    .describe('The hypervisors, counted; each has a resource of its own, of the kind Hypervisor.'),
  services: mapList(service, 32, 'name').optional().describe('The services.'),
  steps: mapList(step, 512, 'id').optional().describe('Each step of the bring-up, and what it waits for.'),
})
