import type { Check, CheckedCluster, Surroundings } from './check.ts'
import { expect } from '../../plugin/verify/check.ts'
import type { OpenStackClient } from './client.ts'
import { eventually } from './guest.ts'

/** How long a volume or a backup may take, in seconds: an image is written as raw, and a busy host is slow. */
const VOLUME_TIME = 180
/** How long a guest may take to boot and do its work, in seconds. */
const GUEST_TIME = 180

const MARK = 'teruwa-volume'

/**
 * What a guest does with the volume that it gets as its second disk: says what it finds there, or leaves a mark; then says each size that it sees.
 * It works in the background, since the guest's start waits for the script.
 */
const onVolume = `#!/bin/sh
(
  until [ -b /dev/vdb ]; do sleep 1; done
  if head -c ${MARK.length} /dev/vdb | grep -q '^${MARK}$'; then echo 'teruwa-guest: volume read'
  else printf '${MARK}\\n' | dd of=/dev/vdb conv=fsync 2> /dev/null && echo 'teruwa-guest: volume written'; fi
  size=0
  while sleep 1; do
    now=$(cat /sys/block/vdb/size 2> /dev/null || echo 0)
    [ "$now" = "$size" ] || echo "teruwa-guest: volume of $((now / 2097152)) GiB"
    size=$now
  done
) > /dev/console 2>&1 &
`

const hasVolumes = ({ spec }: CheckedCluster) => spec.services.cinder.enabled

/** Volumes, as a project uses them. */
export const volumeChecks: readonly Check[] = [
  {
    name: 'volume services and types',
    applies: hasVolumes,
    run: async ({ admin, user, cluster }) => {
      const services = await admin.json<{ Binary: string; Host: string; State: string }[]>('volume', 'service', 'list')
      expect(services.length > 0 && services.every(({ State }) => State === 'up'), 'every volume service to be up', services)
      const types = (await user.json<{ Name: string }[]>('volume', 'type', 'list')).map(({ Name }) => Name)
      for (const { name } of cluster.spec.services.cinder.backends) expect(types.includes(name), `a volume type ${name}`, types)
      return services.map(({ Binary, Host }) => `${Binary} ${Host}`).join(', ')
    },
  },
  { name: 'a volume is written in one guest, read in another, and grows', applies: hasVolumes, run: movedVolume },
  { name: 'a server boots from a volume', applies: hasVolumes, run: bootFromVolume },
  { name: 'a snapshot and a backup of a volume become volumes', applies: hasVolumes, run: copies },
]

/** Waits for a state of a volume, snapshot or backup; one that ended in an error is told at once. */
async function until(client: OpenStackClient, what: readonly string[], name: string, state: string, signal?: AbortSignal): Promise<void> {
  await eventually(
    `${what.join(' ')} ${name} to be ${state}`,
    VOLUME_TIME,
    async () => {
      const { status } = await client.json<{ status: string }>(...what, 'show', name)
      expect(!status.startsWith('error'), `${what.join(' ')} ${name} to become ${state}`, status)
      return status === state
    },
    signal,
  )
}

/** Removes what a check made, whatever became of it; in this order, each once what uses it is gone. */
async function cleanUp(client: OpenStackClient, made: readonly (readonly [what: readonly string[], name: string])[], signal?: AbortSignal): Promise<void> {
  for (const [what, name] of made) {
    const wait = what[0] === 'server' ? ['--wait'] : []
    await client.text(...what, 'delete', ...wait, name).catch(() => undefined)
    if (wait.length > 0) continue
    const isGone = () =>
      client.text(...what, 'show', name).then(
        () => false,
        () => true,
      )
    await eventually(`${what.join(' ')} ${name} to be gone`, VOLUME_TIME, isGone, signal)
  }
}

async function says(client: OpenStackClient, server: string, words: string, signal?: AbortSignal): Promise<true> {
  return eventually(
    `"${words}" in the console log of ${server}`,
    GUEST_TIME,
    // Nova refuses to show a console while it is busy with the server.
    async () => (await client.text('console', 'log', 'show', server).catch(() => '')).includes(words),
    signal,
  )
}

/** The flavor and the network of the server that the cloud declares. */
function like({ cluster, server }: Surroundings): string[] {
  const declared = cluster.spec.bootstrap.servers.find(({ name }) => name === server)
  return ['--flavor', declared?.flavor ?? '', ...(declared?.networks ?? []).slice(0, 1).flatMap((network) => ['--network', network])]
}

