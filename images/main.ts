import { parseArgs } from 'node:util'
import { docker } from '../local/docker.ts'
import { runProgram } from '../local/program.ts'
import type { BuildProgress } from './build.ts'
import { buildImages } from './build.ts'
import { imageSizes, sizesTable } from './sizes.ts'
import { DEFAULT_REGISTRY, imageNames, imageReference, imageTags } from './tags.ts'

const USAGE = `Usage: npm run images -- COMMAND [--registry R] [NAME…]

  build   builds the images that are missing, and those that they lie on
  push    builds, then pushes to the registry (log in with docker login first)
  list    prints name and reference of each image; builds nothing
  sizes   prints the sizes of the images that are built

  --registry R   for push and list: the first part of the references (default: ${DEFAULT_REGISTRY})
  --verbose      each line of the build logs
  --help

Images: ${imageNames.join(' ')} (default: all)
`

/** One line for each change of an image, and each line of its log when asked for. */
function printer(verbose: boolean): (progress: BuildProgress) => void {
  return ({ name, state, message, seconds }) => {
    if (state === 'building' && message !== undefined) {
      if (verbose) console.log(`${name}: ${message}`)
      return
    }
    console.log(`${name.padEnd(12)} ${state}${state === 'built' ? ` in ${seconds.toFixed(1)} s` : ''}`)
  }
}

/** Runs one command line; returns the exit code. */
export async function main(argv: readonly string[], signal?: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { registry: { type: 'string' }, verbose: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  })
  const [command, ...asked] = positionals
  if (values.help || command === undefined) {
    ;(values.help ? console.log : console.error)(USAGE)
    return values.help ? 0 : 2
  }
  const { registry = DEFAULT_REGISTRY } = values
  const names = asked.length === 0 ? imageNames : asked
  const options = { names, onProgress: printer(values.verbose === true), signal }
  switch (command) {
    case 'build':
      await buildImages(options)
      break
    case 'push':
      if (values.registry === undefined) throw new Error('push: say where to with --registry, e.g. --registry registry.example.com/teruwa')
      for (const [name, built] of Object.entries(await buildImages(options))) {
        const reference = imageReference(name, built.slice(built.lastIndexOf(':') + 1), registry)
        console.log(`push ${reference}`)
        // Only a second name for what was built: nothing is built again for another registry.
        await docker(['tag', built, reference], { signal })
        await docker(['push', reference], { onLine: values.verbose ? console.log : undefined, signal })
      }
      return 0
    case 'list':
      for (const [name, tag] of Object.entries(imageTags(names))) console.log(`${name.padEnd(12)} ${imageReference(name, tag, registry)}`)
      return 0
    case 'sizes':
      break
    default:
      throw new Error(`unknown command ${command}; there are build, push, list, sizes`)
  }
  console.log(sizesTable(await imageSizes({ names, signal })))
  return 0
}

if (import.meta.main) {
  await runProgram(main)
}
