import type { BuildProgress } from '../images/build.ts'
import { buildImages } from '../images/build.ts'

let building: Promise<string> | undefined

/**
 * The base that the images and the nodes' image lie on. Both may ask for it at once: it is built once, followed and ended by who asked first.
 */
export function ensureBaseImage(options: { onProgress?: (progress: BuildProgress) => void; signal?: AbortSignal } = {}): Promise<string> {
  building ??= build(options)
  return building
}

async function build(options: { onProgress?: (progress: BuildProgress) => void; signal?: AbortSignal }): Promise<string> {
  try {
    const { base = '' } = await buildImages({ ...options, names: ['base'] })
    return base
  } catch (error) {
    building = undefined
    throw error
  }
}
