// A real Prometheus that asks one target, with the alerts of the chart.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensurePrometheus } from '../../local/prometheus.ts'
import { freePorts, startDaemon } from '../daemon.ts'
import { until } from './api-server.ts'

/** A series and its value now. */
export interface Found {
  readonly metric: Readonly<Record<string, string>>
  readonly value: number
}

export interface Prometheus {
  /** What an expression gives now. */
  readonly query: (expression: string) => Promise<Found[]>
  /** Every alert, and what went wrong when it was looked at last. */
  readonly rules: () => Promise<{ readonly name: string; readonly health: string; readonly lastError?: string }[]>
  readonly stop: () => Promise<void>
}

const alerts = join(import.meta.dirname, '..', '..', 'charts', 'teruwa', 'files', 'alerts.yaml')

/** Starts one that asks the port of this host each second; resolves when it answers. */
export async function startPrometheus(target: number): Promise<Prometheus> {
  const program = join(await ensurePrometheus(), 'prometheus')
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-prometheus-'))
  const [port = 0] = await freePorts(1)
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [alerts],
    scrape_configs: [
      { job_name: 'teruwa', honor_labels: true, static_configs: [{ targets: [`127.0.0.1:${target}`], labels: { namespace: 'teruwa-system' } }] },
    ],
  }
  const file = join(folder, 'prometheus.json')
  await writeFile(file, JSON.stringify(config))
  const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn']
  const daemon = startDaemon('prometheus', program, args, folder)
  const get = async (path: string): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`Prometheus answers ${path} with ${answer.status}: ${text}`)
    return JSON.parse(text)
  }
  const stop = async () => {
    await daemon.stop()
    await rm(folder, { recursive: true })
  }
  try {
    await until(
      'Prometheus is ready',
      async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/-/ready`)
        return answer.ok ? undefined : await answer.text()
      },
      [daemon],
    )
  } catch (error) {
    await stop()
    throw error
  }
  return {
    query: async (expression) => {
      const { data } = (await get(`/api/v1/query?query=${encodeURIComponent(expression)}`)) as {
        data: { result: { metric: Found['metric']; value: [number, string] }[] }
      }
      return data.result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }))
    },
    rules: async () => {
      const { data } = (await get('/api/v1/rules')) as { data: { groups: { rules: { name: string; health: string; lastError?: string }[] }[] } }
      return data.groups.flatMap(({ rules }) => rules)
    },
    stop,
  }
}