async function movedVolume(surroundings: Surroundings): Promise<string> {
  const { user, image, signal, file } = surroundings
  const [volume, first, second] = ['verify-volume', 'verify-writer', 'verify-reader']
  const userData = await file('on-volume', onVolume)
  const boot = (name: string) => user.boot(name, '--image', image.name, ...like(surroundings), '--user-data', userData)
  try {
    await Promise.all([
      user.text('volume', 'create', '--size', '1', volume).then(() => until(user, ['volume'], volume, 'available', signal)),
      boot(first),
      boot(second),
    ])
    await user.text('server', 'add', 'volume', first, volume)
    await says(user, first, 'volume written', signal)
    await user.text('server', 'remove', 'volume', first, volume)
    await until(user, ['volume'], volume, 'available', signal)
    await user.text('server', 'add', 'volume', second, volume)
    await says(user, second, 'volume read', signal)
    await until(user, ['volume'], volume, 'in-use', signal)
    // 3.42: a volume may grow while it is attached.
    await user.text('--os-volume-api-version', '3.42', 'volume', 'set', '--size', '2', volume)
    await says(user, second, 'volume of 2 GiB', signal)
    return `${volume}: written in ${first}, read in ${second}, which saw it grow to 2 GiB`
  } finally {
    await cleanUp(
      user,
      [
        [['server'], first],
        [['server'], second],
        [['volume'], volume],
      ],
      signal,
    )
  }
}

async function bootFromVolume(surroundings: Surroundings): Promise<string> {
  const { user, image, signal } = surroundings
  const [volume, server] = ['verify-disk', 'verify-from-volume']
  try {
    await user.text('volume', 'create', '--size', '1', '--image', image.name, volume)
    await until(user, ['volume'], volume, 'available', signal)
    await user.boot(server, '--volume', volume, ...like(surroundings))
    await says(user, server, 'login:', signal)
    return `${server} from ${volume}, which was made from ${image.name}`
  } finally {
    await cleanUp(
      user,
      [
        [['server'], server],
        [['volume'], volume],
      ],
      signal,
    )
  }
}

async function copies(surroundings: Surroundings): Promise<string> {
  const { user, cluster, signal } = surroundings
  const [volume, snapshot, fromSnapshot, backup, fromBackup] = ['verify-source', 'verify-snapshot', 'verify-clone', 'verify-backup', 'verify-restored']
  const backups = cluster.spec.services.cinder.backends.some(({ rbd }) => rbd?.backupPool !== undefined)
  try {
    await user.text('volume', 'create', '--size', '1', volume)
    await until(user, ['volume'], volume, 'available', signal)
    await user.text('volume', 'snapshot', 'create', '--volume', volume, snapshot)
    await until(user, ['volume', 'snapshot'], snapshot, 'available', signal)
    await user.text('volume', 'create', '--snapshot', snapshot, '--size', '1', fromSnapshot)
    await until(user, ['volume'], fromSnapshot, 'available', signal)
    if (backups) {
      await user.text('volume', 'backup', 'create', '--name', backup, volume)
      await until(user, ['volume', 'backup'], backup, 'available', signal)
      await user.text('volume', 'create', '--size', '1', fromBackup)
      await until(user, ['volume'], fromBackup, 'available', signal)
      const updated = async () => (await user.json<{ updated_at: string }>('volume', 'show', fromBackup)).updated_at
      const before = await updated()
      // Debian's client 6.0 asks for it and then fails to print the answer.
      await user.text('volume', 'backup', 'restore', '--force', backup, fromBackup).catch(() => undefined)
      await eventually(`${fromBackup} to be written`, VOLUME_TIME, async () => (await updated()) !== before, signal)
      await until(user, ['volume'], fromBackup, 'available', signal)
    }
    return backups ? `${fromSnapshot} from ${snapshot}, ${fromBackup} from ${backup}` : `${fromSnapshot} from ${snapshot}; there is no pool for backups`
  } finally {
    await cleanUp(
      user,
      [
        [['volume'], fromSnapshot],
        [['volume', 'snapshot'], snapshot],
        ...(backups
          ? ([
              [['volume', 'backup'], backup],
              [['volume'], fromBackup],
            ] as const)
          : []),
        [['volume'], volume],
      ],
      signal,
    )
  }
}
