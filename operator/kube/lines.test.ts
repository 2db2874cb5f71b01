import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lines } from './lines.ts'

async function linesOf(chunks: readonly Uint8Array[]): Promise<string[]> {
  const source = async function* (): AsyncGenerator<Uint8Array> {
    yield* chunks
  }
  return await Array.fromAsync(lines(source()))
}

test('lines are the same however the stream is cut', async () => {
  const bytes = Buffer.from('{"a":"ä€😀"}\n\n{"b":1}\r\n{"c":2}\n')
  const whole = await linesOf([bytes])
  assert.deepEqual(
    whole.map((line) => JSON.parse(line) as unknown),
    [{ a: 'ä€😀' }, { b: 1 }, { c: 2 }],
  )
  for (let size = 1; size <= bytes.length; size++) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
    assert.deepEqual(await linesOf(chunks), whole, `in chunks of ${size}`)
  }
})

test('what has no end is not a line', async () => {
  assert.deepEqual(await linesOf([Buffer.from('a\nb')]), ['a'])
})
