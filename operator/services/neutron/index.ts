import type { Context } from '../context.ts'
import { api } from './api.ts'
import type { ServiceDefinition } from '../definition.ts'
import { modeSteps } from './mode.ts'
import { policies } from './policies.ts'
import { agentConf, dhcpAgentConf, l3AgentConf, linuxbridgeAgentConf, metadataAgentConf, ml2Conf, neutronConf } from './config.ts'

const paths = { neutron: '/etc/neutron/neutron.conf', ml2: '/etc/neutron/plugins/ml2/ml2_conf.ini' }
const configFiles = [`--config-file=${paths.neutron}`, `--config-file=${paths.ml2}`]
const files = (c: Context) => [c.file('ml2_conf.ini', paths.ml2)]

/** Neutron's control plane: ML2 with linuxbridge. Its agents are in compute/. */
export const neutron: ServiceDefinition<typeof api> = {
  ...api,
  catalog: { type: 'network', description: 'Network' },
  messaging: true,
  state: '/var/lib/neutron',
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
  schema: (c) => c.program({ args: ['neutron-db-manage', ...configFiles, 'upgrade', 'heads'], files: files(c), requests: { memory: '192Mi' } }),
  workloads: () => [
    {
      part: 'api',
      process: (c) =>
        c.api({
          script: { zed: '/usr/bin/neutron-api' },
          processes: 2,
          threads: 1,
          argv: configFiles.join(' '),
          files: files(c),
        }),
    },
    {
      part: 'rpc-server',
      process: (c) => c.daemon({ args: ['neutron-rpc-server', ...configFiles], files: files(c), requests: { memory: '192Mi' } }),
    },
  ],
  steps: ({ scope }) => modeSteps(scope),
}
