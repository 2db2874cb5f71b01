import type { StepState } from '../../operator/api/v1alpha1/index.ts'
import { reduced } from './steps.ts'
import type { GraphStep } from './steps.ts'

const BOX = { width: 176, height: 22 }
const GAP = { x: 56, y: 8 }
const MARGIN = 16
const LEGEND = 28

const fills: Readonly<Record<StepState, string>> = { Ready: '#d9efe0', Progressing: '#d5e6f7', Waiting: '#eef1f4', Failed: '#f8d7da' }
const strokes: Readonly<Record<StepState, string>> = { Ready: '#2f8f57', Progressing: '#2b6cb0', Waiting: '#8a97a5', Failed: '#b5293d' }

interface Placed {
  readonly step: GraphStep
  readonly x: number
  readonly y: number
}

/** A picture of the graph: a box a step, coloured by its state, to the right of all that it needs. Arrows that follow from others are left out. Pure. */
export function graphSvg(title: string, steps: readonly GraphStep[]): string {
  const needs = reduced(steps)
  const columns = layers(steps, needs)
  const height = MARGIN * 2 + LEGEND + Math.max(0, ...columns.map(({ length }) => length)) * (BOX.height + GAP.y)
  const width = MARGIN * 2 + columns.length * (BOX.width + GAP.x) - GAP.x
  const places = new Map<string, Placed>()
  for (const [column, members] of columns.entries()) {
    const top = MARGIN + LEGEND + (height - MARGIN * 2 - LEGEND - members.length * (BOX.height + GAP.y)) / 2
    for (const [row, step] of members.entries()) places.set(step.id, { step, x: MARGIN + column * (BOX.width + GAP.x), y: top + row * (BOX.height + GAP.y) })
  }
  const edges = [...needs].flatMap(([id, all]) => all.flatMap((need) => edge(places.get(need), places.get(id))))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">
<title>${escapeXml(title)}</title>
<style>svg { background: #fff } text { fill: #22303f } path { fill: none; stroke: #b4bfca }</style>
${[...edges, ...[...places.values()].map(box), ...legend()].join('\n')}
</svg>
`
}

/** The steps by how many others come before them; in each column near the height of what they need, so that few arrows cross. */
function layers(steps: readonly GraphStep[], needs: ReadonlyMap<string, readonly string[]>): GraphStep[][] {
  const depths = new Map<string, number>()
  const depth = (id: string, path: ReadonlySet<string> = new Set()): number => {
    const known = depths.get(id)
    if (known !== undefined || path.has(id)) return known ?? 0
    const found = 1 + Math.max(-1, ...(needs.get(id) ?? []).map((need) => depth(need, new Set([...path, id]))))
    depths.set(id, found)
    return found
  }
  const columns: GraphStep[][] = []
  for (const step of steps) (columns[depth(step.id)] ??= []).push(step)
  const heights = new Map<string, number>()
  return columns.map((members) => {
    const wanted = (id: string): number => {
      const above = (needs.get(id) ?? []).flatMap((need) => heights.get(need) ?? [])
      return above.length === 0 ? 0.5 : above.reduce((sum, each) => sum + each, 0) / above.length
    }
    const sorted = members.toSorted((a, b) => wanted(a.id) - wanted(b.id))
    for (const [row, { id }] of sorted.entries()) heights.set(id, (row + 0.5) / sorted.length)
    return sorted
  })
}

function edge(from: Placed | undefined, to: Placed | undefined): string[] {
  if (from === undefined || to === undefined) return []
  const [x1, y1, x2, y2] = [from.x + BOX.width, from.y + BOX.height / 2, to.x, to.y + BOX.height / 2]
  const bend = Math.max(GAP.x / 2, (x2 - x1) / 2)
  return [`<path d="M${x1} ${y1.toFixed(1)} C${x1 + bend} ${y1.toFixed(1)} ${x2 - bend} ${y2.toFixed(1)} ${x2} ${y2.toFixed(1)}"/>`]
}

function box({ step: { id, state, message }, x, y }: Placed): string {
  const tip = `<title>${escapeXml(`${id}: ${state}${message === undefined ? '' : `, ${message}`}`)}</title>`
  return `<g>${tip}${rectangle(state, x, y, BOX.width)}<text x="${x + BOX.width / 2}" y="${(y + 15).toFixed(1)}" text-anchor="middle">${escapeXml(id)}</text></g>`
}

function legend(): string[] {
  return (Object.keys(fills) as StepState[]).map((state, index) => {
    const x = MARGIN + index * 110
    return `${rectangle(state, x, MARGIN - 6, 14, 14)}<text x="${x + 20}" y="${MARGIN + 5}">${state}</text>`
  })
}

function rectangle(state: StepState, x: number, y: number, width: number, height: number = BOX.height): string {
  return `<rect x="${x}" y="${y.toFixed(1)}" width="${width}" height="${height}" rx="4" fill="${fills[state]}" stroke="${strokes[state]}"/>`
}

/** A text inside of an SVG's. */
export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
