import { parseArgs } from 'node:util'
import { formatCidr, parseCidr } from '../cidr.ts'

/** What `npm run up` was asked for. */
export interface UpOptions {
  readonly nodes: number
  readonly providerCidr?: string
  readonly managementCidr?: string
  /** The manifest that is applied. */
  readonly file?: string
  readonly timeoutMs: number
  /** Whether there is to be a small Ceph, with the cloud's volumes and images in it. */
  readonly withCeph: boolean
}

/** What `npm run up -- --help` prints. */
export const USAGE = `Usage: npm run up -- [OPTION…]

Brings up an embedded Kubernetes, the operator, and the cloud of manifests/cluster.yaml; ends when it is ready. Interrupted at any point, the
next one goes on from there. With KUBECONFIG set, that cluster is used and nothing embedded is started: its nodes need the labels
openstack.teruwa.io/hypervisor and openstack.teruwa.io/network, and must be able to pull the images (npm run images -- push --registry R,
then --registry R here and spec.images.registry: R in the file).

  --file FILE             the manifest to apply (default: manifests/cluster.yaml)
  --nodes N               nodes of the embedded Kubernetes (default: 1, which does all); of several, the first is the controller and network
                          node, and the others run guests
  --with-ceph             a small Ceph beside the cloud, and volumes and images in it: to try things out, not to keep data
  --provider-cidr CIDR    the provider network (default: 192.168.0.0/23, or the first of a list that is free on this host)
  --management-cidr CIDR  the nodes' network, a /24 (default: 10.20.20.0/24, or the first of a list that is free on this host)
  --registry R            first part of the operator's image (default: teruwa)
  --timeout MINUTES       how long the cloud may take to become ready once the operator is there (default: 20)
  --help
`

/** The options of a command line, or undefined when it asks for help. */
export function upOptions(argv: readonly string[]): (UpOptions & { readonly registry?: string }) | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      file: { type: 'string', short: 'f' },
      nodes: { type: 'string' },
      'provider-cidr': { type: 'string' },
      'management-cidr': { type: 'string' },
      registry: { type: 'string' },
      timeout: { type: 'string' },
      'with-ceph': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return undefined
  return {
    nodes: whole('--nodes', values.nodes ?? '1', 32),
    timeoutMs: whole('--timeout', values.timeout ?? '20', 24 * 60) * 60_000,
    withCeph: values['with-ceph'],
    ...(values['provider-cidr'] === undefined ? {} : { providerCidr: range('--provider-cidr', values['provider-cidr']) }),
    ...(values['management-cidr'] === undefined ? {} : { managementCidr: range('--management-cidr', values['management-cidr']) }),
    ...(values.file === undefined ? {} : { file: values.file }),
    ...(values.registry === undefined ? {} : { registry: values.registry }),
  }
}

function whole(option: string, text: string, most: number): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < 1 || number > most) throw new Error(`${option} ${text}: expected a whole number from 1 to ${most}`)
  return number
}

function range(option: string, text: string): string {
  try {
    return formatCidr(parseCidr(text))
  } catch (error) {
    throw new Error(`${option}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}
