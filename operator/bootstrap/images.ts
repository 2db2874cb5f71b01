import type { BootstrapImage } from '../api/v1alpha1/index.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Scope } from '../model/scope.ts'
import type { Step } from '../model/step.ts'
import type { ImageWant } from '../openstack/images.ts'
import { conversionOf } from '../services/glance/conversion.ts'
import { job } from '../workloads/job.ts'
import type { Directory, PodOptions } from '../workloads/pod.ts'

/** What the Job `upload-image` of the operator reads from its environment, as JSON in UPLOAD_IMAGE. */
export interface UploadImage {
  readonly image: ImageWant
  /** The file, or where it is fetched from. */
  readonly from: { readonly url: string } | { readonly file: string }
  readonly authUrl: string
  readonly region: string
  /** Base URL of Glance within Kubernetes. */
  readonly glanceUrl: string
}

const FILE = '/image/file'
const scratch: Directory = { path: '/image', source: { kind: 'scratch' } }
/** Formats whose name is that of the container format, too. */
const machineImageFormats = ['aki', 'ari', 'ami'] as const

/**
 * Images: what Glance has is listed; each one that is missing gets a Job that uploads it, and that is listened to while it runs. Their metadata is kept
 * as declared.
 */
export function imageStep(scope: Scope): Step {
  const images = scope.spec.bootstrap.images
  const uploads = (): KubeObject[] => {
    const facts = scope.outside('bootstrap/images')?.data?.images
    if (facts === undefined) return []
    return images.filter(({ name }) => facts[name]?.status !== 'active').map((image) => uploadJob(scope, image))
  }
  return {
    id: 'bootstrap/images',
    needs: ['glance/api', 'glance/identity'],
    outside: () => ({ kind: 'images', want: images.map((image) => imageWant(scope, image)) }),
    objects: uploads,
    progress: () =>
      uploads()
        .flatMap(({ metadata: { name } }) => scope.said(name) ?? [])
        .join(', '),
  }
}

/** An image as Glance is to hold it. */
// oxlint-disable-next-line no-unused-vars -- what is left of an image without its source
export function imageWant({ spec }: Pick<Scope, 'spec'>, { source, ...image }: BootstrapImage): ImageWant {
  const convertTo = conversionOf(spec, image)
  return {
    ...image,
    containerFormat: image.containerFormat ?? machineImageFormats.find((format) => format === image.diskFormat) ?? 'bare',
    ...(convertTo === undefined ? {} : { convertTo }),
  }
}

function uploadJob(scope: Scope, image: BootstrapImage): KubeObject {
  const { source } = image
  const carrier = source.containerImage
  const upload: UploadImage = {
    image: imageWant(scope, image),
    from: source.url === undefined ? { file: FILE } : { url: source.url },
    authUrl: `${scope.internalUrl('keystone-api')}/v3`,
    region: scope.spec.region,
    glanceUrl: scope.internalUrl('glance-api'),
  }
  const options: PodOptions =
    carrier === undefined
      ? {}
      : { initContainers: [{ name: 'carrier', process: { image: carrier.image, command: ['cp', carrier.path, FILE], args: [], directories: [scratch] } }] }
  return job(
    scope,
    `image-${image.name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, 40)}`,
    'glance',
    {
      image: 'operator',
      args: ['node', '/app/operator.mjs', 'upload-image'],
      env: { UPLOAD_IMAGE: JSON.stringify(upload) },
      secretEnv: { OS_PASSWORD: { config: { name: 'keystone-bootstrap', files: {} }, key: 'password' } },
      directories: [scratch],
      resources: { requests: { cpu: '50m', memory: '64Mi' } },
    },
    { ...options, meaning: source, tellsProgress: true },
  )
}
