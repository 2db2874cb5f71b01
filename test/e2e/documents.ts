import assert from 'node:assert/strict'
import { mkdir, symlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { helm } from '../../local/helm.ts'
import { ensurePackages } from '../../local/host.ts'
import { programsOfPackage } from '../../local/package-programs.ts'
import { ensureOpenStackClient } from '../../local/verify/client.ts'
import { bundlePlugin } from '../../plugin/bundle.ts'
import { aboutNothing, among, complaint, isEndless, onCloud, plain, withValues } from '../command-rules.ts'
import { allDocumentCommands } from '../document-commands.ts'
import type { DocumentCommand } from '../document-commands.ts'
import { readersFolder, Terminal } from '../terminal.ts'
import { CLOUD, NAMESPACE } from './environment.ts'
import type { Environment } from './environment.ts'

/** What the first hour makes, and what is here in its place. */
const MADE = { anna: 'myuser', workshop: 'myproject', bench: 'selfservice', vm1: 'vm0' }

/** Names of nothing. */
const NOTHING = { NODE: 'nothing', ID: 'nothing', SERVER: 'nothing', PORT: 'nothing', ADDRESS: '192.0.2.1', vm1: 'nothing' }

/** The longest that a command may take: `helm test` pulls nothing, and starts a pod. */
const SECONDS = 120

/** The documents, read by one reader each, who types what stands there. */
export function documentTests(env: () => Environment): void {
  test('commands of the documents that change nothing', { concurrency: 3 }, async (context) => {
    await env().ready(60)
    const commands = onceEach((await allDocumentCommands()).filter((command) => among([...onCloud, ...aboutNothing], command)))
    await ensurePackages({}, { jq: ['/usr/bin/jq'] })
    const programs = {
      kubectl: env().cluster.kubectl,
      helm: await helm(),
      openstack: await ensureOpenStackClient(),
      'kubectl-teruwa': await bundlePlugin(join(env().folder, 'plugin')),
      'mariadb-dump': join(await programsOfPackage('mariadb-client', ['mariadb-dump']), 'mariadb-dump'),
    }
    const values = await valuesOf(env())
    const kubeconfig = join(env().folder, 'kubeconfig')
    const cloudsFile = await env().cloudsFile()

    const read = (file: string, ofFile: readonly DocumentCommand[]) =>
      context.test(file, async (reader) => {
        const folder = join(env().folder, 'documents', basename(file))
        const variables = await readersFolder(folder, programs)
        await mkdir(join(folder, '.local'))
        await symlink(kubeconfig, join(folder, '.local', 'kubeconfig'))
        await symlink(cloudsFile, join(folder, '.local', 'clouds.yaml'))
        // The first hour says itself where its files are. It has an address from a command that is not typed here.
        const terminal = new Terminal(folder, { ...variables, ...(file.endsWith('first-hour.md') ? { ip: NOTHING.ADDRESS } : { KUBECONFIG: kubeconfig }) })
        reader.after(() => terminal.close())
        for (const command of ofFile) {
          await reader.test(`${command.line}: ${plain(command.text)}`, async () => {
            const isAboutNothing = among(aboutNothing, command)
            const answer = await terminal.type(withValues(harmless(command.text), { ...values, ...(isAboutNothing ? NOTHING : {}) }), SECONDS)
            // 2 would be a command or an option that does not exist.
            if (isAboutNothing) assert.equal(answer.code, 1, answer.output)
            else assert.equal(complaint(command, answer), undefined)
          })
        }
      })
    // The longest first.
    const documents = [...Map.groupBy(commands, ({ file }) => file)].toSorted(([, a], [, b]) => b.length - a.length)
    await Promise.all(documents.map(([file, ofFile]) => read(file, ofFile)))
  })
}

/** The same to kubectl or helm is the same in every document; what others say depends on the reader's variables. */
const onceEach = (commands: readonly DocumentCommand[]): DocumentCommand[] =>
  commands.filter(({ text }, index) => !/^(kubectl|helm) /.test(text) || commands.findIndex((other) => plain(other.text) === plain(text)) === index)

/** A command with an end, that writes nothing. */
function harmless(text: string): string {
  if (isEndless(text)) return `timeout 3 ${text}`
  return / kubectl apply .*-f -$/.test(text) ? `${text} --dry-run=server` : text
}

/** What placeholders stand for in this cloud. */
async function valuesOf(env: Environment): Promise<Record<string, string>> {
  const [admin, user] = [await env.client('admin'), await env.client('myuser')]
  const { id } = await user.json<{ id: string }>('server', 'show', 'vm0')
  const [address] = await user.json<{ 'Floating IP Address': string }[]>('floating', 'ip', 'list')
  const router = await admin.json<{ id: string }>('router', 'show', 'router')
  const first = async (kind: string, ...more: readonly string[]) =>
    (await env.list<{ metadata: { name: string } }>(kind, ...more)).map(({ metadata }) => metadata.name)[0] ?? ''
  return {
    ...MADE,
    NAMESPACE,
    CLOUD,
    NODE: await first('hypervisors'),
    POD: await first('pods', '-l', 'app.kubernetes.io/name=nova-conductor'),
    SERVICE: 'nova',
    AGENT: 'nova-conductor',
    PROJECT: 'myproject',
    SERVER: id,
    ROUTER: router.id,
    FLOATING_IP: address?.['Floating IP Address'] ?? '',
  }
}
