// The names that the API consists of, and its types. Nothing here pulls zod into the operator's bundle: the schema is imported as types only.

export const group = 'openstack.teruwa.io'
export const version = 'v1alpha1'
export const apiVersion = `${group}/${version}` as const
export const kind = 'OpenStackCluster'
export const plural = 'openstackclusters'
export const singular = 'openstackcluster'
export const shortName = 'osc'
export const category = 'openstack'

export const hypervisorKind = 'Hypervisor'
export const hypervisorPlural = 'hypervisors'

/** The finalizer that an OpenStackCluster carries from before the operator's first effect outside of it until deletion is done. */
export const finalizer = `${group}/cluster` as const

/** Who the operator says it is in managedFields, events and `app.kubernetes.io/managed-by`. */
export const manager = 'teruwa'

/** Labels that the operator reads or sets. */
export const labels = {
  /** On a node, any value: runs guests. */
  hypervisor: `${group}/hypervisor`,
  /** On a node, any value: offers volumes of its LVM volume group. */
  volume: `${group}/volume`,
  /** On a node, any value: runs the DHCP, L3 and metadata agents. */
  network: `${group}/network`,
  managedBy: 'app.kubernetes.io/managed-by',
  /** The name of the OpenStackCluster. */
  partOf: 'app.kubernetes.io/part-of',
  name: 'app.kubernetes.io/name',
  component: 'app.kubernetes.io/component',
} as const

/** Annotations that the operator reads or sets. */
export const annotations = {
  /** On an OpenStackCluster, its own name: it may be deleted although it has guests. Read by the chart's ValidatingAdmissionPolicy. */
  confirmDeletion: `${group}/confirm-deletion`,
  /** On an OpenStackCluster, any text: when it changes, everything outside of Kubernetes is looked at again at once. */
  reconcileRequestedAt: `${group}/reconcile-requested-at`,
  /** On an OpenStackCluster: names of credentials, with commas between, that are lost for good and may be made anew. */
  makeAnew: `${group}/make-anew`,
  /** On a pod template: hash of the configuration that its pods read, so that exactly they roll when it changes. */
  configHash: `${group}/config-hash`,
  /** On a pod, any value: what it says last is its progress, and is shown in the status while it runs. */
  tellsProgress: `${group}/tells-progress`,
} as const

export type { Hypervisor, HypervisorSpec, HypervisorState, HypervisorStatus } from './hypervisor.ts'
export type { Condition, ConditionStatus, ConditionType } from './conditions.ts'
export type {
  Backing,
  Bootstrap,
  BootstrapFlavor,
  BootstrapImage,
  BootstrapKeyPair,
  BootstrapNetwork,
  BootstrapRouter,
  BootstrapSecurityGroupRule,
  BootstrapServer,
  BootstrapSubnet,
  CephPool,
  ConfigFiles,
  Endpoints,
  ExternalDatabase,
  Hypervisors,
  Identity,
  IdentityDomain,
  IdentityGroup,
  IdentityProject,
  IdentityRole,
  IdentityUser,
  Images,
  NetworkNodes,
  NodeOverride,
  ObjectMeta,
  OpenStackCluster,
  OpenStackClusterSpec,
  OpenStackClusterStatus,
  Overrides,
  PhysicalNetwork,
  ProjectQuotas,
  Release,
  Resources,
  RoleAssignment,
  SecretKey,
  ServiceName,
  Services,
  StatusEndpoint,
  StatusService,
  StatusStep,
  StepState,
  Storage,
  TimeSync,
  VolumeBackend,
} from './schema.ts'
