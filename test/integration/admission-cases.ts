// Specs that must be refused, each with what the API server's sentence must name.

export type Json = Record<string, unknown>

/** A subnet in a network, with what is to be tried. */
const subnet = (more: Json) => ({ bootstrap: { networks: [{ name: 'net', subnets: [{ name: 'sub', cidr: '192.168.0.0/23', ...more }] }] } })
const network = (more: Json) => ({ bootstrap: { networks: [{ name: 'net', ...more }] } })
const rule = (more: Json) => ({ bootstrap: { securityGroupRules: [{ project: 'p', ...more }] } })
const image = (more: Json) => ({ bootstrap: { images: [{ name: 'cirros', ...more }] } })
const user = (more: Json) => ({ identity: { users: [{ name: 'myuser', ...more }] } })
const group = (more: Json) => ({ identity: { groups: [{ name: 'auditors', ...more }] } })
const quotas = (more: Json) => ({ identity: { projects: [{ name: 'p', quotas: more }] } })
const cinder = (...backends: Json[]) => ({ services: { cinder: { enabled: true, backends } } })
const rbd = (name: string, more: Json = {}) => ({ name, rbd: { monitors: ['mon'], keyringSecret: { name: 'ceph' }, ...more } })
const glance = (pool: string) => ({ services: { glance: { rbd: { monitors: ['mon'], keyringSecret: { name: 'ceph' }, pool } } } })
const url = 'https://example.com/cirros.img'
const everyFormat = ['qcow2', 'raw', 'vmdk', 'vdi', 'vhd', 'vhdx', 'iso', 'aki', 'ari', 'ami']

const external = (part: string, more: Json = {}, beside: Json = {}) => ({ backing: { [part]: { external: { host: 'db.example.com', ...more }, ...beside } } })

