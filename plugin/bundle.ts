// npm run plugin: the plugin as one file that any Node.js runs, in a folder that npm can install.

import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build as bundle } from 'esbuild'
import type { Plugin } from 'esbuild'
import manifest from '../package.json' with { type: 'json' }

const NAME = 'kubectl-teruwa'
/** Where `npm run plugin` puts it, and package.json's `bin` finds it. */
export const PLUGIN_FOLDER = join(import.meta.dirname, '..', 'dist', 'plugin')

/** The oldest Node.js that the bundle runs on. */
export const OLDEST_NODE = 20

/**
 * What takes more time to load than all of the plugin, and is never asked for: undici without fetch and what belongs to that, and of the Kubernetes client nothing
 * but what reads kubeconfigs, without the classes of every kind that there is.
 */
const leaveOut: Plugin = {
  name: 'leave-out',
  setup: (build) => {
    build.onResolve({ filter: /^undici$/ }, () => ({ path: join(import.meta.dirname, 'bundle', 'undici.mjs') }))
    build.onResolve({ filter: /^@kubernetes\/client-node$/ }, ({ kind, resolveDir }) =>
      build.resolve('@kubernetes/client-node/dist/config.js', { kind, resolveDir }),
    )
    build.onLoad({ filter: /client-node\/dist\/gen\/index\.js$/ }, () => ({
      contents: 'export const createConfiguration = undefined, ServerConfiguration = undefined',
    }))
  },
}

/** Makes the plugin in a folder. Returns the path of the program. */
export async function bundlePlugin(folder: string = PLUGIN_FOLDER): Promise<string> {
  const program = join(folder, NAME)
  await mkdir(folder, { recursive: true })
  await bundle({
    entryPoints: [join(import.meta.dirname, 'main.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    target: `node${OLDEST_NODE}`,
    // A program whose name has no ending is CommonJS for every Node.js, wherever it is copied to.
    format: 'cjs',
    inject: [join(import.meta.dirname, 'older-node.ts')],
    minify: true,
    keepNames: true,
    legalComments: 'none',
    plugins: [leaveOut],
    logLevel: 'silent',
    banner: { js: '#!/usr/bin/env node' },
  })
  await chmod(program, 0o755)
  const { version, license } = manifest
  // Below a package.json that says `module`, it would be one.
  const own = { name: NAME, version, license, description: 'kubectl teruwa', type: 'commonjs', bin: { [NAME]: NAME }, engines: { node: `>=${OLDEST_NODE}` } }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(own, null, 2)}\n`)
  return program
}

if (import.meta.main) console.log(await bundlePlugin())
