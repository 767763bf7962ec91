import { cleanPath, isAbsolutePath } from './absolute-path.ts'
import type { GardenContainer } from './container.ts'
import { GardenRootfsError } from './errors.ts'

/** The only place a root file system can come from: a directory that is already there. */
const supportedScheme = 'raw'

/**
 * The directory a container's root file system is in, without `..`.
 *
 * @throws {GardenRootfsError} when none or two are given, or the one is not `raw://` with an absolute directory.
 */
export function rootfsDirectory(container: Pick<GardenContainer, 'rootFSPath' | 'image'>): string {
  const { scheme, directory } = splitUri(rootfsUri(container))
  if (scheme !== supportedScheme) throw new GardenRootfsError(`unsupported scheme '${scheme}'`)
  if (!isAbsolutePath(directory)) {
    throw new GardenRootfsError(`directory must be an absolute path: '${directory}'`)
  }
  const clean = cleanPath(directory)
  if (clean === '/') {
    throw new GardenRootfsError(
      `directory must not be the root of the host: '${directory}' would hand the host's own files to the container`,
    )
  }
  return clean
}

function rootfsUri({ rootFSPath = '', image }: Pick<GardenContainer, 'rootFSPath' | 'image'>): string {
  const imageUri = image?.uri ?? ''
  if (rootFSPath !== '' && imageUri !== '') {
    throw new GardenRootfsError(
      `rootfs is given twice, as rootFSPath '${rootFSPath}' and as image '${imageUri}': give one`,
    )
  }
  const uri = rootFSPath === '' ? imageUri : rootFSPath
  if (uri === '') throw new GardenRootfsError('rootfs must not be empty')
  return uri
}

function splitUri(uri: string): { scheme: string; directory: string } {
  const separator = uri.indexOf('://')
  if (separator < 0) {
    throw new GardenRootfsError(`malformatted rootfs: must be of form 'scheme://<abs_dir>': '${uri}'`)
  }
  return { scheme: uri.slice(0, separator), directory: uri.slice(separator + '://'.length) }
}
