// The part of spec.bootstrap that Neutron answers for.

import { z } from 'zod'
import { atomicList, mapList, networkType, openstackName, rules, setList } from './fields.ts'

const address = () => z.string().min(2).max(39)

/** CEL: an IPv4 address as a number, because the API server's own IP type has no order. */
const number = (ip: string) => `(${[0, 1, 2, 3].map((i) => `int(${ip}.split('.')[${i}])*${256 ** (3 - i)}`).join('+')})`

const pool = z
  .object({
    start: address().describe('First address. Example: `192.168.0.100`.'),
    end: address().describe('Last address. Example: `192.168.0.250`.'),
  })
  .meta(
    rules(
      { rule: 'isIP(self.start) && ip.isCanonical(self.start)', message: 'pools[].start: must be an IP address, in its usual notation', fieldPath: '.start' },
      { rule: 'isIP(self.end) && ip.isCanonical(self.end)', message: 'pools[].end: must be an IP address, in its usual notation', fieldPath: '.end' },
      {
        rule: `!isIP(self.start) || !isIP(self.end) || ip(self.start).family() != 4 || ip(self.end).family() != 4 || ${number('self.start')} <= ${number('self.end')}`,
        message: 'pools[].start: must not be above end',
        fieldPath: '.start',
      },
    ),
  )

/** CEL: holds when something cannot be judged because another rule refuses it already. */
const noCidr = '!isCIDR(self.cidr)'
const noAddress = (ip: string) => `!isIP(${ip}) || ip(${ip}).family() != 4`

const ipv6Mode = z.enum(['slaac', 'dhcpv6-stateful', 'dhcpv6-stateless'])

const subnet = z
  .object({
    name: openstackName(255).describe('Name of the subnet. Example: `provider-v4`. Routers refer to it.'),
    cidr: z
      .string()
      .min(4)
      .max(43)
      .meta(
        rules(
          {
            rule: 'isCIDR(self) && string(cidr(self).masked()) == self',
            message: 'subnets[].cidr: must be a network such as 192.168.0.0/23 or fd00:1::/64, without bits set behind the prefix, in its usual notation',
          },
          { rule: 'self == oldSelf', message: 'subnets[].cidr: cannot be changed; declare another subnet', reason: 'FieldValueForbidden' },
        ),
      )
      .describe('Its addresses, IPv4 or IPv6. Examples: `192.168.0.0/23`, `fd00:1::/64`. Cannot be changed later.'),
    gateway: address().optional().describe('Address of the gateway. Without it: the first one of the CIDR.'),
    pools: atomicList(pool, 8).default([]).describe('Addresses that may be given away. Empty: all of the CIDR but the gateway.'),
    dhcp: z.boolean().default(true).describe('Whether Neutron answers DHCP on it, and for IPv6 whether its modes are in force.'),
    ipv6AddressMode: ipv6Mode.optional().describe('How guests get their addresses; IPv6 only. `slaac`: from router advertisements. Cannot be changed later.'),
    ipv6RaMode: ipv6Mode
      .optional()
      .describe(
        'What the router of the subnet advertises; IPv6 only. Without it Neutron advertises nothing, and a router outside of the cloud has to. Cannot be changed later.',
      ),
    dnsNameservers: setList(z.string().min(2).max(45), 5).default([]).describe('Addresses of name servers, given to the guests by DHCP.'),
  })
  .meta(
    rules(
      {
        rule: 'self.dnsNameservers.all(a, isIP(a))',
        message: 'subnets[].dnsNameservers: each must be an IP address',
        fieldPath: '.dnsNameservers',
      },
      {
        rule: `${noCidr} || self.pools.all(p, !isIP(p.start) || !isIP(p.end) || cidr(self.cidr).containsIP(p.start) && cidr(self.cidr).containsIP(p.end))`,
        messageExpression: `'subnets[].pools: a pool of subnet ' + self.name + ' is not inside its CIDR ' + self.cidr`,
        message: 'subnets[].pools: a pool is not inside the CIDR of its subnet',
        fieldPath: '.pools',
      },
      {
        rule: '!has(self.gateway) || isIP(self.gateway) && ip.isCanonical(self.gateway)',
        message: 'subnets[].gateway: must be an IP address, in its usual notation',
        fieldPath: '.gateway',
      },
      {
        rule: `!has(self.gateway) || ${noCidr} || !isIP(self.gateway) || cidr(self.cidr).containsIP(self.gateway)`,
        messageExpression: `'subnets[].gateway: ' + self.gateway + ' is not inside the CIDR ' + self.cidr`,
        message: 'subnets[].gateway: is not inside the CIDR of its subnet',
        fieldPath: '.gateway',
      },
      {
        rule: `!has(self.gateway) || ${noAddress('self.gateway')} || self.pools.all(p, ${noAddress('p.start')} || ${noAddress('p.end')} || ${number('self.gateway')} < ${number('p.start')} || ${number('self.gateway')} > ${number('p.end')})`,
        messageExpression: `'subnets[].gateway: ' + self.gateway + ' is inside a pool, so that a guest could get it'`,
        message: 'subnets[].gateway: is inside a pool, so that a guest could get it',
        fieldPath: '.gateway',
      },
      {
        rule: `!(has(self.ipv6AddressMode) || has(self.ipv6RaMode)) || ${noCidr} || cidr(self.cidr).ip().family() == 6`,
        message: 'subnets[].ipv6AddressMode: only a subnet of IPv6 has ipv6AddressMode or ipv6RaMode: leave them out, or take an IPv6 cidr',
        fieldPath: '.cidr',
      },
      {
        rule: '!has(self.ipv6AddressMode) || !has(self.ipv6RaMode) || self.ipv6AddressMode == self.ipv6RaMode',
        message: 'subnets[].ipv6RaMode: must be the same as ipv6AddressMode where both are set',
        fieldPath: '.ipv6RaMode',
      },
      {
        rule: `!(has(self.ipv6AddressMode) && self.ipv6AddressMode != 'dhcpv6-stateful' || has(self.ipv6RaMode) && self.ipv6RaMode != 'dhcpv6-stateful') || ${noCidr} || cidr(self.cidr).ip().family() == 4 || cidr(self.cidr).prefixLength() == 64`,
        message: 'subnets[].cidr: guests make addresses of their own (slaac, dhcpv6-stateless) only in a network of 64 bits: take a /64',
        fieldPath: '.cidr',
      },
      {
        rule: 'self.dhcp || !has(self.ipv6AddressMode) && !has(self.ipv6RaMode)',
        message: 'subnets[].dhcp: must be true where ipv6AddressMode or ipv6RaMode is set',
        fieldPath: '.dhcp',
      },
    ),
  )

