/** The CNI configuration of a node: a bridge with the node's part of the pods' range. */
export function cniConfiguration(podCidr: string): string {
  return JSON.stringify({
    cniVersion: '0.4.0',
    name: 'teruwa',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isDefaultGateway: true,
        // A pod that reaches itself by its Service's address comes back by the port that it left by.
        hairpinMode: true,
        // The node's own rule masquerades: the plugin's would do it between nodes, too.
        ipMasq: false,
        ipam: { type: 'host-local', ranges: [[{ subnet: podCidr }]], dataDir: '/run/cni-ipam' },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  })
}

/** A script that a node runs now and at each start: the way to the pods of the other nodes. */
export function routesScript(others: readonly { podCidr: string; address: string }[]): string {
  return ['#!/bin/sh', 'set -e', ...others.map(({ podCidr, address }) => `ip route replace ${podCidr} via ${address}`), ''].join('\n')
}
