import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { ImageDefinition } from './definition.ts'
import { imageReference, imageTags, tagsOf, withParents } from './tags.ts'

const definitions: Record<string, ImageDefinition> = {
  base: { packages: ['tini'] },
  middle: { parent: 'base', release: 'zed', packages: ['a'] },
  leaf: { parent: 'middle', release: 'zed', script: 'true' },
  other: { parent: 'base' },
}

async function folderWith(t: TestContext, files: Record<string, string>): Promise<{ folder: string; write: (path: string, text: string) => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-tags-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  for (const [path, text] of Object.entries(files)) await write(path, text)
  return { folder, write }
}

/** The names whose tags differ. */
function changed(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(before).filter((name) => before[name] !== after[name])
}

test('a tag begins with the release and is the same for the same inputs', async (t) => {
  const { folder } = await folderWith(t, { 'builder/build.sh': 'one' })
  const tags = tagsOf(definitions, folder)
  assert.match(tags['middle'] ?? '', /^zed-[0-9a-f]{10}$/)
  assert.match(tags['base'] ?? '', /^[0-9a-f]{10}$/)
  assert.deepEqual(tagsOf(definitions, folder), tags)
})

test('an image has the same tag whoever else is asked for', () => {
  const all = imageTags()
  for (const name of Object.keys(all)) assert.deepEqual(imageTags([name]), { [name]: all[name] })
})

test('a changed file gives the image and all that lie on it new tags, and no others', async (t) => {
  const { folder, write } = await folderWith(t, { 'middle/files/etc/a': '1' })
  const before = tagsOf(definitions, folder)
  await write('middle/files/etc/a', '2')
  assert.deepEqual(changed(before, tagsOf(definitions, folder)), ['middle', 'leaf'])
})

test('mode, name and stage count as much as content', async (t) => {
  const { folder, write } = await folderWith(t, { 'leaf/files/start': 'x' })
  const before = tagsOf(definitions, folder)
  await chmod(join(folder, 'leaf/files/start'), 0o755)
  const executable = tagsOf(definitions, folder)
  assert.deepEqual(changed(before, executable), ['leaf'])
  await write('leaf/stage/make', 'x')
  assert.deepEqual(changed(executable, tagsOf(definitions, folder)), ['leaf'])
})

test("the builder's scripts are in every tag", async (t) => {
  const { folder, write } = await folderWith(t, { 'builder/build.sh': 'one' })
  const before = tagsOf(definitions, folder)
  await write('builder/build.sh', 'two')
  assert.deepEqual(changed(before, tagsOf(definitions, folder)), Object.keys(definitions))
})

test('a generated file counts by its identity, and sees the tags before it', async (t) => {
  const { folder } = await folderWith(t, {})
  const withIdentity = (identity: string, seen: string[] = []) =>
    tagsOf(
      {
        base: {},
        made: {
          parent: 'base',
          generate: (tags) => {
            seen.push(...Object.keys(tags))
            return [{ path: '/a', from: { content: 'same' }, identity }]
          },
        },
      },
      folder,
    )
  const seen: string[] = []
  assert.deepEqual(changed(withIdentity('1', seen), withIdentity('2')), ['made'])
  assert.deepEqual(seen, ['base'])
})

test('an image must come after its parent', async (t) => {
  const { folder } = await folderWith(t, {})
  assert.throws(() => tagsOf({ leaf: { parent: 'base' }, base: {} }, folder), /image leaf: its parent base/)
})

test('parents are added once, before their children', () => {
  assert.deepEqual(withParents(['leaf', 'middle'], definitions), ['base', 'middle', 'leaf'])
  assert.deepEqual(withParents(['other'], definitions), ['base', 'other'])
})

test('an unknown name is refused with the known ones', () => {
  assert.throws(() => imageTags(['nova', 'novae']), /unknown image novae; there are base, openstack/)
})

test('a reference is registry, name and tag', () => {
  assert.equal(imageReference('nova', 'zed-1', 'registry.example.com/teruwa'), 'registry.example.com/teruwa/nova:zed-1')
})
