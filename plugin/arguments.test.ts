import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstWord, numberOption, optionLines, parseArguments, spanOption, UsageError, wantsJson } from './arguments.ts'
import type { Options } from './arguments.ts'

const options: Options = {
  namespace: { type: 'string', short: 'n', value: 'NAME', about: 'where' },
  follow: { type: 'boolean', short: 'f', about: 'go on' },
  output: { type: 'string', short: 'o', value: 'json', about: 'JSON' },
  tail: { type: 'string', value: 'N', about: 'lines' },
  since: { type: 'string', value: 'SPAN', about: 'age' },
}

test('the command is the first word that is no value of an option, wherever it stands', () => {
  assert.deepEqual(firstWord(['-n', 'openstack', 'logs', 'nova', '-f'], options), { word: 'logs', rest: ['-n', 'openstack', 'nova', '-f'] })
  assert.deepEqual(firstWord(['--namespace=openstack', 'status'], options), { word: 'status', rest: ['--namespace=openstack'] })
  assert.deepEqual(firstWord(['-f'], options), { rest: ['-f'] })
})

test('what a command does not know is refused with one sentence', () => {
  const refused = (argv: string[], pattern: RegExp) =>
    assert.throws(
      () => parseArguments(argv, options, 1),
      (error) => error instanceof UsageError && pattern.test(error.message),
    )
  refused(['--frob'], /^unknown option '--frob'$/)
  refused(['-n'], /--namespace.* argument missing$/)
  refused(['nova', 'glance'], /^unexpected argument "glance"$/)
  assert.deepEqual({ ...parseArguments(['-f', 'nova'], options, 1).values }, { follow: true })
})

test('values that make no sense are refused by name', () => {
  const given = (...argv: string[]) => parseArguments(argv, options, 0)
  assert.equal(numberOption(given('--tail', '5'), 'tail', 0), 5)
  assert.throws(() => numberOption(given('--tail', 'five'), 'tail', 0), /--tail five: expected a whole number of at least 0/)
  assert.throws(() => numberOption(given('--tail=-1'), 'tail', 0), /--tail -1/)
  assert.equal(spanOption(given('--since', '1h30m5s'), 'since'), 5405)
  assert.throws(() => spanOption(given('--since', '5x'), 'since'), /--since 5x: expected a span/)
  assert.equal(wantsJson(given('-o', 'json')), true)
  assert.throws(() => wantsJson(given('-o', 'yaml')), /the only format is json/)
})

test('options are told in two columns', () => {
  assert.deepEqual(optionLines({ follow: options['follow'] ?? { type: 'boolean', about: '' }, tail: options['tail'] ?? { type: 'string', about: '' } }), [
    '  -f, --follow  go on',
    '      --tail N  lines',
  ])
})
