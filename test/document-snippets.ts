// What in a document can be tried without a cloud: pieces of YAML, changes of a resource, command lines of our own programs, sections that links name.

import { loadAll } from 'js-yaml'

type Json = Readonly<Record<string, unknown>>

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The blocks of a document that are marked as of this language, without the indentation of a list that they stand in. Those without a mark are of ''. */
export function blocks(text: string, language: string): string[] {
  return [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^ *```$/gm)]
    .filter(([, , mark]) => mark === language)
    .map(([, indent = '', , body = '']) => body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))
}

/** The OpenStackClusters in a document. What has a spec and no kind is a part of one. */
export function clusters(text: string): Json[] {
  return blocks(text, 'yaml')
    .flatMap((block) => loadAll(block))
    .filter(isRecord)
    .filter(({ kind, spec }) => kind === 'OpenStackCluster' || (kind === undefined && spec !== undefined))
}

/** What merge patches in a document make of an OpenStackCluster. */
export function patches(text: string): Json[] {
  const found = text.matchAll(/\bpatch (?:openstackcluster|osc) \S+ --type=merge -p '(\{.*?\})'/g)
  return [...found].map(([, patch = '']) => JSON.parse(patch) as Json)
}

/** What stands behind a command in the document's blocks and between its backquotes, as words; comments, pipes and what comes after are none of it. */
export function commandLines(text: string, command: string): string[][] {
  const found = text.replaceAll(/^Usage: .*$/gm, '').matchAll(new RegExp(`${command}((?: +[^\\s#|>&;)\`,:.][^\\s#|>&;)\`,:]*)*)`, 'g'))
  return [...found].map(([, rest = '']) => rest.split(' ').filter((word) => word !== ''))
}

/** What links call the sections of a document: the headings in lower case, without punctuation, with dashes for spaces. */
export function sections(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
