// A bundle for the Operator Lifecycle Manager, from what the chart makes with its default values.

import { dump, load } from 'js-yaml'
import { rights } from './rights.ts'
import type { Right } from './rights.ts'
import { group, hypervisorKind, kind, version } from './v1alpha1/index.ts'

/** An object of the rendered chart, as far as it is read here. */
export interface Rendered {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> }
  readonly spec?: unknown
}

/** What Chart.yaml says. */
export interface ChartFacts {
  readonly description: string
  readonly appVersion: string
  readonly keywords: readonly string[]
  readonly kubeVersion: string
  readonly annotations: Readonly<Record<string, string>>
}

/** A definition, as far as it is read here. */
export interface Definition {
  readonly metadata: { readonly name: string }
  readonly spec: { readonly names: { readonly kind: string } }
}

const NAMESPACE = 'teruwa-system'
const PACKAGE = 'teruwa'
const note = '# Made by `npm run generate` from charts/teruwa and crds/. Do not edit.\n'

/** What a bundle may hold beside the ClusterServiceVersion; roles of the operator and its ServiceAccount are made of that. */
const beside = new Set(['Service', 'ClusterRole'])

const texts: Readonly<Record<string, { readonly displayName: string; readonly description: string }>> = {
  [kind]: { displayName: 'OpenStack cluster', description: 'A whole cloud: its services, what they stand on, and what is declared in it.' },
  [hypervisorKind]: { displayName: 'Hypervisor', description: 'A node that runs guests of a cloud. The operator makes and removes it.' },
}

/** Every file of the bundle, by its path below the folder of the bundle. `definitions` are texts of CRDs by the names of their files. Throws where the chart has no Deployment. */
export function bundle(
  chart: ChartFacts,
  rendered: readonly Rendered[],
  own: readonly Definition[],
  definitions: Readonly<Record<string, string>>,
): Record<string, string> {
  const others = rendered.filter((object) => beside.has(object.kind) && object.metadata.name !== PACKAGE)
  return {
    'manifests/teruwa.clusterserviceversion.yaml': note + dump(clusterServiceVersion(chart, rendered, own), { lineWidth: -1, noRefs: true }),
    ...Object.fromEntries(Object.entries(definitions).map(([file, text]) => [`manifests/${file}`, text])),
    // OLM says where they are, and it is not always the same namespace.
    ...Object.fromEntries(
      others.map(({ metadata, ...object }) => [
        `manifests/${metadata.name}.${object.kind.toLowerCase()}.yaml`,
        note + dump({ ...object, metadata: { name: metadata.name, labels: metadata.labels } }, { lineWidth: -1, noRefs: true }),
      ]),
    ),
    'metadata/annotations.yaml': note + dump({ annotations: labels }, { lineWidth: -1 }),
    'bundle.Dockerfile': `${note}FROM scratch\n${Object.entries(labels)
      .map(([name, value]) => `LABEL ${name}=${value}\n`)
      .join('')}COPY manifests /manifests/\nCOPY metadata /metadata/\n`,
  }
}

const labels = {
  'operators.operatorframework.io.bundle.mediatype.v1': 'registry+v1',
  'operators.operatorframework.io.bundle.manifests.v1': 'manifests/',
  'operators.operatorframework.io.bundle.metadata.v1': 'metadata/',
  'operators.operatorframework.io.bundle.package.v1': PACKAGE,
  'operators.operatorframework.io.bundle.channels.v1': 'alpha',
  'operators.operatorframework.io.bundle.channel.default.v1': 'alpha',
}

function clusterServiceVersion(chart: ChartFacts, rendered: readonly Rendered[], own: readonly Definition[]): object {
  const deployment = rendered.find((object) => object.kind === 'Deployment')
  if (deployment === undefined) throw new Error('expected a Deployment among the objects of the chart')
  const { template } = deployment.spec as { template: { spec: { serviceAccountName: string; containers: readonly { image: string }[] } } }
  const { serviceAccountName, containers } = template.spec
  const image = containers[0]?.image ?? ''
  const examples = chart.annotations['artifacthub.io/crdsExamples'] ?? ''
  return {
    apiVersion: 'operators.coreos.com/v1alpha1',
    kind: 'ClusterServiceVersion',
    metadata: {
      name: `${PACKAGE}.v${chart.appVersion}`,
      namespace: 'placeholder',
      annotations: {
        'alm-examples': JSON.stringify(load(examples), undefined, 2),
        capabilities: chart.annotations['artifacthub.io/operatorCapabilities'] ?? '',
        categories: 'Cloud Provider',
        containerImage: image,
        description: chart.description,
        'operatorframework.io/suggested-namespace': NAMESPACE,
      },
    },
    spec: {
      displayName: 'Teruwa',
      description: description(chart),
      version: chart.appVersion,
      maturity: 'alpha',
      minKubeVersion: /\d+\.\d+\.\d+/.exec(chart.kubeVersion)?.[0] ?? '',
      keywords: chart.keywords,
      provider: { name: 'Teruwa' },
      links: [{ name: 'OpenStack Zed', url: 'https://docs.openstack.org/zed/' }],
      relatedImages: [{ name: 'operator', image }],
      // One of these rights has no place in a namespace: nodes.
      installModes: ['OwnNamespace', 'SingleNamespace', 'MultiNamespace', 'AllNamespaces'].map((type) => ({ type, supported: type === 'AllNamespaces' })),
      customresourcedefinitions: {
        owned: own.map(({ metadata, spec }) => ({ name: metadata.name, version, kind: spec.names.kind, ...texts[spec.names.kind] })),
      },
      install: {
        strategy: 'deployment',
        spec: {
          deployments: [{ name: deployment.metadata.name, label: deployment.metadata.labels, spec: deployment.spec }],
          clusterPermissions: [{ serviceAccountName, rules: [...rights.cluster, ...rights.clouds].map(ruleOf) }],
          permissions: [{ serviceAccountName, rules: rights.own.map(ruleOf) }],
        },
      },
    },
  }
}

function ruleOf({ group: apiGroup, resources, names, verbs }: Right): object {
  return { apiGroups: [apiGroup], resources, ...(names === undefined ? {} : { resourceNames: names }), verbs }
}

const description = (chart: ChartFacts): string => `${chart.description}

Keystone, Glance, Placement, Nova, Neutron, Cinder, Barbican and Horizon of OpenStack Zed, what they stand on, and hypervisors that run guests.

Before a cloud: build the images and push them to a registry that your nodes reach, and set the operator's in this bundle. Label nodes with \`${group}/hypervisor\` and \`${group}/network\`. The namespace of a cloud must admit privileged pods.

The deletion of a cloud that has guests is not asked about twice here: that is a policy of the Helm chart, of a kind that a bundle cannot hold.
`
