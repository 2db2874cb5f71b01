import { apiVersion } from '../../operator/api/v1alpha1/index.ts'
import manifest from '../../package.json' with { type: 'json' }
import { wantsJson } from '../arguments.ts'
import { outputOption } from '../command.ts'
import type { Command } from '../command.ts'

export const version: Command = {
  name: 'version',
  synopsis: '[-o json]',
  about: 'the version of this plugin, and of the resources that it knows',
  options: outputOption,
  words: 0,
  run: ({ given, output }) => {
    const facts = { version: manifest.version, apiVersion, node: process.version }
    output.write(wantsJson(given) ? `${JSON.stringify(facts)}\n` : `kubectl-teruwa ${facts.version} for ${facts.apiVersion}, Node.js ${facts.node}\n`)
    return Promise.resolve(0)
  },
}