/** What is wrong, the spec, and what the refusal says. */
export const badSpecs: readonly [what: string, spec: Json, sentence: RegExp][] = [
  ['an unknown release', { release: 'yoga' }, /spec\.release: Unsupported value: "yoga": supported values: "zed"/],
  [
    'two networks with one name',
    { bootstrap: { networks: [{ name: 'net' }, { name: 'net' }] } },
    /spec\.bootstrap\.networks\[1\]: Duplicate value: \{"name":"net"\}/,
  ],
  [
    'two subnets with one name',
    network({
      subnets: [
        { name: 's', cidr: '10.0.0.0/24' },
        { name: 's', cidr: '10.0.1.0/24' },
      ],
    }),
    /spec\.bootstrap\.networks\[0\]\.subnets\[1\]: Duplicate value/,
  ],
  ['a misspelt key', { services: { nova: { replicsa: 2 } } }, /unknown field "spec\.services\.nova\.replicsa"/],
  ['a misspelt key in a list', image({ source: { url }, diskFromat: 'raw' }), /unknown field "spec\.bootstrap\.images\[0\]\.diskFromat"/],

  [
    'a pool outside its CIDR',
    subnet({ pools: [{ start: '192.168.1.100', end: '192.168.2.10' }] }),
    /networks\[0\]\.subnets\[0\]\.pools: Invalid value: .*a pool of subnet sub is not inside its CIDR 192\.168\.0\.0\/23/,
  ],
  [
    'a pool that ends before it starts',
    subnet({ pools: [{ start: '192.168.1.9', end: '192.168.0.200' }] }),
    /pools\[0\]\.start: Invalid value: .*must not be above end/,
  ],
  ['a pool of no addresses', subnet({ pools: [{ start: '192.168.0.x', end: '192.168.0.300' }] }), /pools\[0\]\.start: Invalid value: .*must be an IP address/],
  [
    'a gateway outside the CIDR',
    subnet({ gateway: '192.168.2.1' }),
    /subnets\[0\]\.gateway: Invalid value: .*192\.168\.2\.1 is not inside the CIDR 192\.168\.0\.0\/23/,
  ],
  [
    'a gateway inside a pool',
    subnet({ gateway: '192.168.0.110', pools: [{ start: '192.168.0.100', end: '192.168.1.20' }] }),
    /subnets\[0\]\.gateway: Invalid value: .*192\.168\.0\.110 is inside a pool/,
  ],
  ['a gateway that is no address', subnet({ gateway: 'gateway' }), /subnets\[0\]\.gateway: Invalid value: .*must be an IP address/],
  [
    'a dashboard without a cache for its sessions',
    { backing: { cache: { enabled: false } } },
    /spec\.backing\.cache\.enabled: Invalid value: .*keeps its sessions in the cache.*set services\.horizon\.enabled to false/,
  ],
  [
    'an override for nodes without a label',
    { nodeOverrides: [{ name: 'all', nodeSelector: {}, nova: {} }] },
    /nodeOverrides\[0\]\.nodeSelector: Invalid value: .*needs a label; what is for all nodes belongs into overrides/,
  ],
  [
    'an override for nodes of a file that nodes do not read',
    { nodeOverrides: [{ name: 'a', nodeSelector: { a: '' }, nova: { 'nova.conf': {} } }] },
    /nodeOverrides\[0\]\.nova: Invalid value: .*unknown file; this service has nova-compute\.conf/,
  ],
  [
    'two overrides for nodes with one name',
    {
      nodeOverrides: [
        { name: 'a', nodeSelector: { a: '' } },
        { name: 'a', nodeSelector: { b: '' } },
      ],
    },
    /nodeOverrides\[1\]: Duplicate value/,
  ],
  ['a database without a host', { backing: { database: { external: {} } } }, /backing\.database\.external\.host: Required value/],
  ['a database at a host with a port', external('database', { host: 'db:3306' }), /database\.external\.host: Invalid value: "db:3306"/],
  ['a broker at no port', external('messaging', { port: 0 }), /messaging\.external\.port: Invalid value: 0: .*greater than or equal to 1/],
  ['TLS without an authority', external('database', { tls: {} }), /database\.external\.tls\.caSecret: Required value/],
  ['TLS with a cache', external('cache', { tls: {} }), /unknown field "spec\.backing\.cache\.external\.tls"/],
  [
    'an external cache that is off',
    external('cache', {}, { enabled: false }),
    /backing\.cache\.external: Invalid value: .*leave it out, or set backing\.cache\.enabled to true/,
  ],
  [
    'an external etcd that is off',
    external('coordination', {}, { enabled: false }),
    /backing\.coordination\.external: Invalid value: .*leave it out, or set backing\.coordination\.enabled to true/,
  ],
  [
    'a session of no time',
    { services: { horizon: { sessionTimeoutMinutes: 0 } } },
    /horizon\.sessionTimeoutMinutes: Invalid value: 0: .*greater than or equal to 1/,
  ],
  ['a host of the dashboard with a port', { services: { horizon: { allowedHosts: ['cloud:443'] } } }, /horizon\.allowedHosts\[0\]: Invalid value: "cloud:443"/],
  ['a setting in small letters', { services: { horizon: { settings: { debug: 'true' } } } }, /horizon\.settings: Invalid value: .*capital letters/],
  [
    'a URL of an unknown service',
    { endpoints: { urls: { swift: 'https://a.example' } } },
    /endpoints\.urls: Invalid value: .*unknown service; there are .*keystone, neutron, nova, nova-novncproxy, placement/,
  ],
  ['a URL with a path', { endpoints: { urls: { horizon: 'https://a.example/dashboard' } } }, /endpoints\.urls\.horizon: Invalid value/],
  [
    'an unknown network mode',
    { services: { neutron: { mode: 'Bridge' } } },
    /neutron\.mode: Unsupported value: "Bridge": supported values: "SelfService", "Provider"/,
  ],
  [
    'a router without self-service networks',
    { services: { neutron: { mode: 'Provider' } }, bootstrap: { routers: [{ name: 'r', project: 'p', externalNetwork: 'n', subnets: ['s'] }] } },
    /bootstrap\.routers: Invalid value: .*services\.neutron\.mode is Provider/,
  ],
  [
    'a self-service network without self-service networks',
    { services: { neutron: { mode: 'Provider' } }, ...network({}) },
    /bootstrap\.networks: Invalid value: .*each network needs `provider`/,
  ],
  ['a CIDR with bits behind its prefix', subnet({ cidr: '192.168.0.7/23' }), /subnets\[0\]\.cidr: Invalid value: .*must be a network such as/],
  ['a CIDR that is none', subnet({ cidr: '192.168.0.0/33' }), /subnets\[0\]\.cidr: Invalid value: .*must be a network such as/],
  ['an IPv6 CIDR in another notation', subnet({ cidr: 'FD00:1:0::/64' }), /subnets\[0\]\.cidr: Invalid value: .*must be a network such as/],
  [
    'a gateway of the other family',
    subnet({ cidr: 'fd00:1::/64', gateway: '10.0.0.1' }),
    /subnets\[0\]\.gateway: Invalid value: .*not inside the CIDR fd00:1::\/64/,
  ],
  [
    'a pool of the other family',
    subnet({ pools: [{ start: 'fd00:1::2', end: 'fd00:1::9' }] }),
    /subnets\[0\]\.pools: Invalid value: .*not inside its CIDR 192\.168\.0\.0\/23/,
  ],
  ['modes of IPv6 on a subnet of IPv4', subnet({ ipv6AddressMode: 'slaac' }), /subnets\[0\]\.cidr: Invalid value: .*only a subnet of IPv6/],
  ['an unknown mode of IPv6', subnet({ cidr: 'fd00:1::/64', ipv6RaMode: 'ra' }), /ipv6RaMode: Unsupported value: "ra"/],
  [
    'two modes of IPv6',
    subnet({ cidr: 'fd00:1::/64', ipv6AddressMode: 'slaac', ipv6RaMode: 'dhcpv6-stateful' }),
    /subnets\[0\]\.ipv6RaMode: Invalid value: .*must be the same/,
  ],
  [
    'SLAAC outside of a /64',
    subnet({ cidr: 'fd00:1::/56', ipv6AddressMode: 'slaac', ipv6RaMode: 'slaac' }),
    /subnets\[0\]\.cidr: Invalid value: .*take a \/64/,
  ],
  ['SLAAC without DHCP', subnet({ cidr: 'fd00:1::/64', ipv6RaMode: 'slaac', dhcp: false }), /subnets\[0\]\.dhcp: Invalid value: .*must be true/],
  [
    'a name server that is no address',
    subnet({ dnsNameservers: ['dns.example.com'] }),
    /subnets\[0\]\.dnsNameservers: Invalid value: .*each must be an IP address/,
  ],

  [
    'a flat network without a physical one',
    network({ provider: { type: 'flat' } }),
    /networks\[0\]\.provider\.physicalNetwork: Invalid value: .*types flat and vlan need it/,
  ],
  [
    'a flat network with a segment',
    network({ provider: { type: 'flat', physicalNetwork: 'provider', segmentationId: 7 } }),
    /provider\.segmentationId: Invalid value: .*flat and local cannot have it/,
  ],
  [
    'a VLAN without a tag',
    network({ provider: { type: 'vlan', physicalNetwork: 'p' } }),
    /provider\.segmentationId: Invalid value: .*types vlan and vxlan need it/,
  ],
  [
    'a VLAN with too big a tag',
    network({ provider: { type: 'vlan', physicalNetwork: 'p', segmentationId: 4095 } }),
    /provider\.segmentationId: Invalid value: .*from 1 to 4094/,
  ],
  [
    'a VXLAN with a physical network',
    network({ provider: { type: 'vxlan', physicalNetwork: 'p', segmentationId: 7 } }),
    /provider\.physicalNetwork: Invalid value: .*vxlan and local cannot have it/,
  ],
  ['an unknown type of network', network({ provider: { type: 'geneve' } }), /provider\.type: Unsupported value: "geneve"/],
  ['a GRE network', network({ provider: { type: 'gre' } }), /provider\.type: Invalid value: .*GRE is not a network type of the linuxbridge agent/],
  [
    'GRE for networks of projects',
    { services: { neutron: { tenantNetworkType: 'gre' } } },
    /neutron\.tenantNetworkType: Invalid value: .*GRE is not a network type of the linuxbridge agent/,
  ],
  [
    'a physical network that nobody declared',
    network({ provider: { type: 'flat', physicalNetwork: 'other' } }),
    /bootstrap\.networks: Invalid value: .*must be the name of one of services\.neutron\.physicalNetworks/,
  ],
  [
    'a VXLAN without self-service networks',
    { services: { neutron: { mode: 'Provider' } }, ...network({ provider: { type: 'vxlan', segmentationId: 7 } }) },
    /bootstrap\.networks: Invalid value: .*of type flat or vlan where services\.neutron\.mode is Provider/,
  ],
  [
    'an interface for no node',
    { services: { neutron: { physicalNetworks: [{ name: 'a', interface: 'eth1', overrides: [{ nodeSelector: {}, interface: 'ens3' }] }] } } },
    /overrides\[0\]\.nodeSelector: Invalid value: .*must name at least one label/,
  ],
  [
    'an interface of some nodes with a name that Linux has not',
    { services: { neutron: { physicalNetworks: [{ name: 'a', interface: 'eth1', overrides: [{ nodeSelector: { a: 'b' }, interface: 'a:b' }] }] } } },
    /overrides\[0\]\.interface: Invalid value: .*should match/,
  ],
  ['an MTU that Ethernet has not', { services: { neutron: { mtu: 9217 } } }, /neutron\.mtu: Invalid value: .*less than or equal to 9216/],
  [
    'an MTU that IPv6 does not allow',
    { services: { neutron: { physicalNetworks: [{ name: 'a', interface: 'eth1', mtu: 1279 }] } } },
    /physicalNetworks\[0\]\.mtu: Invalid value: .*greater than or equal to 1280/,
  ],
  [
    'a tunnel that is found by two things',
    { services: { neutron: { tunnel: { interface: 'eth2', cidr: '10.0.0.0/8' } } } },
    /neutron\.tunnel: Invalid value: .*exclude each other/,
  ],
  ['a tunnel in no network', { services: { neutron: { tunnel: { cidr: '10.0.0.1/8' } } } }, /tunnel\.cidr: Invalid value: .*must be an IPv4 network/],
  ['no DHCP agent', { services: { neutron: { dhcpAgentsPerNetwork: 0 } } }, /dhcpAgentsPerNetwork: Invalid value: .*greater than or equal to 1/],
  [
    'a highly available router on one node',
    { services: { neutron: { routers: { agentsPerRouter: 1 } } } },
    /agentsPerRouter: Invalid value: .*greater than or equal to 2/,
  ],

  ['an image from nowhere', image({ source: {} }), /images\[0\]\.source: Invalid value: .*exactly one of url and containerImage/],
  [
    'an image from two places',
    image({ source: { url, containerImage: { image: 'guest', path: '/a' } } }),
    /images\[0\]\.source: Invalid value: .*exactly one of url and containerImage/,
  ],
  ['an image from a file', image({ source: { url: 'file:///etc/passwd' } }), /images\[0\]\.source\.url: Invalid value: .*should match/],
  ['a short checksum', image({ source: { url }, sha256: 'abc' }), /images\[0\]\.sha256: Invalid value: .*should match/],
  [
    'a relative path in a container image',
    image({ source: { containerImage: { image: 'guest', path: 'a' } } }),
    /containerImage\.path: Invalid value: .*should match/,
  ],
  ['a format that Glance does not have', image({ source: { url }, diskFormat: 'dmg' }), /images\[0\]\.diskFormat: Unsupported value: "dmg"/],
  [
    'a kernel that is wrapped as nothing',
    image({ source: { url }, diskFormat: 'aki', containerFormat: 'bare' }),
    /images\[0\]\.containerFormat: Invalid value: .*same as diskFormat.*leave it out/,
  ],
  [
    'a disk that is wrapped as a kernel',
    image({ source: { url }, diskFormat: 'raw', containerFormat: 'aki' }),
    /images\[0\]\.containerFormat: Invalid value: .*same as diskFormat/,
  ],
  [
    'a CD with a kernel',
    image({ source: { url }, diskFormat: 'iso', kernel: 'vmlinuz' }),
    /images\[0\]\.kernel: Invalid value: .*only an image whose diskFormat is raw, qcow2 or ami/,
  ],
  ['a kernel with a kernel', image({ source: { url }, diskFormat: 'aki', kernel: 'vmlinuz' }), /images\[0\]\.kernel: Invalid value: .*correct diskFormat/],
  [
    'a ramdisk without a kernel',
    image({ source: { url }, diskFormat: 'ami', ramdisk: 'initrd' }),
    /images\[0\]\.ramdisk: Invalid value: .*set kernel, or leave ramdisk out/,
  ],
  [
    'an image that is its own kernel',
    image({ source: { url }, diskFormat: 'ami', kernel: 'cirros' }),
    /bootstrap\.images: Invalid value: .*kernel names an image of this list whose diskFormat is not aki/,
  ],
  [
    'a ramdisk that is a kernel',
    {
      bootstrap: {
        images: [
          { name: 'k', source: { url }, diskFormat: 'aki' },
          { name: 'a', source: { url }, diskFormat: 'ami', kernel: 'k', ramdisk: 'k' },
        ],
      },
    },
    /bootstrap\.images: Invalid value: .*ramdisk names an image of this list whose diskFormat is not ari/,
  ],
  ['a flavor without memory', { bootstrap: { flavors: [{ name: 'f', vcpus: 1 }] } }, /flavors\[0\]\.ramMiB: Required value/],
  [
    'a flavor without processors',
    { bootstrap: { flavors: [{ name: 'f', vcpus: 0, ramMiB: 1 }] } },
    /flavors\[0\]\.vcpus: Invalid value: .*greater than or equal to 1/,
  ],
  [
    'a server without a network',
    { bootstrap: { servers: [{ name: 's', project: 'p', user: 'u', flavor: 'f', image: 'i', networks: [] }] } },
    /servers\[0\]\.networks: Invalid value: .*at least 1 items/,
  ],
  [
    'a key pair whose Secret has no name',
    { bootstrap: { keyPairs: [{ name: 'My Key', user: 'u' }] } },
    /keyPairs\[0\]\.name: Invalid value: .*or set publicKey/,
  ],
  [
    'a first port above the last',
    rule({ protocol: 'tcp', portMin: 80, portMax: 22 }),
    /securityGroupRules\[0\]\.portMin: Invalid value: .*must not be greater than portMax/,
  ],
  ['ports without a protocol', rule({ portMin: 80 }), /securityGroupRules\[0\]\.protocol: Invalid value: .*must be set when/],
  ['a remote CIDR that is none', rule({ remoteCidr: '0.0.0.0' }), /securityGroupRules\[0\]\.remoteCidr: Invalid value: .*must be a CIDR/],
  [
    'a remote CIDR of the other family',
    rule({ remoteCidr: '::/0' }),
    /securityGroupRules\[0\]\.remoteCidr: Invalid value: .*of the family that ethertype says/,
  ],

  ['a mode of time that is none', { timeSync: { mode: 'On' } }, /timeSync\.mode: Unsupported value: "On"/],
  ['clocks that are measured against nothing', { timeSync: { mode: 'Monitor' } }, /timeSync\.servers: Invalid value: .*at least one server/],
  ['clocks that are set by nothing', { timeSync: { mode: 'Synchronize', servers: [] } }, /timeSync\.servers: Invalid value: .*at least one server/],
  ['an NTP server with options', { timeSync: { servers: ['ntp.example.com iburst'] } }, /timeSync\.servers\[0\]: Invalid value: .*should match/],
  ['an NTP server with an impossible address', { timeSync: { servers: ['10.0.0.300'] } }, /timeSync\.servers\[0\]: Invalid value: .*host name or an IP/],
  ['an NTP server with a port', { timeSync: { servers: ['ntp.example.com:123'] } }, /timeSync\.servers\[0\]: Invalid value: .*host name or an IP/],
  ['one NTP server twice', { timeSync: { servers: ['10.0.0.1', '10.0.0.1'] } }, /timeSync\.servers\[1\]: Duplicate value/],
  ['a limit that every measurement exceeds', { timeSync: { maxOffsetMilliseconds: 0 } }, /maxOffsetMilliseconds: Invalid value: .*greater than or equal to 10/],

  ['a role on nothing', user({ roles: [{ role: 'member' }] }), /users\[0\]\.roles\[0\]: Invalid value: .*exactly one of project, domain and system/],
  [
    'a role on two things',
    user({ roles: [{ role: 'member', project: 'p', system: 'all' }] }),
    /users\[0\]\.roles\[0\]: Invalid value: .*exactly one of project, domain and system/,
  ],
  [
    'a group with a role on nothing',
    group({ roles: [{ role: 'reader' }] }),
    /groups\[0\]\.roles\[0\]: Invalid value: .*exactly one of project, domain and system/,
  ],
  [
    'a group with a role on two things',
    group({ roles: [{ role: 'reader', domain: 'Default', system: 'all' }] }),
    /groups\[0\]\.roles\[0\]: Invalid value: .*exactly one of project, domain and system/,
  ],
  [
    'a quota below unlimited',
    quotas({ compute: { instances: -2 } }),
    /projects\[0\]\.quotas\.compute\.instances: Invalid value: .*greater than or equal to -1/,
  ],
  [
    'a quota that no database holds',
    quotas({ network: { ports: 2147483648 } }),
    /projects\[0\]\.quotas\.network\.ports: Invalid value: .*less than or equal to 2147483647/,
  ],
  ['a quota of parts', quotas({ compute: { cores: 1.5 } }), /projects\[0\]\.quotas\.compute\.cores: Invalid value: .*integer/],
  ['a quota that is none', quotas({ network: { floatingIPs: 1 } }), /unknown field "spec\.identity\.projects\[0\]\.quotas\.network\.floatingIPs"/],
  ['policies of a service that has none', { policies: { mariadb: {} } }, /unknown field "spec\.policies\.mariadb"/],
  [
    'a policy that is no rule',
    { policies: { nova: { 'os_compute_api:servers:create': true } } },
    /policies\.nova\.os_compute_api:servers:create: Invalid value: .*string/,
  ],
  ['a group without a name', group({ name: '' }), /groups\[0\]\.name: Invalid value: .*at least 1 chars/],
  ['two groups with one name', { identity: { groups: [{ name: 'a' }, { name: 'a' }] } }, /groups\[1\]: Duplicate value/],
  ['a user twice in one group', user({ groups: ['a', 'a'] }), /users\[0\]\.groups\[1\]: Duplicate value: "a"/],
  ['a user of the operator', user({ name: 'nova' }), /users\[0\]\.name: Forbidden: .*nova is a user of the operator/],
  ['a user whose Secret has no name', user({ name: 'My User' }), /users\[0\]\.name: Invalid value: .*My User cannot be a part of the name of a Secret/],

  [
    'two physical networks on one interface',
    {
      services: {
        neutron: {
          physicalNetworks: [
            { name: 'a', interface: 'eth1' },
            { name: 'b', interface: 'eth1' },
          ],
        },
      },
    },
    /physicalNetworks: Invalid value: .*cannot share one interface/,
  ],
  [
    'two physical networks with one name',
    {
      services: {
        neutron: {
          physicalNetworks: [
            { name: 'a', interface: 'eth1' },
            { name: 'a', interface: 'eth2' },
          ],
        },
      },
    },
    /physicalNetworks\[1\]: Duplicate value/,
  ],
  ['no physical network', { services: { neutron: { physicalNetworks: [] } } }, /physicalNetworks: Invalid value: .*at least 1 items/],
  [
    'an interface with a name that Linux has not',
    { services: { neutron: { physicalNetworks: [{ name: 'a', interface: 'a-name-of-16-char' }] } } },
    /physicalNetworks\[0\]\.interface: Too long/,
  ],
  [
    'a range of VNIs that ends before it starts',
    { services: { neutron: { vniRange: { start: 9, end: 3 } } } },
    /vniRange\.start: Invalid value: .*must not be greater than end/,
  ],
  ['volumes without a backend', { services: { cinder: { enabled: true } } }, /services\.cinder\.backends: Invalid value: .*declare a backend/],
  ['a backend that is nothing', cinder({ name: 'ceph' }), /services\.cinder\.backends\[0\]: Invalid value: .*exactly one of rbd, nfs and lvm/],
  [
    'a backend that is two things',
    cinder({ name: 'ceph', nfs: { shares: ['nas:/v'] }, lvm: {} }),
    /backends\[0\]: Invalid value: .*exactly one of rbd, nfs and lvm/,
  ],
  ['a backend with a name that no pod can have', cinder({ name: 'My Ceph', lvm: {} }), /backends\[0\]\.name: Invalid value: .*should match/],
  [
    'two places for backups',
    cinder(rbd('a', { backupPool: 'b' }), rbd('b', { backupPool: 'b' })),
    /services\.cinder\.backends: Invalid value: .*one backend at most may have rbd\.backupPool/,
  ],
  ['a Ceph without monitors', cinder(rbd('a', { monitors: [] })), /rbd\.monitors: Invalid value: .*at least 1 items/],
  ['a monitor that is a URL', cinder(rbd('a', { monitors: ['http://mon'] })), /rbd\.monitors\[0\]: Invalid value: .*should match/],
  ['a share that is none', cinder({ name: 'nas', nfs: { shares: ['/volumes'] } }), /nfs\.shares\[0\]: Invalid value: .*should match/],
  [
    'volumes without etcd',
    { services: { cinder: { enabled: true, backends: [{ name: 'a', lvm: {} }] } }, backing: { coordination: { enabled: false } } },
    /backing\.coordination\.enabled: Invalid value: .*Cinder keeps its locks in etcd/,
  ],
  ['a quota of volumes that is no number', quotas({ volume: { volumes: 'many' } }), /quotas\.volume\.volumes: Invalid value: .*integer/],
  ['replicas of Glance on a volume for one', { services: { glance: { replicas: 2 } } }, /services\.glance\.replicas: Invalid value: .*ReadWriteMany/],
  ['no replica', { services: { keystone: { replicas: 0 } } }, /services\.keystone\.replicas: Invalid value: .*greater than or equal to 1/],
  ['a size that is none', { backing: { database: { storage: { size: '5 Gi' } } } }, /backing\.database\.storage\.size: Invalid value: .*should match/],
  [
    'memory that is none',
    { services: { nova: { resources: { limits: { memory: 'much' } } } } },
    /services\.nova\.resources\.limits\.memory: Invalid value: .*should match/,
  ],
  [
    'an override for a file that the service has not',
    { overrides: { nova: { 'novaa.conf': { DEFAULT: { debug: 'true' } } } } },
    /overrides\.nova: Invalid value: .*unknown file; this service has nova\.conf/,
  ],
  [
    'an override that is no string',
    { overrides: { nova: { 'nova.conf': { DEFAULT: { debug: true } } } } },
    /overrides\.nova\.nova\.conf\.DEFAULT\.debug: Invalid value: .*string/,
  ],
]

