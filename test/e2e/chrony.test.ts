// A real chronyd of the image, as the operator starts and asks it, against a server whose clock is wrong on purpose. It never sets the clock.

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { buildImages } from '../../images/build.ts'
import { formatAddress, parseCidr } from '../../local/cidr.ts'
import { docker } from '../../local/docker.ts'
import { ensureHost } from '../../local/host.ts'
import { eventually } from '../../local/verify/guest.ts'
import { askChronyd } from '../../operator/chrony/client.ts'
import { CHRONY_PORT, clockOf } from '../../operator/chrony/clock.ts'
import type { Clock } from '../../operator/chrony/clock.ts'
import { chronyConf } from '../../operator/compute/time.ts'
import { NtpServer } from './ntp-server.ts'

const CONTAINER = 'teruwa-e2e-chrony'

let server: NtpServer
let folder: string
let address: string

before(async () => {
  await ensureHost()
  const { chrony: image = '' } = await buildImages({ names: ['chrony'] })
  // Docker 20.10 names the bridge's gateway only from its second start on; it is the first address of the range.
  const range = parseCidr((await docker(['network', 'inspect', 'bridge', '-f', '{{(index .IPAM.Config 0).Subnet}}'])).trim())
  const gateway = formatAddress(range.base + 1)
  server = await NtpServer.start(gateway, 0)
  server.offset = 2
  folder = await mkdtemp(join(tmpdir(), 'teruwa-e2e-chrony-'))
  // On a port that is free here, and asked more often than a cloud's nodes do.
  const conf = chronyConf({ mode: 'Monitor', servers: [gateway, 'nobody.invalid'] }).replaceAll('minpoll 4 maxpoll 5', 'minpoll 1 maxpoll 1')
  await writeFile(join(folder, 'chrony.conf'), conf.replace(' iburst', ` port ${server.port} iburst`), { mode: 0o644 })
  await docker(['rm', '--force', CONTAINER]).catch(() => undefined)
  const confined = ['--user=42424:42424', '--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--tmpfs=/run/chrony:mode=1777']
  const file = `${join(folder, 'chrony.conf')}:/etc/chrony/chrony.conf:ro`
  await docker(['run', '--detach', `--name=${CONTAINER}`, ...confined, '--volume', file, image, ...MONITOR])
  address = (await docker(['inspect', '-f', '{{.NetworkSettings.IPAddress}}', CONTAINER])).trim()
})

const MONITOR = ['chronyd', '-d', '-x', '-U', '-u', 'teruwa', '-f', '/etc/chrony/chrony.conf']

after(async () => {
  server?.close()
  await docker(['rm', '--force', CONTAINER]).catch(() => undefined)
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

const clock = async (): Promise<Clock> => clockOf('node', await askChronyd({ host: address, port: CHRONY_PORT }, 2, AbortSignal.timeout(10_000)))
const seen = (what: string, wanted: (clock: Clock) => boolean) => eventually(what, 60, async () => wanted(await clock()))
const offBy = (seconds: number) => (found: Clock) => found.offset !== undefined && Math.abs(found.offset - seconds) < 0.1

test('a clock that is 2 s behind its server is seen to be', async () => {
  await seen('an offset of -2 s', offBy(-2))
})

test('chronyc tells its sources, as the documents ask it', async () => {
  const sources = await docker(['exec', CONTAINER, 'chronyc', '-h', '127.0.0.1', '-p', '10323', 'sources'])
  assert.match(sources, /^MS Name\/IP address .*\n=+\n\^\* \d+\.\d+\.\d+\.\d+ /m)
})

test('the clock itself stays as it is', async () => {
  const there = Number(await docker(['exec', CONTAINER, 'date', '+%s.%N']))
  assert.ok(Math.abs(there - Date.now() / 1000) < 1)
})

test('a jump is seen, there and back', async () => {
  server.offset = -3
  await seen('an offset of 3 s', offBy(3))
  server.offset = 0
  await seen('no offset', offBy(0))
})

test('servers that fall silent are seen to be, and that they are back', async () => {
  server.answers = false
  await seen('no answer', ({ state, offset }) => state === 'NoAnswer' && offset === undefined)
  server.answers = true
  await seen('an answer', offBy(0))
})

test('the configuration that sets the clock is one that chronyd takes', async () => {
  const { chrony: image = '' } = await buildImages({ names: ['chrony'] })
  const conf = chronyConf({ mode: 'Synchronize', servers: ['ntp.example.com', 'fd00::1'] })
  const printed = await docker(['run', '--rm', '--interactive', '--cap-drop=ALL', image, 'chronyd', '-p', '-f', '/dev/stdin'], { input: conf })
  assert.match(printed, /^makestep 1 3$/m)
})
