/** What an image is built for, as OCI images name it (image-spec, image-index.md). */
export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string | undefined
}

/** Node's names of architectures where Go, and so OCI images, use others. */
const architectures: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
  mipsel: 'mipsle',
}

export function hostPlatform(): Platform {
  return { os: 'linux', architecture: architectures[process.arch] ?? process.arch }
}

/** Parses `os/architecture` or `os/architecture/variant`; undefined when it is neither. */
export function parsePlatform(text: string): Platform | undefined {
  const [, os, architecture, variant] = /^([a-z0-9]+)\/([a-z0-9_]+)(?:\/([a-z0-9.]+))?$/.exec(text) ?? []
  return os === undefined || architecture === undefined ? undefined : { os, architecture, variant }
}

export function platformName({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/')
}

/** Whether something built for one platform is what another asks for; a variant counts only where it is asked for. */
export function isFor(built: Platform, wanted: Platform): boolean {
  if (built.os !== wanted.os || built.architecture !== wanted.architecture) return false
  return wanted.variant === undefined || wanted.variant === built.variant
}
