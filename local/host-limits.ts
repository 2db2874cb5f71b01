import { readFile, writeFile } from 'node:fs/promises'

/**
 * What kubelet, containerd and the pods of a node together use of the limits that the kernel counts for the whole host. The
 * distributions' defaults are spent by one node; what Kubernetes' documentation recommends is enough for several.
 */
const WANTED: Readonly<Record<string, number>> = {
  'fs/inotify/max_user_instances': 8192,
  'fs/inotify/max_user_watches': 524_288,
}

/** Raises limits that are too low. Returns a sentence for each that was changed, or that could not be. */
export async function raiseLimits(root = '/proc/sys'): Promise<string[]> {
  const sentences: string[] = []
  for (const [path, wanted] of Object.entries(WANTED)) {
    const name = path.replaceAll('/', '.')
    const current = Number(await readFile(`${root}/${path}`, 'utf8'))
    if (current >= wanted) continue
    try {
      await writeFile(`${root}/${path}`, `${wanted}\n`)
      sentences.push(`raised ${name} of this host from ${current} to ${wanted} until it is booted again`)
    } catch {
      sentences.push(
        `${name} is ${current} on this host, and may not be raised from here: "sysctl -w ${name}=${wanted}" as root if pods fail with "too many open files"`,
      )
    }
  }
  return sentences
}
