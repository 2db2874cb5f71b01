// The first program of every npm script: `node local/bootstrap.mjs SCRIPT.ts ARGUMENT…`. It runs under whatever Node the machine has,
// installs the npm dependencies where they are missing or older than package-lock.json, and hands over to the Node that they pin.

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const OLDEST_NODE = 20
const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
const pinned = join(modules, '.bin', 'node')
const lock = join(root, 'package-lock.json')
/** The hash of the package-lock.json that the modules were installed from. */
const marker = join(modules, '.teruwa-lock')

function fail(message) {
  console.error(message)
  process.exit(1)
}

function lockHash() {
  return createHash('sha256').update(readFileSync(lock)).digest('hex')
}

/** Why the dependencies must be installed, or undefined when they are as package-lock.json wants them. */
function whyInstall() {
  if (!existsSync(modules)) return 'there are none yet'
  if (existsSync(marker)) return readFileSync(marker, 'utf8') === lockHash() ? undefined : 'package-lock.json has changed'
  // Installed by hand; npm writes this file last.
  const own = join(modules, '.package-lock.json')
  if (!existsSync(own)) return 'the last installation did not end'
  return statSync(own).mtimeMs >= statSync(lock).mtimeMs ? undefined : 'package-lock.json is newer than they are'
}

function npm(...args) {
  const { error, status, signal } = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (error) fail(`npm cannot be run (${error.code ?? error.message}): install npm 10 or newer ("apt-get install npm"), then start again.`)
  if (signal) process.kill(process.pid, signal)
  return status === 0
}

/** The version of the pinned Node, or undefined if it does not run. */
function pinnedVersion() {
  const { stdout, status } = spawnSync(pinned, ['--version'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

function install(why) {
  console.error(`Installing the npm dependencies into node_modules (${why}) …`)
  const began = Date.now()
  if (!npm('ci', '--no-audit', '--no-fund', '--loglevel=error')) {
    fail('npm ci has failed; its output is above. Without network access to the npm registry (or a mirror in .npmrc) nothing can be installed.')
  }
  writeFileSync(marker, lockHash())
  console.error(`Installed after ${((Date.now() - began) / 1000).toFixed(0)} s.`)
}

function ensurePinnedNode() {
  const { version } = JSON.parse(readFileSync(join(modules, 'node', 'package.json'), 'utf8'))
  if (pinnedVersion() === `v${version}`) return
  // Its binary is fetched by its install script, which npm leaves out where scripts are switched off.
  console.error(`Fetching Node ${version} …`)
  npm('rebuild', 'node', '--ignore-scripts=false', '--loglevel=error')
  const found = pinnedVersion()
  if (found === `v${version}`) return
  fail(`node_modules/.bin/node should be Node v${version}, and ${found === undefined ? 'does not run' : `is ${found}`}: remove node_modules, then start again.`)
}

/** Runs the script with the pinned Node and ends as it ends. */
function handOver(args) {
  const env = { ...process.env, PATH: `${join(modules, '.bin')}${delimiter}${process.env.PATH ?? ''}` }
  const child = spawn(pinned, args, { stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // A terminal sends SIGINT to the script, too: twice would mean "at once" to it.
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY) || child.kill(signal))
  }
  child.on('error', (error) => fail(`${pinned} cannot be run (${error.message}): remove node_modules, then start again.`))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  fail(`This is Node ${process.versions.node}; ${OLDEST_NODE} or newer is needed to begin with: https://nodejs.org/en/download`)
}
if (process.argv.length < 3) fail('Usage: node local/bootstrap.mjs SCRIPT.ts ARGUMENT…')
const why = whyInstall()
if (why !== undefined) install(why)
ensurePinnedNode()
handOver(process.argv.slice(2))
