import { escapeXml } from '../../plugin/graph/svg.ts'
import type { Timeline } from './timeline.ts'

const ROW = 18
const LABEL = 230
const CHART = 900
const TOP = 34

/** A distance between two marks of the axis that gives no more than a dozen. */
function tick(seconds: number): number {
  return [1, 2, 5, 10, 15, 30, 60, 120, 300, 600].find((step) => seconds / step <= 12) ?? 1800
}

/** A picture of a timeline: a bar a step; its light part is the wait between "could start" and "started", the accent marks the critical path. */
export function timelineSvg({ steps, seconds, criticalPath }: Timeline): string {
  const x = (time: number) => LABEL + (CHART * time) / Math.max(seconds, 1)
  const height = TOP + steps.length * ROW + 34
  const critical = new Set(criticalPath)
  const bar = (from: number, to: number, y: number, kind: string) =>
    `<rect class="${kind}" x="${x(from).toFixed(1)}" y="${y}" width="${Math.max(x(to) - x(from), 1).toFixed(1)}" height="${ROW - 6}" rx="2"/>`
  const rows = steps.map(({ id, possible, start, end }, index) => {
    const y = TOP + index * ROW
    const kind = critical.has(id) ? 'critical' : 'run'
    const title = `<title>${escapeXml(id)}: could start ${possible} s, started ${start} s, ended ${end} s</title>`
    const wait = start > possible ? bar(possible, start, y + 3, 'wait') : ''
    const label = `<text class="${kind}" x="${LABEL - 8}" y="${y + 13}" text-anchor="end">${escapeXml(id)}</text>`
    const time = `<text class="time" x="${(x(end) + 4).toFixed(1)}" y="${y + 13}">${(end - start).toFixed(1)}</text>`
    return `<g>${title}${label}${wait}${bar(start, end, y + 3, kind)}${time}</g>`
  })
  const step = tick(seconds)
  const axis = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step).map(
    (time) =>
      `<line class="grid" x1="${x(time).toFixed(1)}" y1="${TOP - 6}" x2="${x(time).toFixed(1)}" y2="${height - 28}"/>` +
      `<text class="time" x="${x(time).toFixed(1)}" y="${TOP - 12}" text-anchor="middle">${time} s</text>`,
  )
  const legend = [
    ['wait', 'could start, waits'],
    ['run', 'runs'],
    ['critical', 'on the critical path'],
  ].map(
    ([kind, text], index) =>
      `<rect class="${kind}" x="${LABEL + index * 170}" y="${height - 18}" width="14" height="10" rx="2"/>` +
      `<text class="time" x="${LABEL + index * 170 + 20}" y="${height - 9}">${text}</text>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LABEL + CHART + 60} ${height}" font-family="sans-serif" font-size="11">
<style>
svg { background: #fff }
.wait { fill: #c9d3df } rect.run { fill: #4a6785 } rect.critical { fill: #d1495b }
text { fill: #22303f } text.critical { fill: #b5293d; font-weight: bold } text.time { fill: #6b7885; font-size: 10px }
.grid { stroke: #e6eaee }
</style>
${[...axis, ...rows, ...legend].join('\n')}
</svg>
`
}
