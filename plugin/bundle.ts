// npm run plugin: the plugin as one file that any Node.js runs, in a folder that npm can install.

import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import manifest from '../package.json' with { type: 'json' }

const NAME = 'kubectl-teruwa'
/** Where `npm run plugin` puts it, and package.json's `bin` finds it. */
export const PLUGIN_FOLDER = join(import.meta.dirname, '..', 'dist', 'plugin')

/** The oldest Node.js that the bundle runs on. */
export const OLDEST_NODE = 20

/** Makes the plugin in a folder. Returns the path of the program. */
export async function bundlePlugin(folder: string = PLUGIN_FOLDER): Promise<string> {
  const program = join(folder, NAME)
  await mkdir(folder, { recursive: true })
  await build({
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
