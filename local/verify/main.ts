import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { kubectlProgram } from '../helm.ts'
import { kubectlOf } from '../kubectl.ts'
import { report } from '../../plugin/verify/check.ts'
import { runProgram } from '../program.ts'
import { createProgress } from '../progress.ts'
import { LOCAL_FOLDER } from '../up/access.ts'
import { hasOwnCluster } from '../up/target.ts'
import { verify } from './verify.ts'

const USAGE = `Usage: npm run verify -- [OPTION…]

Checks a cloud as the course does it by hand, with the stock openstack client, from outside of the cluster: tokens, services, agents, the server
that the manifest declares, and its floating IP. Exit code 0 only when every check passed. With KUBECONFIG set, that cluster's cloud.

  --clouds FILE  a clouds.yaml with the clouds CLUSTER (administrator) and CLUSTER-USER (default: .local/clouds.yaml, as "npm run up" writes it)
  --help
`

async function main(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { clouds: { type: 'string', default: join(LOCAL_FOLDER, 'clouds.yaml') }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const { clouds } = values
  if (!existsSync(clouds)) throw new Error(`${clouds} does not exist: "npm run up" writes it`)
  const kubeconfig = hasOwnCluster() ? undefined : join(LOCAL_FOLDER, 'kubeconfig')
  const progress = createProgress(process.stdout)
  try {
    const results = await verify({ kubectl: kubectlOf(await kubectlProgram(), kubeconfig), cloudsFile: clouds, progress, signal })
    progress.close()
    console.log(report(results))
    return results.every(({ ok }) => ok) ? 0 : 1
  } finally {
    progress.close()
  }
}

await runProgram(main)
