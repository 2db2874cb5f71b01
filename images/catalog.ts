import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ImageDefinition } from './definition.ts'

/** Every image, by its name: one folder each. Parents are before children; the rest is as the definitions ask for. */
export const catalog: Readonly<Record<string, ImageDefinition>> = inBuildOrder(await definitions())

async function definitions(): Promise<Record<string, ImageDefinition>> {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter((file) => /^[^/]+\/image\.ts$/.test(file))
  const found = files.map(async (file) => {
    const { default: definition } = (await import(join(import.meta.dirname, file))) as { readonly default: ImageDefinition }
    return [dirname(file), definition] as const
  })
  return Object.fromEntries(await Promise.all(found))
}

/** The same in the order in which they are built. */
export function inBuildOrder(images: Readonly<Record<string, ImageDefinition>>): Record<string, ImageDefinition> {
  const rank = (name: string) => ({ early: 0, default: 1, last: 2 })[images[name]?.build ?? 'default']
  const ordered: Record<string, ImageDefinition> = {}
  const add = (name: string): void => {
    const definition = images[name]
    if (definition === undefined || name in ordered) return
    if (definition.parent !== undefined) add(definition.parent)
    ordered[name] = definition
  }
  for (const name of Object.keys(images).toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))) add(name)
  return ordered
}