/** What is changed, the spec before, the spec after, and what the refusal says. */
export const badChanges: readonly [what: string, before: Json, after: Json, sentence: RegExp][] = [
  ['the region', {}, { region: 'RegionTwo' }, /spec\.region: Forbidden: .*cannot be changed/],
  ['the size of a volume', {}, { backing: { database: { storage: { size: '6Gi' } } } }, /backing\.database\.storage: Forbidden: .*cannot be changed/],
  ['to another database', {}, external('database'), /backing\.database\.external: Forbidden: .*would be an empty one/],
  [
    'to a database of the cloud itself',
    external('database'),
    { backing: { database: { external: null } } },
    /backing\.database\.external: Forbidden: .*would be an empty one/,
  ],
  ['to another broker', {}, external('messaging'), /backing\.messaging\.external: Forbidden: .*gone before the services know the other one/],
  ['to another etcd', {}, external('coordination'), /backing\.coordination\.external: Forbidden: .*locks would be in two of them/],
  [
    'the StorageClass of a volume',
    {},
    { services: { glance: { storage: { storageClassName: 'fast' } } } },
    /services\.glance\.storage: Forbidden: .*cannot be changed/,
  ],
  ['the pool of a backend', cinder(rbd('a')), cinder(rbd('a', { pool: 'other' })), /backends\[0\]: Forbidden: .*the pool of a backend cannot be changed/],
  [
    'what a backend is',
    cinder({ name: 'a', lvm: {} }),
    cinder({ name: 'a', nfs: { shares: ['nas:/v'] } }),
    /backends\[0\]: Forbidden: .*declare another backend/,
  ],
  ['the pool of images', glance('images'), glance('others'), /services\.glance\.rbd: Forbidden: .*cannot be taken away or changed/],
  ['images away from Ceph', glance('images'), { services: { glance: { rbd: null } } }, /services\.glance\.rbd: Forbidden: .*cannot be taken away/],
  ['the CIDR of a subnet', subnet({}), subnet({ cidr: '192.168.0.0/24' }), /subnets\[0\]\.cidr: Forbidden: .*cannot be changed/],
  [
    'the type of a network',
    network({ provider: { type: 'local' } }),
    network({ provider: { type: 'vxlan', segmentationId: 9 } }),
    /networks\[0\]\.provider: Forbidden: .*cannot be changed/,
  ],
]

