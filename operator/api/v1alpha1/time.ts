// spec.timeSync: chrony on the nodes.

import { z } from 'zod'
import { map, rules, setList } from './fields.ts'

const server = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9:]([A-Za-z0-9.:-]*[A-Za-z0-9:])?$/)
  .meta(rules({ rule: "isIP(self) || !self.matches('^[0-9.]*$|:')", message: 'timeSync.servers[]: must be a host name or an IP address' }))

export const timeSync = z
  .object({
    mode: z
      .enum(['Off', 'Monitor', 'Synchronize'])
      .default('Off')
      .describe(
        "`Off`: the hosts keep the time themselves, and nobody looks. `Monitor`: chrony measures each node's clock against the servers and never sets it, for hosts that keep the time themselves. `Synchronize`: chrony sets the clock; nothing else on the node may do so.",
      ),
    servers: setList(server, 16)
      .default([])
      .describe(
        'NTP servers, by host name or IP address; at least one unless `mode` is `Off`. From three on, chrony can tell which one is wrong. Example: `[ntp1.example.com, 10.0.0.1]`.',
      ),
    maxOffsetMilliseconds: z
      .int()
      .min(10)
      .max(60_000)
      .default(500)
      .describe(
        "By how much a node's clock may be ahead of the servers or behind them, in ms, before a condition says so. The default keeps any two nodes within a second, which is how exactly Keystone's tokens carry the time they were made at.",
      ),
    nodeSelector: map(z.string().max(63), 16)
      .default({})
      .describe("Labels that a node must have to get chrony, all of them. Empty: the cloud's hypervisors and network nodes."),
  })
  .meta(
    rules({
      rule: "self.mode == 'Off' || size(self.servers) > 0",
      message: 'timeSync.servers: modes Monitor and Synchronize need at least one server',
      fieldPath: '.servers',
    }),
  )
