/** A file that is made when the image is built instead of lying in the image's folder. */
export interface GeneratedFile {
  /** Absolute path in the image. */
  readonly path: string
  /** The bytes, or the file of this machine that is copied. */
  readonly from: { readonly content: string | Uint8Array } | { readonly file: string }
  /** What goes into the tag: the bytes themselves, or something short that stands for them, e.g. a version. */
  readonly identity: string | Uint8Array
  readonly executable?: boolean
}

/** What an image is. Everything in here goes into its tag, apart from `build`. */
export interface ImageDefinition {
  /** The image that this one's layer lies on. Only `base` has none: it comes from debootstrap. */
  readonly parent?: string
  /** OpenStack's release, for images that hold some of it; the first part of the tag. */
  readonly release?: 'zed'
  /** When it is built: early is for what takes longest, last for what names the others. */
  readonly build?: 'early' | 'last'
  /** Debian packages; recommended ones are never installed. */
  readonly packages?: readonly string[]
  /**
   * Packages that Debian's dependencies ask for and that what runs here never reaches. An empty package provides them, so that dpkg's
   * database stays consistent and says so.
   */
  readonly without?: readonly string[]
  /** Shell script that runs as root once packages and files are there. */
  readonly script?: string
  /**
   * What is made in a container of its own, of which nothing but the folder `$OUT` is copied over the image's root. The script finds
   * `images/<name>/stage/` in `$SOURCE`.
   */
  readonly stage?: { readonly packages: readonly string[]; readonly without?: readonly string[]; readonly script: string }
  /** Files made on this machine. Gets the tags of the images that are declared before this one. */
  readonly generate?: (tags: Readonly<Record<string, string>>) => readonly GeneratedFile[]
  /** Environment of each process. */
  readonly env?: Readonly<Record<string, string>>
}

/** Says what an image is; used by `images/<name>/image.ts`. */
export function defineImage(definition: ImageDefinition): ImageDefinition {
  return definition
}
