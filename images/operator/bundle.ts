import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildSync } from 'esbuild'

/** The operator as one ES module, the same bytes for the same sources. */
export function bundleOperator(entry: string = join(import.meta.dirname, '../../operator/main.ts')): Uint8Array {
  if (!existsSync(entry)) throw new Error('operator/main.ts does not exist, so the image "operator" cannot be made; every other image can: name them')
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minifySyntax: true,
    charset: 'ascii',
    keepNames: true,
    legalComments: 'none',
    logLevel: 'silent',
    // CommonJS dependencies ask for Node's own modules by require, which an ES module does not have.
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  })
  const [output] = outputFiles
  if (output === undefined) throw new Error('esbuild returned no output for operator/main.ts')
  // What is left are comments of libraries: with one such letter V8 keeps the whole text in two bytes a letter, which is twice the memory.
  return Buffer.from(output.text.replaceAll(/\P{ASCII}/gu, '?'))
}
