import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { accountOf } from './browser/account.ts'
import { withBrowser } from './browser/chromium.ts'
import { openConsoleTab } from './browser/console.ts'
import { Dashboard } from './browser/dashboard.ts'
import { launchInstance, openInstances, waitForStatus } from './browser/instances.ts'
import type { WantedInstance } from './browser/instances.ts'
import { kubectlProgram } from './helm.ts'
import type { Kubectl } from './kubectl.ts'
import { kubectlOf } from './kubectl.ts'
import { runProgram } from './program.ts'
import { createProgress } from './progress.ts'
import type { Progress } from './progress.ts'
import { LOCAL_FOLDER } from './up/access.ts'
import { hasOwnCluster } from './up/target.ts'
import { OpenStackClient, ensureOpenStackClient } from './verify/client.ts'
import { eventually } from './verify/guest.ts'

const OUT = join(import.meta.dirname, '../docs/screenshots')
/** The server that is launched for the pictures, and deleted after them. */
const NAME = 'web-1'

const USAGE = `Usage: npm run screenshots -- [OPTION…]

Takes the pictures of docs/screenshots from a cloud that runs: logs in to its dashboard with a real browser, launches a server by the wizard, opens
its console, deletes it, and looks once more as somebody who may only read. With KUBECONFIG set, that cluster's cloud.

  --clouds FILE    a clouds.yaml, as "npm run up" writes it (default: .local/clouds.yaml)
  --cloud NAME     who launches the server, by a name in it (default: CLUSTER-demo)
  --reader NAME    who may only read (default: CLUSTER-myreader)
  --url URL        the dashboard (default: the endpoint horizon in the cluster's status)
  --out FOLDER     where the pictures go (default: docs/screenshots)
  --help
`

/** The part of an OpenStackCluster that says what there is to launch, and where the dashboard is. */
interface Cluster {
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly bootstrap: {
      readonly images: readonly { readonly name: string }[]
      readonly flavors: readonly { readonly name: string }[]
      readonly networks: readonly { readonly name: string; readonly external: boolean }[]
    }
  }
  readonly status?: { readonly endpoints?: readonly { readonly service: string; readonly public?: string }[] }
}

async function firstCluster(kubectl: Kubectl, signal: AbortSignal): Promise<Cluster> {
  const { items }: { items: readonly Cluster[] } = JSON.parse(await kubectl.run(['get', 'openstackclusters', '--all-namespaces', '-o', 'json'], { signal }))
  const [cluster] = items
  if (cluster === undefined) throw new Error('there is no OpenStackCluster: "npm run up" makes one')
  return cluster
}

function wantedInstance({ spec: { bootstrap } }: Cluster): WantedInstance {
  const network = bootstrap.networks.find(({ external }) => !external) ?? bootstrap.networks[0]
  const [image] = bootstrap.images
  const [flavor] = bootstrap.flavors
  if (!image || !flavor || !network) throw new Error('the OpenStackCluster declares no image, flavor or network (spec.bootstrap) to launch a server with')
  return { name: NAME, image: image.name, flavor: flavor.name, network: network.name }
}

/** Deletes the servers of the pictures, also those of an earlier run that was interrupted. */
async function deleteServers(client: OpenStackClient): Promise<void> {
  const servers = await client.json<{ ID: string; Name: string }[]>('server', 'list', '--name', `^${NAME}$`)
  if (servers.length > 0) await client.text('server', 'delete', ...servers.map(({ ID }) => ID))
}

interface Shoot {
  readonly newPage: () => Promise<Page>
  readonly url: string
  readonly clouds: string
  readonly cloud: string
  readonly reader: string
  readonly wanted: WantedInstance
  readonly out: string
  readonly progress: Progress
  readonly client: OpenStackClient
  readonly signal: AbortSignal
}

async function shoot({ newPage, url, clouds, cloud, reader, wanted, out, progress, client, signal }: Shoot): Promise<void> {
  const picture = (page: Page, name: string) => page.screenshot({ path: join(out, `${name}.png`), animations: 'disabled' })
  const page = await newPage()
  const dashboard = new Dashboard(page, url)
  await progress.step('log in', async () => {
    await dashboard.open('auth/login/')
    await picture(page, 'login')
    await dashboard.logIn(accountOf(clouds, cloud))
  })
  await progress.step('launch', async () => {
    await launchInstance(dashboard, wanted, () => picture(page, 'wizard'))
    await waitForStatus(dashboard, wanted.name, 'Active')
    await picture(page, 'instances')
  })
  await progress.step('console', async () => {
    const console = await openConsoleTab(dashboard, wanted.name)
    await console.waitForScreen()
    // The boot is on the screen, too; only the log says that it is over.
    await eventually(`a login prompt of ${NAME}`, 90, async () => (/login:/.test(await client.text('console', 'log', 'show', NAME)) ? true : undefined), signal)
    await console.type('root\n')
    // A click into the frame has scrolled down to its middle.
    await page.locator('.page-breadcrumb').scrollIntoViewIfNeeded()
    await picture(page, 'console')
  })
  await progress.step('overview', async () => {
    await dashboard.overview()
    await picture(page, 'overview')
    await dashboard.open('project/network_topology/')
    await picture(page, 'network-topology')
  })
  await progress.step('reader', async () => {
    const page = await newPage()
    const dashboard = new Dashboard(page, url)
    await dashboard.logIn(accountOf(clouds, reader))
    await openInstances(dashboard)
    await picture(page, 'reader')
  })
}

async function main(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...argv],
    options: {
      clouds: { ...text, default: join(LOCAL_FOLDER, 'clouds.yaml') },
      cloud: text,
      reader: text,
      url: text,
      out: { ...text, default: OUT },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return
  }
  const { clouds: cloudsFile, out } = values
  if (!existsSync(cloudsFile)) throw new Error(`${cloudsFile} does not exist: "npm run up" writes it`)
  const progress = createProgress(process.stdout)
  try {
    const kubectl = kubectlOf(await kubectlProgram(), hasOwnCluster() ? undefined : join(LOCAL_FOLDER, 'kubeconfig'))
    const cluster = await firstCluster(kubectl, signal)
    const url = values.url ?? cluster.status?.endpoints?.find(({ service }) => service === 'horizon')?.public
    if (url === undefined)
      throw new Error('the cluster has no endpoint horizon yet: see that spec.services.horizon.enabled is true, and wait until it is Ready')
    const { cloud = `${cluster.metadata.name}-demo`, reader = `${cluster.metadata.name}-myreader` } = values
    const wanted = wantedInstance(cluster)
    const clouds = await readFile(cloudsFile, 'utf8')
    const program = await ensureOpenStackClient({ signal })
    const client = new OpenStackClient({ program, cloudsFile, cloud, signal })
    await mkdir(out, { recursive: true })
    await deleteServers(client)
    try {
      await withBrowser((newPage) => shoot({ newPage, url, clouds, cloud, reader, wanted, out, progress, client, signal }), { signal, onUpdate: progress.note })
    } finally {
      await deleteServers(client)
    }
  } finally {
    progress.close()
  }
}

await runProgram(main)
