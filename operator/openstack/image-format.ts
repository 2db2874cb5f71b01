/** A format that files of disks have, and the bytes by which every file of it is known. */
export interface Signature {
  /** As Glance calls it where it is one of its disk formats; else in words for a person. */
  readonly format: string
  /** Where the bytes are, counted from the beginning of the file. */
  readonly offset: number
  /** In hex. */
  readonly bytes: string
}

const text = (characters: string): string => Buffer.from(characters, 'latin1').toString('hex')

/**
 * What QEMU looks for when it is left to find out a format by itself, and the mark of ISO 9660. The image `glance` carries the same list, so that
 * plain clients are refused what `bootstrap.images` is refused.
 */
export const signatures: readonly Signature[] = [
  { format: 'qcow2', offset: 0, bytes: text('QFI\u00fb') },
  { format: 'vmdk', offset: 0, bytes: text('KDMV') },
  { format: 'a VMDK descriptor, which names other files', offset: 0, bytes: text('# Disk DescriptorFile') },
  { format: 'vhd', offset: 0, bytes: text('conectix') },
  { format: 'vhdx', offset: 0, bytes: text('vhdxfile') },
  { format: 'vdi', offset: 0x40, bytes: '7f10dabe' },
  { format: 'QED', offset: 0, bytes: text('QED\0') },
  { format: 'LUKS', offset: 0, bytes: text('LUKS\u00ba\u00be') },
  { format: 'iso', offset: 0x8001, bytes: text('CD001') },
]

/** Formats whose files have a signature. The others, raw among them, are known by having none. */
const marked: ReadonlySet<string> = new Set(signatures.map(({ format }) => format))

/** So many bytes from the beginning of a file tell all that there is to tell. */
export const HEAD_LENGTH = Math.max(...signatures.map(({ offset, bytes }) => offset + bytes.length / 2))

/** A VHD of the fixed kind is the bare disk with this at the beginning of its last 512 bytes. */
const VHD_FOOTER_LENGTH = 512

/** The format of a file by its first `HEAD_LENGTH` bytes; `raw` where no signature is there. Pure. */
export function formatOf(head: Buffer): string {
  const found = signatures.find(({ offset, bytes }) => head.toString('hex', offset, offset + bytes.length / 2) === bytes)
  return found?.format ?? 'raw'
}

/** Looks at a file as it passes by. The pieces are not kept. */
export class FormatCheck {
  readonly #declared: string
  #head: Buffer | undefined = Buffer.alloc(0)
  #tail = Buffer.alloc(0)
  #found = 'raw'

  constructor(declared: string) {
    this.#declared = declared
  }

  /** Takes the next piece. Returns the format of the file as soon as it is certain that it is not the declared one. */
  look(piece: Buffer): string | undefined {
    if (this.#declared === 'vhd') this.#tail = Buffer.concat([this.#tail, piece]).subarray(-VHD_FOOTER_LENGTH)
    if (this.#head === undefined) return undefined
    const head = Buffer.concat([this.#head, piece.subarray(0, HEAD_LENGTH)])
    this.#head = head
    this.#found = formatOf(head)
    if (head.length < HEAD_LENGTH) return undefined
    this.#head = undefined
    // A fixed VHD shows at its end what it is.
    return this.#declared === 'vhd' && this.#found === 'raw' ? undefined : this.end()
  }

  /** The file has ended. Returns its format where that is not the declared one. */
  end(): string | undefined {
    const found = this.#declared === 'vhd' && this.#found === 'raw' ? formatOf(this.#tail) : this.#found
    const fits = marked.has(this.#declared) ? found === this.#declared : found === 'raw'
    return fits ? undefined : found
  }
}
