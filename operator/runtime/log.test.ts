import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Logger } from './log.ts'
import type { LogLevel } from './log.ts'

function start(level?: LogLevel) {
  const lines: Record<string, unknown>[] = []
  const write = (line: string): void => {
    assert.match(line, /^[^\n]+\n$/)
    lines.push(JSON.parse(line) as Record<string, unknown>)
  }
  return { lines, log: new Logger({ ...(level ? { level } : {}), write, now: () => 0 }) }
}

test('a line is one JSON object with time, level, message and fields', () => {
  const { lines, log } = start()
  log.child({ controller: 'osc', key: 'x' }).info('two\nlines', { key: 'ns/a', none: undefined })
  assert.deepEqual(lines, [{ time: '1970-01-01T00:00:00.000Z', level: 'info', msg: 'two\nlines', controller: 'osc', key: 'ns/a' }])
})

test('lines below the level are not written, also by children', () => {
  const { lines, log } = start('warn')
  const child = log.child({ a: 1 })
  for (const each of [log, child]) {
    each.debug('d')
    each.info('i')
    each.warn('w')
    each.error('e')
  }
  assert.deepEqual(
    lines.map(({ level }) => level),
    ['warn', 'error', 'warn', 'error'],
  )
})

test('an error is written with its causes, and not with its other properties', () => {
  const { lines, log } = start()
  const cause = Object.assign(new TypeError('inner'), { headers: { authorization: 'secret' } })
  log.error('failed', { error: new Error('outer', { cause }), errors: new AggregateError([new Error('one'), 'two'], 'many') })
  const { error, errors } = lines[0] as { error: Record<string, unknown>; errors: Record<string, unknown> }
  assert.deepEqual([error['name'], error['message'], error['cause']], ['Error', 'outer', { name: 'TypeError', message: 'inner' }])
  assert.match(String(error['stack']), /log\.test\.ts/)
  assert.deepEqual(errors['errors'], [{ name: 'Error', message: 'one' }, 'two'])
  assert.ok(!JSON.stringify(lines).includes('secret'))
})

test('what is no JSON does not make a line fail', () => {
  const { lines, log } = start()
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  log.info('circle', { circle })
  log.info('big', { number: 2n ** 70n })
  assert.deepEqual([lines[0]?.['msg'], lines[1]?.['number']], ['circle', '1180591620717411303424'])
  assert.match(String(lines[0]?.['logError']), /circular/i)
})
