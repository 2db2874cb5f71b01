// No command in a document that nobody runs.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { aboutNothing, complaint, elsewhere, notRun, onApiServer, onCloud, plain, withValues } from './command-rules.ts'
import { allDocumentCommands, documentCommands } from './document-commands.ts'

const root = join(import.meta.dirname, '..')
const commands = await allDocumentCommands()

const SAMPLE = `# A cloud
Type \`kubectl get
nodes\`, not \`NODE\`.

## Look
1. Like this:

   \`\`\`
   kubectl get pods \\
     -A                      # all
   for pod in $pods; do
     echo $pod
   done
   \`\`\`

   \`\`\`text
   error: no pods

     kubectl get pods --help
   \`\`\`
\`\`\`yaml
kind: Pod
\`\`\`
`

test('commands are found with their line, section and answer: in blocks, between backquotes, and as examples of help texts', () => {
  const answer = 'error: no pods\n\n  kubectl get pods --help'
  assert.deepEqual(documentCommands('a.md', SAMPLE), [
    { file: 'a.md', section: 'A cloud', line: 2, text: 'kubectl get nodes' },
    { file: 'a.md', section: 'Look', line: 9, text: 'kubectl get pods \\\n  -A                      # all' },
    { file: 'a.md', section: 'Look', line: 11, text: 'for pod in $pods; do\n  echo $pod\ndone', answer },
    { file: 'a.md', section: 'Look', line: 19, text: 'kubectl get pods --help' },
  ])
  assert.equal(plain('kubectl get pods \\\n  -A       # all'), 'kubectl get pods -A')
  assert.equal(withValues('get NODE -l CLOUD-NODES', { NODE: 'one', CLOUD: 'teruwa' }), 'get one -l teruwa-NODES')
})

test('a command fails by its exit code, by another answer than the one that is shown, and by a path to nothing', () => {
  const of = (text: string, answer?: string) => ({ file: 'a.md', section: '', line: 1, text, ...(answer === undefined ? {} : { answer }) })
  assert.equal(complaint(of('kubectl get pods'), { code: 0, output: '' }), undefined)
  assert.match(complaint(of('kubectl get pods'), { code: 1, output: 'no' }) ?? '', /^a\.md:1: kubectl get pods\nended with exit code 1 and said:\nno/)
  assert.equal(complaint(of('kubectl get pods', '… no\n pods'), { code: 1, output: 'Error: no pods\n' }), undefined)
  assert.match(complaint(of('kubectl get pods', 'no pods'), { code: 0, output: 'pod' }) ?? '', /shows:\nno pods/)
  assert.match(complaint(of("kubectl get pod one -o jsonpath='{.spce}'"), { code: 0, output: '' }) ?? '', /is there such a field/)
})

const lists = [
  ...[onCloud, aboutNothing, onApiServer].flatMap((patterns) => patterns.map((pattern) => ({ pattern }))),
  ...[...elsewhere, ...notRun].map((entry) => ({ pattern: entry.commands })),
]

test('each command in the documents is run, or said not to be: in one way', () => {
  assert.ok(commands.length > 150, `${commands.length} commands were found`)
  const ways = (text: string) => [
    ...Object.entries({ onCloud, aboutNothing, onApiServer }).flatMap(([name, patterns]) => (patterns.some((each) => each.test(text)) ? [name] : [])),
    ...elsewhere.filter((each) => each.commands.test(text)).map(({ file }) => file),
    ...notRun.filter((each) => each.commands.test(text)).map(({ because }) => because),
  ]
  const wrong = commands
    .map(({ file, line, text }) => ({ where: `${file}:${line}: ${plain(text)}`, ways: ways(plain(text)) }))
    .filter((each) => each.ways.length !== 1)
  assert.deepEqual(wrong, [], 'each belongs into one list of test/command-rules.ts: let a cloud or an API server run it, or name the test that does')
})

test('every entry is about a command that is there', () => {
  const stale = lists.filter(({ pattern }) => !commands.some(({ text }) => pattern.test(plain(text))))
  assert.deepEqual(stale, [], 'take it out of test/command-rules.ts')
})

for (const { file, says } of elsewhere) {
  test(`${file} still does what documents say: ${says}`, async () => {
    assert.ok((await readFile(join(root, file), 'utf8')).includes(says), 'name the test that does it now in test/command-rules.ts')
  })
}
