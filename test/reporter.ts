// A reporter of node:test that writes one line of JSON for each test that ended, for the runner to count.

import type { TestEvent } from 'node:test/reporters'
import type { TestEnd } from './counts.ts'

export default async function* reporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    const { name, file, details, skip, todo } = event.data
    const error: unknown = 'error' in details ? details.error : undefined
    const end: TestEnd = {
      name,
      passed: event.type === 'test:pass',
      suite: details.type === 'suite',
      skipped: (skip ?? false) !== false || (todo ?? false) !== false,
      ...(file === undefined ? {} : { file }),
      ...(error instanceof Error && 'failureType' in error ? { failureType: String(error.failureType) } : {}),
    }
    yield `${JSON.stringify(end)}\n`
  }
}
