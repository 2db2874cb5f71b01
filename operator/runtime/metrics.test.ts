import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from './metrics.ts'
import { standardMetrics } from './standard-metrics.ts'

test('counters and gauges are written with help, type and labels', () => {
  const registry = new Registry()
  const requests = registry.counter('requests_total', 'Requests.')
  const depth = registry.gauge('depth', 'Depth\nof a \\ queue.')
  requests.inc({ code: '200', method: 'GET' })
  requests.inc({ code: '200', method: 'GET' }, 2)
  requests.inc({ code: '500', method: 'GET' })
  depth.set(3)
  depth.set(1.5)
  assert.equal(
    registry.text(),
    `# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{code="200",method="GET"} 3
requests_total{code="500",method="GET"} 1
# HELP depth Depth\\nof a \\\\ queue.
# TYPE depth gauge
depth 1.5
`,
  )
})

test('values of labels are escaped', () => {
  const registry = new Registry()
  registry.counter('a', 'A.').inc({ x: 'quote " slash \\ line\n' })
  assert.ok(registry.text().includes(String.raw`a{x="quote \" slash \\ line\n"} 1`))
})

test('a histogram adds up its buckets', () => {
  const registry = new Registry()
  const time = registry.histogram('time', 'Time.', [0.1, 1])
  for (const value of [0.05, 0.1, 0.5, 7]) time.observe(value, { x: 'y' })
  assert.equal(
    registry.text(),
    `# HELP time Time.
# TYPE time histogram
time_bucket{x="y",le="0.1"} 2
time_bucket{x="y",le="1"} 3
time_bucket{x="y",le="+Inf"} 4
time_sum{x="y"} 7.65
time_count{x="y"} 4
`,
  )
  registry.histogram('plain', 'Plain.', [1]).observe(1)
  assert.ok(registry.text().includes('plain_bucket{le="1"} 1\n'))
})

test('a gauge may be read when asked', () => {
  const registry = new Registry()
  let value = 1
  registry.gauge('now', 'Now.', () => value)
  assert.match(registry.text(), /^now 1$/m)
  value = Infinity
  assert.match(registry.text(), /^now \+Inf$/m)
})

test('a gauge whose series are read has only those that are there', () => {
  const registry = new Registry()
  let nodes = ['a', 'b']
  registry.gaugeOf('offset', 'Offset.', () => nodes.map((node) => [{ node }, -0.5]))
  assert.equal(registry.text(), '# HELP offset Offset.\n# TYPE offset gauge\noffset{node="a"} -0.5\noffset{node="b"} -0.5\n')
  nodes = ['b']
  assert.ok(!registry.text().includes('node="a"'))
})

test('a name is used once', () => {
  const registry = new Registry()
  registry.counter('a', 'A.')
  assert.throws(() => registry.gauge('a', 'A.'), /metric a was made twice/)
})

test('the standard metrics have the names that dashboards know', () => {
  const registry = new Registry()
  const { reconciled, queueHooks, requested, leading } = standardMetrics(registry)
  reconciled('osc', 'success', 0.1)
  reconciled('osc', 'requeue_after', 0.1)
  reconciled('osc', 'terminal_error', 0.1)
  const hooks = queueHooks('osc')
  hooks.added?.()
  hooks.waited?.(1)
  hooks.worked?.(1)
  hooks.retried?.()
  requested('GET', '200')
  leading('operator', true)
  const text = registry.text()
  for (const line of [
    'controller_runtime_reconcile_total{controller="osc",result="success"} 1',
    'controller_runtime_reconcile_total{controller="osc",result="requeue_after"} 1',
    'controller_runtime_reconcile_total{controller="osc",result="error"} 1',
    'controller_runtime_reconcile_errors_total{controller="osc"} 1',
    'controller_runtime_terminal_reconcile_errors_total{controller="osc"} 1',
    'controller_runtime_reconcile_time_seconds_count{controller="osc"} 3',
    'workqueue_depth{name="osc"} 0',
    'workqueue_adds_total{name="osc"} 1',
    'workqueue_queue_duration_seconds_sum{name="osc"} 1',
    'workqueue_work_duration_seconds_sum{name="osc"} 1',
    'workqueue_retries_total{name="osc"} 1',
    'rest_client_requests_total{code="200",method="GET"} 1',
    'leader_election_master_status{name="operator"} 1',
    '# TYPE process_cpu_seconds_total counter',
  ])
    assert.ok(text.includes(`${line}\n`), line)
  assert.match(text, /^process_resident_memory_bytes \d{7,}$/m)
  assert.match(text, /^process_start_time_seconds \d{10}(\.\d+)?$/m)
})
