import { connectedToBroker } from '../context.ts'
import type { Context } from '../context.ts'
import { api } from './api.ts'
import type { ServiceDefinition } from '../definition.ts'
import { modeSteps } from './mode.ts'
import { policies } from './policies.ts'
import { agentConf, dhcpAgentConf, l3AgentConf, linuxbridgeAgentConf, metadataAgentConf, ml2Conf, neutronConf } from './config.ts'

const paths = { neutron: '/etc/neutron/neutron.conf', ml2: '/etc/neutron/plugins/ml2/ml2_conf.ini' }
const configFiles = [`--config-file=${paths.neutron}`, `--config-file=${paths.ml2}`]
const files = (c: Context) => [c.file('neutron.conf', paths.neutron), c.file('ml2_conf.ini', paths.ml2)]
const state = { path: '/var/lib/neutron', source: { kind: 'scratch' } } as const
const scratch = [state, { path: '/tmp', source: { kind: 'scratch' } }] as const

/** Neutron's control plane: ML2 with linuxbridge. Its agents are in compute/. */
export const neutron: ServiceDefinition<typeof api> = {
  ...api,
  catalog: [{ type: 'network', app: 'neutron-api', description: 'Network' }],
  databases: ['neutron'],
  messaging: true,
  keystoneUser: true,
  policies,
  config: (c) => ({
    'neutron.conf': neutronConf(c),
    'ml2_conf.ini': ml2Conf(c),
    'agent.conf': agentConf(c),
    'linuxbridge_agent.ini': linuxbridgeAgentConf(c),
    'dhcp_agent.ini': dhcpAgentConf(),
    'l3_agent.ini': l3AgentConf(),
    'metadata_agent.ini': metadataAgentConf(c),
  }),
  schema: (c) =>
    c.process(
      { image: 'neutron', args: ['neutron-db-manage', ...configFiles, 'upgrade', 'heads'], files: files(c), directories: scratch },
      { requests: { cpu: '50m', memory: '192Mi' } },
    ),
  workloads: () => [
    {
      part: 'api',
      needs: ['neutron/messaging'],
      process: (c) =>
        c.api({
          script: { zed: '/usr/bin/neutron-api' },
          processes: 2,
          threads: 1,
          argv: configFiles.join(' '),
          files: files(c),
          directories: [state],
        }),
    },
    {
      part: 'rpc-server',
      needs: ['neutron/messaging'],
      process: (c) =>
        c.process(
          {
            image: 'neutron',
            args: ['neutron-rpc-server', ...configFiles],
            files: files(c),
            directories: scratch,
            ready: { exec: connectedToBroker(c.scope) },
          },
          { requests: { cpu: '50m', memory: '192Mi' } },
        ),
    },
  ],
  steps: ({ scope }) => modeSteps(scope),
}
