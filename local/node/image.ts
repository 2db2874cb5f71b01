import { chmod, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAptFolder } from '../../images/apt.ts'
import type { BuildProgress } from '../../images/build.ts'
import { imageReference, imageTags } from '../../images/build.ts'
import { defineImage } from '../../images/definition.ts'
import { buildEngine, withTemporary } from '../../images/engine.ts'
import { buildLayer } from '../../images/layer.ts'
import { ensureBaseImage } from '../base-image.ts'
import type { BuildOptions } from '../build.ts'
import { goBuild } from '../build.ts'
import { cachedFolder, cacheFolder, hashOf } from '../cache.ts'
import { hasImage } from '../docker.ts'
import { EMPTY_IMAGE, SHELL_IMAGE } from '../names.ts'

const PAUSE_SOURCE = join(import.meta.dirname, '..', 'go', 'pause')

/** What a node needs beside the built programs. */
const PACKAGES = [
  'busybox-static',
  'conntrack',
  'containerd',
  'containernetworking-plugins',
  'ethtool',
  'iproute2',
  'ipset',
  'iptables',
  'mount',
  'openssl',
  'procps',
  'runc',
  'socat',
  'tini',
  'util-linux',
]

/**
 * Makes the archive of the two small images that each node imports when it starts: no registry is asked for them. They consist
 * of one program each, so this needs no engine.
 */
const ARCHIVE_SCRIPT = `
cd "$(mktemp -d)"
arch=$(dpkg --print-architecture)
mkdir pause shell shell/bin shell/tmp
mv /opt/teruwa/pause pause/pause
cp /bin/busybox shell/bin/busybox
for applet in $(/bin/busybox --list); do [ "$applet" = busybox ] || ln -s busybox "shell/bin/$applet"; done
layer() {
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$1" -cf "$1.tar" .
  printf '{"architecture":"%s","os":"linux","config":%s,"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \\
    "$arch" "$2" "$(sha256sum "$1.tar" | cut -d' ' -f1)" > "$1.json"
}
layer pause '{"User":"65535:65535","Entrypoint":["/pause"]}'
layer shell '{"Cmd":["/bin/sh"],"Env":["PATH=/bin"]}'
printf '[{"Config":"pause.json","RepoTags":["${EMPTY_IMAGE}"],"Layers":["pause.tar"]},{"Config":"shell.json","RepoTags":["${SHELL_IMAGE}"],"Layers":["shell.tar"]}]' > manifest.json
tar -cf /opt/teruwa/images.tar manifest.json pause.json pause.tar shell.json shell.tar
mkdir -p /opt/teruwa/bin
`

async function pauseProgram(options: BuildOptions): Promise<string> {
  const source = await readFile(join(PAUSE_SOURCE, 'main.go'))
  const folder = await cachedFolder(cacheFolder('go', `pause-${hashOf(source, process.arch)}`), (out) =>
    goBuild(PAUSE_SOURCE, ['build', '-trimpath', '-ldflags', '-s -w', '-o', join(out, 'pause'), '.'], options),
  )
  return join(folder, 'pause')
}

/** What the image of a node's container is made from, and the full name that follows from it. */
export interface NodeImage {
  readonly reference: string
  /** Builds it on the images' base if the engine does not have it. */
  ensure(options?: BuildOptions): Promise<void>
}

/** The image of a node's container, as it would be built from this checkout. */
export async function nodeImage(): Promise<NodeImage> {
  const [entrypoint = '', containerd = '', pauseSource = ''] = await Promise.all(
    [join(import.meta.dirname, 'entrypoint.sh'), join(import.meta.dirname, 'containerd.toml'), join(PAUSE_SOURCE, 'main.go')].map((file) =>
      readFile(file, 'utf8'),
    ),
  )
  const { base: tag = '' } = imageTags(['base'])
  const definition = defineImage({ parent: 'base', packages: PACKAGES, script: ARCHIVE_SCRIPT })
  const reference = imageReference('node', hashOf(tag, JSON.stringify(definition), entrypoint, containerd, pauseSource))
  const files = (pause: string) => [
    { path: '/opt/teruwa/entrypoint', from: { content: entrypoint }, identity: entrypoint, executable: true },
    { path: '/etc/containerd/config.toml', from: { content: containerd }, identity: containerd },
    { path: '/opt/teruwa/pause', from: { file: pause }, identity: pauseSource, executable: true },
  ]
  return {
    reference,
    async ensure(options = {}) {
      const { onUpdate = () => {}, signal } = options
      if (await hasImage(reference, signal)) return
      const onProgress = ({ message }: BuildProgress) => message !== undefined && onUpdate(`base: ${message}`)
      const parent = await ensureBaseImage({ signal, onProgress })
      const generated = files(await pauseProgram(options))
      await withTemporary(async (temporary) => {
        const [engine, mirrors] = await Promise.all([buildEngine(temporary, signal), writeAptFolder(join(temporary, 'apt'), signal)])
        await Promise.all([mkdir(cacheFolder('debs', 'partial'), { recursive: true }), mkdir(join(temporary, 'lists', 'partial'), { recursive: true })])
        await chmod(temporary, 0o755)
        const shop = { engine, temporary, mirrors, signal, onLine: (_name: string, line: string) => onUpdate(line) }
        await buildLayer(shop, { name: 'node', definition, generated, parent, reference })
      })
    },
  }
}
