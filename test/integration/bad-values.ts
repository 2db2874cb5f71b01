// Values that single fields refuse: of another type, outside of their limits, in a form that they do not have. Each with what the refusal must name.

import type { Json } from './admission-cases.ts'

const service = (name: string, more: Json): Json => ({ services: { [name]: more } })
const first = (list: string, more: Json): Json => ({ bootstrap: { [list]: [more] } })
const flavor = (more: Json): Json => first('flavors', { name: 'm1.tiny', vcpus: 1, ramMiB: 512, ...more })
const image = (more: Json): Json => first('images', { name: 'cirros', source: { url: 'https://example.com/a.img' }, ...more })
const server = (more: Json): Json => first('servers', { name: 'vm0', project: 'p', user: 'u', flavor: 'f', image: 'i', networks: ['n'], ...more })
const rule = (more: Json): Json => first('securityGroupRules', { project: 'p', ...more })

/** What is wrong, the spec, and what the refusal says: the field and what would be right. */
export const badValues: readonly [what: string, spec: Json, sentence: RegExp][] = [
  ['a region with a space', { region: 'Region One' }, /spec\.region: Invalid value: "Region One": .*should match '\^\[A-Za-z0-9\]/],
  ['a registry with a scheme', { images: { registry: 'Https://registry' } }, /images\.registry: Invalid value: "Https/],
  ['a registry in capital letters', { images: { registry: 'Registry' } }, /spec\.images\.registry: Invalid value: "Registry": .*should match/],
  ['no registry', { images: { registry: '' } }, /spec\.images\.registry: Invalid value: "": .*at least 1 chars long/],
  [
    'a pull policy that is none',
    { images: { pullPolicy: 'Sometimes' } },
    /images\.pullPolicy: Unsupported value: "Sometimes": supported values: "IfNotPresent", "Always", "Never"/,
  ],
  ['a Secret with a name that none has', { images: { pullSecrets: [{ name: 'My_Secret' }] } }, /images\.pullSecrets\[0\]\.name: Invalid value: "My_Secret"/],
  ['one Secret for the registry twice', { images: { pullSecrets: [{ name: 'a' }, { name: 'a' }] } }, /images\.pullSecrets\[1\]: Duplicate value/],
  ['an image that is nothing', { images: { overrides: { keystone: '' } } }, /images\.overrides\.keystone: Invalid value: "": .*at least 1 chars/],
  ['a type of endpoints that is none', { endpoints: { type: 'Ingress' } }, /endpoints\.type: Unsupported value: "Ingress": supported values: "NodePort"/],
  ['a host with a scheme', { endpoints: { host: 'http://cloud' } }, /endpoints\.host: Invalid value: "http:\/\/cloud": .*should match/],
  ['a URL without a scheme', { endpoints: { urls: { keystone: 'cloud.example.com' } } }, /endpoints\.urls\.keystone: Invalid value: .*should match '\^https\?/],
  ['a cache of bytes', { backing: { cache: { memoryMiB: 8 } } }, /backing\.cache\.memoryMiB: Invalid value: 8: .*greater than or equal to 16/],
  ['a cache of text', { backing: { cache: { memoryMiB: '64Mi' } } }, /backing\.cache\.memoryMiB: Invalid value: "string": .*must be of type integer/],
  [
    'a StorageClass with a name that none has',
    { backing: { messaging: { storage: { storageClassName: 'Fast Disks' } } } },
    /backing\.messaging\.storage\.storageClassName: Invalid value: "Fast Disks"/,
  ],
  ['processors that are none', { backing: { database: { resources: { requests: { cpu: 'all' } } } } }, /resources\.requests\.cpu: Invalid value: "all"/],
  ['a GPU', { backing: { database: { resources: { limits: { gpu: 1 } } } } }, /unknown field "spec\.backing\.database\.resources\.limits\.gpu"/],
  ['too many replicas', service('neutron', { replicas: 10 }), /services\.neutron\.replicas: Invalid value: 10: .*less than or equal to 9/],
  ['replicas in words', service('nova', { replicas: 'two' }), /services\.nova\.replicas: Invalid value: "string": .*must be of type integer/],
  ['a service that is nothing', { services: { nova: null, keystone: 7 } }, /services\.keystone: Invalid value: "integer": .*must be of type object/],
  ['a token of a minute', service('keystone', { tokenExpirationMinutes: 1 }), /keystone\.tokenExpirationMinutes: Invalid value: 1: .*equal to 5/],
  ['a token of a year', service('keystone', { tokenExpirationMinutes: 525600 }), /keystone\.tokenExpirationMinutes: Invalid value: .*equal to 10080/],
  ['keys that change each minute', service('keystone', { fernetRotationMinutes: 1 }), /keystone\.fernetRotationMinutes: Invalid value: 1: .*equal to 2/],
  ['a processor promised to nobody', service('nova', { cpuAllocationRatio: 0 }), /nova\.cpuAllocationRatio: Invalid value: 0.*should be greater than 0/],
  ['more memory than is believable', service('nova', { ramAllocationRatio: 1001 }), /nova\.ramAllocationRatio: Invalid value: 1001: .*equal to 1000/],
  ['metadata that are neither on nor off', service('nova', { metadata: { enabled: 'yes' } }), /nova\.metadata\.enabled: .*must be of type boolean/],
  ['an access mode that is none', service('glance', { storage: { accessMode: 'ReadOnlyMany' } }), /glance\.storage\.accessMode: Unsupported value: "ReadOnly/],
  ['images in a pool without monitors', service('glance', { rbd: { keyringSecret: { name: 'ceph' } } }), /services\.glance\.rbd\.monitors: Required value/],
  ['images in a pool without a key', service('glance', { rbd: { monitors: ['mon'] } }), /services\.glance\.rbd\.keyringSecret: Required value/],
  ['a session longer than a week', service('horizon', { sessionTimeoutMinutes: 20000 }), /horizon\.sessionTimeoutMinutes: Invalid value: .*10080/],
  ['a physical network with a slash', service('neutron', { physicalNetworks: [{ name: 'a/b', interface: 'eth1' }] }), /physicalNetworks\[0\]\.name: Invalid/],
  ['a physical network without an interface', service('neutron', { physicalNetworks: [{ name: 'a' }] }), /physicalNetworks\[0\]\.interface: Required/],
  ['a VNI that VXLAN has not', service('neutron', { vniRange: { end: 16777216 } }), /vniRange\.end: Invalid value: .*equal to 16777215/],
  ['a way to run guests that is none', { hypervisors: { virtType: 'xen' } }, /hypervisors\.virtType: Unsupported value: "xen": supported values: "auto"/],
  ['hypervisors by a list', { hypervisors: { nodeSelector: ['a'] } }, /hypervisors\.nodeSelector: Invalid value: "array": .*must be of type object/],
  ['a label that is too long', { networkNodes: { nodeSelector: { a: 'b'.repeat(64) } } }, /networkNodes\.nodeSelector\.a: Too long: .*63/],
  ['a domain without a name', { identity: { domains: [{}] } }, /identity\.domains\[0\]\.name: Required value/],
  ['a project with a space at its end', { identity: { projects: [{ name: 'p ' }] } }, /identity\.projects\[0\]\.name: Invalid value: "p ": .*should match/],
  ['a role with too long a name', { identity: { roles: [{ name: 'r'.repeat(65) }] } }, /identity\.roles\[0\]\.name: Too long: .*64/],
  ['a role on some systems', { identity: { users: [{ name: 'u', roles: [{ role: 'r', system: 'some' }] }] } }, /roles\[0\]\.system: Unsupported value: "some"/],
  ['a password in the open', { identity: { users: [{ name: 'u', password: 'secret' }] } }, /unknown field "spec\.identity\.users\[0\]\.password"/],
  ['a password in a Secret without a name', { identity: { users: [{ name: 'u', passwordSecret: {} }] } }, /users\[0\]\.passwordSecret\.name: Required value/],
  ['an image that nobody may see', image({ visibility: 'hidden' }), /images\[0\]\.visibility: Unsupported value: "hidden": supported values: "public"/],
  ['an image on less than no disk', image({ minDiskGiB: -1 }), /images\[0\]\.minDiskGiB: Invalid value: -1: .*greater than or equal to 0/],
  ['an image without a source', first('images', { name: 'cirros' }), /images\[0\]\.source: Required value/],
  ['a wrapping that is none', image({ containerFormat: 'docker' }), /images\[0\]\.containerFormat: Unsupported value: "docker"/],
  ['a flavor of half a processor', flavor({ vcpus: 0.5 }), /flavors\[0\]\.vcpus: Invalid value: .*must be of type integer/],
  ['a flavor with memory in words', flavor({ ramMiB: '1Gi' }), /flavors\[0\]\.ramMiB: Invalid value: "string": .*must be of type integer/],
  ['two flavors with one name', { bootstrap: { flavors: [1, 2].map((vcpus) => ({ name: 'f', vcpus, ramMiB: 1 })) } }, /flavors\[1\]: Duplicate value/],
  ['an extra spec that is a number', flavor({ extraSpecs: { 'hw:cpu_max': 1 } }), /flavors\[0\]\.extraSpecs\.hw:cpu_max: .*must be of type string/],
  ['a server without a flavor', server({ flavor: '' }), /servers\[0\]\.flavor: Invalid value: "": .*at least 1 chars/],
  ['a server with too long a name', server({ name: 'v'.repeat(64) }), /servers\[0\]\.name: Too long: .*63/],
  ['a server on nine networks', server({ networks: 'abcdefghi'.split('') }), /servers\[0\]\.networks: Too many: 9: must have at most 8 items/],
  ['a direction that is none', rule({ direction: 'in' }), /securityGroupRules\[0\]\.direction: Unsupported value: "in": supported values: "ingress", "egress"/],
  ['a family that is none', rule({ ethertype: 'IPv5' }), /securityGroupRules\[0\]\.ethertype: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"/],
  ['a port that is none', rule({ protocol: 'tcp', portMax: 65536 }), /securityGroupRules\[0\]\.portMax: Invalid value: .*less than or equal to 65535/],
  ['a protocol in capital letters', rule({ protocol: 'TCP' }), /securityGroupRules\[0\]\.protocol: Invalid value: "TCP": .*should match/],
  ['a rule for no project', first('securityGroupRules', {}), /securityGroupRules\[0\]\.project: Required value/],
  [
    'a router on no network',
    first('routers', { name: 'r', project: 'p', subnets: ['s'], externalNetwork: '' }),
    /routers\[0\]\.externalNetwork: Invalid value/,
  ],
  ['a key pair of nobody', first('keyPairs', { name: 'k' }), /keyPairs\[0\]\.user: Required value/],
  ['a deletion that is none', { deletionPolicy: 'Keep' }, /deletionPolicy: Unsupported value: "Keep": supported values: "Retain", "Delete"/],
  ['a pause in words', { paused: 'true' }, /spec\.paused: Invalid value: "string": .*must be of type boolean/],
  [
    'an override of a whole file',
    { overrides: { glance: { 'glance-api.conf': '[DEFAULT]' } } },
    /overrides\.glance\.glance-api\.conf: .*must be of type object/,
  ],
  ['an override for a service that has none', { overrides: { horizon: {} } }, /unknown field "spec\.overrides\.horizon"/],
  ['a part that there is not', { storage: {} }, /unknown field "spec\.storage"/],
]
