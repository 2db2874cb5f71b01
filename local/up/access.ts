import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { accessSecretName } from '../../operator/model/scope.ts'
import { mergeClouds } from '../../plugin/access.ts'
import type { Kubectl } from '../kubectl.ts'
import type { DeclaredCloud } from './manifest.ts'

/** Where `up` leaves what a user needs. */
export const LOCAL_FOLDER = join(import.meta.dirname, '../../.local')

const FIXED_FILES: ReadonlySet<string> = new Set(['kubeconfig', 'clouds.yaml', 'timeline.json', 'timeline.svg'])

/** Names of the files that `up` has written there, and that `down` removes. */
export async function localFiles(): Promise<string[]> {
  const names = await readdir(LOCAL_FOLDER).catch(() => [])
  return names.filter((name) => FIXED_FILES.has(name) || name.endsWith('-openrc')).toSorted()
}

/** Writes files into `.local`, readable for their owner alone: most hold a password or a key. */
export async function writeLocal(files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(LOCAL_FOLDER, { recursive: true })
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(LOCAL_FOLDER, name), content, { mode: 0o600 })))
}

/**
 * Writes clouds.yaml with the administrator as `<cloud>` and each declared user as `<cloud>-<user>`, the first of them as `<cloud>-demo`,
 * too; and an openrc file for each of these names, `<name>-openrc`.
 */
export async function writeAccess({ name, namespace, users }: DeclaredCloud, kubectl: Kubectl, signal?: AbortSignal): Promise<void> {
  const secret = async (secretName: string) => {
    const { data }: { data: Record<string, string> } = JSON.parse(await kubectl.run(['get', 'secret', secretName, '-n', namespace, '-o', 'json'], { signal }))
    const file = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString('utf8')
    return { clouds: file('clouds.yaml'), openrc: file('openrc') }
  }
  const admin = await secret(accessSecretName(name))
  const others = await Promise.all(users.map(async (user) => ({ user, ...(await secret(accessSecretName(name, user))) })))
  const accesses = others.map(({ user, clouds }, index) => ({ as: [...(index === 0 ? [`${name}-demo`] : []), `${name}-${user}`], clouds }))
  await writeLocal({
    'clouds.yaml': mergeClouds([{ as: [name], clouds: admin.clouds }, ...accesses]),
    ...(others[0] ? { 'demo-openrc': others[0].openrc } : {}),
    ...Object.fromEntries(others.map(({ user, openrc }) => [`${user}-openrc`, openrc])),
    'admin-openrc': admin.openrc,
  })
}
