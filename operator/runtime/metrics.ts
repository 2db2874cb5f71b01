export type Labels = Readonly<Record<string, string>>

/** Buckets of times in seconds, from a call within the cluster to a slow reconcile. */
const TIME_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** A metric of one name, with a value for each set of labels. */
abstract class Metric<Value> {
  readonly name: string
  readonly help: string
  abstract readonly type: 'counter' | 'gauge' | 'histogram'
  protected readonly values = new Map<string, Value>()

  constructor(name: string, help: string) {
    this.name = name
    this.help = help
  }

  /** The lines of its samples. */
  abstract samples(): string[]
}

/** Only goes up. */
export class Counter extends Metric<number> {
  readonly type = 'counter'

  inc(labels: Labels = {}, by = 1): void {
    const key = labelText(labels)
    this.values.set(key, (this.values.get(key) ?? 0) + by)
  }

  samples(): string[] {
    return [...this.values].map(([labels, value]) => `${this.name}${braces(labels)} ${numberText(value)}`)
  }
}

/** Goes up and down, or is read when it is asked for. */
export class Gauge extends Metric<number> {
  readonly type: 'gauge' | 'counter'
  readonly #read: (() => number) | undefined

  constructor(name: string, help: string, read?: () => number, type: 'gauge' | 'counter' = 'gauge') {
    super(name, help)
    this.#read = read
    this.type = type
  }

  set(value: number, labels: Labels = {}): void {
    this.values.set(labelText(labels), value)
  }

  samples(): string[] {
    if (this.#read !== undefined) this.set(this.#read())
    return [...this.values].map(([labels, value]) => `${this.name}${braces(labels)} ${numberText(value)}`)
  }
}

/** Is read, all of its series, when it is asked for: one that is gone is not there any more. */
export class ReadGauge extends Metric<number> {
  readonly type = 'gauge'
  readonly #read: () => Iterable<readonly [Labels, number]>

  constructor(name: string, help: string, read: () => Iterable<readonly [Labels, number]>) {
    super(name, help)
    this.#read = read
  }

  samples(): string[] {
    return [...this.#read()].map(([labels, value]) => `${this.name}${braces(labelText(labels))} ${numberText(value)}`)
  }
}

interface Distribution {
  readonly counts: number[]
  sum: number
  count: number
}

/** How values are distributed over buckets. */
export class Histogram extends Metric<Distribution> {
  readonly type = 'histogram'
  readonly #buckets: readonly number[]

  /** `buckets`: upper bounds, ascending. Default: for times in seconds. */
  constructor(name: string, help: string, buckets: readonly number[] = TIME_BUCKETS) {
    super(name, help)
    this.#buckets = buckets
  }

  observe(value: number, labels: Labels = {}): void {
    const key = labelText(labels)
    const entry = this.values.get(key) ?? { counts: this.#buckets.map(() => 0), sum: 0, count: 0 }
    this.values.set(key, entry)
    const index = this.#buckets.findIndex((bound) => value <= bound)
    if (index >= 0) entry.counts[index] = (entry.counts[index] ?? 0) + 1
    entry.sum += value
    entry.count += 1
  }

  samples(): string[] {
    return [...this.values].flatMap(([labels, { counts, sum, count }]) => {
      let below = 0
      const bucket = (bound: string, value: number): string => `${this.name}_bucket${braces(`${labels}${labels && ','}le="${bound}"`)} ${value}`
      const buckets = this.#buckets.map((bound, index) => bucket(numberText(bound), (below += counts[index] ?? 0)))
      return [...buckets, bucket('+Inf', count), `${this.name}_sum${braces(labels)} ${numberText(sum)}`, `${this.name}_count${braces(labels)} ${count}`]
    })
  }
}

/** All metrics of a process, in the order in which they were made. */
export class Registry {
  readonly #metrics = new Map<string, Metric<unknown>>()

  counter(name: string, help: string): Counter {
    return this.#add(new Counter(name, help))
  }

  gauge(name: string, help: string, read?: () => number): Gauge {
    return this.#add(new Gauge(name, help, read))
  }

  /** A gauge of which somebody else knows all series. */
  gaugeOf(name: string, help: string, read: () => Iterable<readonly [Labels, number]>): void {
    this.#add(new ReadGauge(name, help, read))
  }

  /** A counter that somebody else counts. */
  counterOf(name: string, help: string, read: () => number): void {
    this.#add(new Gauge(name, help, read, 'counter'))
  }

  histogram(name: string, help: string, buckets?: readonly number[]): Histogram {
    return this.#add(new Histogram(name, help, buckets))
  }

  /** Everything in the text format of Prometheus, version 0.0.4. */
  text(): string {
    const blocks = [...this.#metrics.values()].map((metric) => {
      const help = metric.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
      return [`# HELP ${metric.name} ${help}`, `# TYPE ${metric.name} ${metric.type}`, ...metric.samples()].join('\n')
    })
    return `${blocks.join('\n')}\n`
  }

  #add<M extends Metric<unknown>>(metric: M): M {
    if (this.#metrics.has(metric.name)) throw new Error(`metric ${metric.name} was made twice`)
    this.#metrics.set(metric.name, metric)
    return metric
  }
}

/** Content type of `Registry.text`. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`)
    .join(',')
}

function braces(labels: string): string {
  return labels === '' ? '' : `{${labels}}`
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  return String(value)
}