/** Specs that look odd and are fine. */
export const goodSpecs: readonly [what: string, spec: Json][] = [
  ['nothing', {}],
  ['an empty service', { services: { nova: {} } }],
  [
    'a server on things that are made elsewhere',
    { bootstrap: { servers: [{ name: 's', project: 'p', user: 'u', flavor: 'f', image: 'i', networks: ['n'] }] } },
  ],
  ['a pool up to the ends of its CIDR', subnet({ gateway: '192.168.0.1', pools: [{ start: '192.168.0.2', end: '192.168.1.254' }] })],
  [
    'a gateway between two pools',
    subnet({
      gateway: '192.168.1.1',
      pools: [
        { start: '192.168.0.2', end: '192.168.1.0' },
        { start: '192.168.1.2', end: '192.168.1.9' },
      ],
    }),
  ],
  ['an image of every format', { bootstrap: { images: everyFormat.map((diskFormat) => ({ name: diskFormat, diskFormat, source: { url } })) } }],
  [
    'a machine image with its kernel and ramdisk, one of them made elsewhere',
    {
      bootstrap: {
        images: [
          { name: 'vmlinuz', source: { url }, diskFormat: 'aki', containerFormat: 'aki' },
          { name: 'root', source: { url }, diskFormat: 'ami', kernel: 'vmlinuz', ramdisk: 'initrd' },
        ],
      },
    },
  ],
  ['type and code of icmp', rule({ protocol: 'icmp', portMin: 8, portMax: 0 })],
  ['a subnet of IPv6', subnet({ cidr: 'fd00:1::/64', gateway: 'fd00:1::1', ipv6AddressMode: 'slaac', ipv6RaMode: 'slaac' })],
  ['pools of IPv6', subnet({ cidr: 'fd00:1::/64', pools: [{ start: 'fd00:1::2', end: 'fd00:1::ffff' }] })],
  ['an IPv6 subnet for a router outside', subnet({ cidr: 'fd00:1::/64', ipv6AddressMode: 'slaac' })],
  [
    'interfaces by node',
    {
      services: {
        neutron: {
          physicalNetworks: [
            { name: 'provider', interface: 'eth1', mtu: 9000, overrides: [{ nodeSelector: { 'kubernetes.io/hostname': 'b' }, interface: 'ens3' }] },
          ],
          tunnel: { cidr: '10.20.0.0/16' },
          routers: { highAvailability: true },
        },
      },
    },
  ],
  ['IPv6 rules', rule({ ethertype: 'IPv6', remoteCidr: '::/0' })],
  ['a user with a password of its own', user({ name: 'my.user', passwordSecret: { name: 'my-user' } })],
  ['a user named nova in another domain', user({ name: 'nova', domain: 'Customers' })],
  ['quotas of nothing, of some and of as much as there is', quotas({ compute: { instances: 0, ramMiB: -1 }, network: { ports: 2147483647 } })],
  ['a policy that lets everybody in', { policies: { nova: { 'os_compute_api:servers:create': '' } } }],
  ['a user in a group that is made elsewhere', user({ groups: ['others'] })],
  [
    'a group with roles on all kinds of places',
    group({
      roles: [
        { role: 'r', project: 'p' },
        { role: 'r', domain: 'd' },
        { role: 'r', system: 'all' },
      ],
    }),
  ],
  ['CPUs as a number and as a string', { services: { nova: { resources: { requests: { cpu: 1, memory: '1Gi' }, limits: { cpu: '1500m' } } } } }],
  ['replicas of Glance on a volume for many', { services: { glance: { replicas: 2, storage: { accessMode: 'ReadWriteMany', storageClassName: 'nfs' } } } }],
  [
    'backends of all kinds',
    cinder(
      rbd('ceph', { backupPool: 'b', monitors: ['10.0.0.1:6789', 'mon-b'] }),
      { name: 'nas', nfs: { shares: ['nas.example.com:/v'] } },
      { name: 'disks', lvm: {} },
    ),
  ],
  ['backends of a Cinder that is off', { services: { cinder: { backends: [{ name: 'disks', lvm: {} }] } }, backing: { coordination: { enabled: false } } }],
  [
    'backing services of somebody else',
    {
      backing: {
        database: { external: { host: 'db', tls: { caSecret: { name: 'db-ca' } }, adminSecret: { name: 'db-admin', passwordKey: 'password.txt' } } },
        messaging: { external: { host: '10.0.0.7', port: 5671, managementPort: 443 } },
        cache: { external: { host: 'cache.example.com' } },
        coordination: { external: { host: 'etcd', tls: { caSecret: { name: 'etcd-ca', key: 'ca.pem' }, clientSecret: { name: 'etcd-client' } } } },
      },
    },
  ],
  [
    'overrides for some nodes',
    { nodeOverrides: [{ name: 'a', nodeSelector: { 'example.com/disk': 'nvme' }, neutron: { 'l3_agent.ini': { DEFAULT: { debug: 'true' } } } }] },
  ],
  ['overrides', { overrides: { neutron: { 'ml2_conf.ini': { ml2: { path_mtu: '9000' } } } } }],
  ['NTP servers of every kind', { timeSync: { mode: 'Monitor', servers: ['ntp.example.com', '10.0.0.1', 'fd00::1', '::1', '0.pool.ntp.org'] } }],
  ['NTP servers that wait to be asked again', { timeSync: { mode: 'Off', servers: ['ntp'] } }],
  ['a release that stays', { release: 'zed' }],
]