const provider = z
  .object({
    type: networkType('provider.type', 'flat', 'vlan', 'vxlan', 'local').describe(
      'How it travels. `flat`: as it is on the physical network; `vlan`: with a tag, where the kernels of the nodes have 8021q; `vxlan`: between the nodes; `local`: on one node only.',
    ),
    physicalNetwork: openstackName().optional().describe('Name of one of `services.neutron.physicalNetworks`; for flat and vlan.'),
    segmentationId: z.int().min(1).max(16777215).optional().describe('VLAN tag (1 to 4094) or VXLAN network identifier; for vlan and vxlan.'),
  })
  .meta(
    rules(
      {
        rule: "(self.type in ['flat', 'vlan']) == has(self.physicalNetwork)",
        message: 'provider.physicalNetwork: types flat and vlan need it, types vxlan and local cannot have it',
        fieldPath: '.physicalNetwork',
      },
      {
        rule: "(self.type in ['vlan', 'vxlan']) == has(self.segmentationId)",
        message: 'provider.segmentationId: types vlan and vxlan need it, types flat and local cannot have it',
        fieldPath: '.segmentationId',
      },
      {
        rule: "self.type != 'vlan' || !has(self.segmentationId) || self.segmentationId <= 4094",
        message: 'provider.segmentationId: a VLAN tag is a number from 1 to 4094',
        fieldPath: '.segmentationId',
      },
      { rule: 'self == oldSelf', message: 'provider: cannot be changed; declare another network', reason: 'FieldValueForbidden' },
    ),
  )

export const network = z.object({
  name: openstackName(255).describe('Name of the network. Example: `provider`.'),
  project: openstackName().optional().describe("Project that it belongs to. Without it: the operator's own, admin."),
  shared: z.boolean().default(false).describe('Whether every project may attach servers to it.'),
  external: z.boolean().default(false).describe('Whether routers may have it as their gateway and floating IPs come from it.'),
  provider: provider.optional().describe('Where it stands in the world outside. Without it: a network of the tenant type.'),
  mtu: z.int().min(68).max(9216).optional().describe('Largest packet, in bytes. Without it: what its type can carry.'),
  subnets: mapList(subnet, 8, 'name').default([]).describe('Its subnets.'),
})

export const router = z.object({
  name: openstackName(255).describe('Name of the router. Example: `router`.'),
  project: openstackName().describe('Project that it belongs to.'),
  externalNetwork: openstackName(255).optional().describe('Name of an external network: its way out.'),
  subnets: setList(openstackName(255), 16).default([]).describe('Names of the subnets that it connects.'),
})

export const securityGroupRule = z
  .object({
    project: openstackName().describe('Project that the group belongs to.'),
    group: openstackName(255).default('default').describe('Name of the group. One that does not exist is made.'),
    direction: z.enum(['ingress', 'egress']).default('ingress').describe('To the guest (`ingress`) or from it (`egress`).'),
    ethertype: z.enum(['IPv4', 'IPv6']).default('IPv4').describe('Protocol family.'),
    protocol: z
      .string()
      .min(1)
      .max(16)
      .regex(/^[a-z0-9-]+$/)
      .optional()
      .describe('Protocol, by name or number: `tcp`, `udp`, `icmp`, `112`. Without it: all.'),
    portMin: z.int().min(0).max(65535).optional().describe('First port; for icmp its type.'),
    portMax: z.int().min(0).max(65535).optional().describe('Last port; for icmp its code.'),
    remoteCidr: z.string().min(4).max(43).optional().describe('Addresses of the other side. Without it: all. Example: `0.0.0.0/0`.'),
  })
  .meta(
    rules(
      {
        rule: "has(self.protocol) && self.protocol.startsWith('icmp') || !has(self.portMin) || !has(self.portMax) || self.portMin <= self.portMax",
        message: 'securityGroupRules[].portMin: must not be greater than portMax',
        fieldPath: '.portMin',
      },
      {
        rule: 'has(self.protocol) || !has(self.portMin) && !has(self.portMax)',
        message: 'securityGroupRules[].protocol: must be set when portMin or portMax is',
        fieldPath: '.protocol',
      },
      {
        rule: '!has(self.remoteCidr) || isCIDR(self.remoteCidr)',
        message: 'securityGroupRules[].remoteCidr: must be a CIDR such as 0.0.0.0/0',
        fieldPath: '.remoteCidr',
      },
      {
        rule: "!has(self.remoteCidr) || !isCIDR(self.remoteCidr) || cidr(self.remoteCidr).ip().family() == (self.ethertype == 'IPv4' ? 4 : 6)",
        message: 'securityGroupRules[].remoteCidr: must be of the family that ethertype says',
        fieldPath: '.remoteCidr',
      },
    ),
  )
