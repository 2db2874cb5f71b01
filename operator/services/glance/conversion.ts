import type { BootstrapImage, OpenStackClusterSpec } from '../../api/v1alpha1/index.ts'
import type { Ini } from '../../config/ini.ts'

/** Formats that Glance can convert: those that QEMU knows under the same name. */
const convertible: ReadonlySet<BootstrapImage['diskFormat']> = new Set(['qcow2', 'vmdk', 'vdi', 'vhdx'] as const)

/** Whether the store of images is one that clones bare disks in no time, and copies everything else. A store of files is none. */
export function storesRaw({ services }: OpenStackClusterSpec): boolean {
  return services.glance.rbd !== undefined
}

/** The format that an image gets on its way into the store, where that is another one than its file's. */
export function conversionOf(spec: OpenStackClusterSpec, { diskFormat, containerFormat = 'bare' }: Pick<BootstrapImage, 'diskFormat' | 'containerFormat'>) {
  return storesRaw(spec) && containerFormat === 'bare' && convertible.has(diskFormat) ? 'raw' : undefined
}

/** Options by which Glance converts what it imports. The interpreter is named because under uWSGI Glance would take uWSGI for it. */
export function conversionOptions(spec: OpenStackClusterSpec): Ini {
  if (!storesRaw(spec)) return {}
  return {
    image_import_opts: { image_import_plugins: '[image_conversion]' },
    image_conversion: { output_format: 'raw' },
    wsgi: { python_interpreter: '/usr/bin/python3' },
  }
}
