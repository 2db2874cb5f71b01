import { readdir, readFile } from 'node:fs/promises'
import { run, succeeds } from '../../local/command.ts'
import { docker } from '../../local/docker.ts'

/** A network namespace of a node, entered from this host: nodes have no ping of their own. */
export async function namespaceOf(node: string, name: string): Promise<(program: string, ...args: readonly string[]) => Promise<boolean>> {
  const pid = (await docker(['inspect', '--format', '{{.State.Pid}}', node])).trim()
  return (program, ...args) => succeeds('nsenter', [`--net=/proc/${pid}/root/run/netns/${name}`, program, ...args])
}

/** Lets both ends of a node's interface, and the bridge that it is a port of on this host, carry packets of so many bytes. */
export async function setMtu(node: string, nic: string, bytes: number): Promise<void> {
  await docker(['exec', node, 'ip', 'link', 'set', 'dev', nic, 'mtu', String(bytes)])
  const peer = (await docker(['exec', node, 'cat', `/sys/class/net/${nic}/iflink`])).trim()
  for (const link of await readdir('/sys/class/net')) {
    const index = await readFile(`/sys/class/net/${link}/ifindex`, 'utf8').catch(() => '')
    if (index.trim() !== peer) continue
    await run('ip', ['link', 'set', 'dev', link, 'mtu', String(bytes)])
    return
  }
  throw new Error(`the other end of ${nic} of ${node} is not on this host`)
}
