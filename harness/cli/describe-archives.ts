import type { ArchiveSource } from '../archive/index.ts'
import { columns, widthOf } from '../report/index.ts'
import type { ListedArchive } from './own-archives.ts'

/** Archives, one a line: name, whether it is unpacked, how it is got. */
export function describeArchives(
  archives: readonly ListedArchive[],
  width = widthOf(process.stdout),
): string {
  return columns(
    archives.map(({ name, source, unpacked }) => [
      { text: name },
      { text: unpacked === undefined ? '' : `unpacked, ${unpacked.entries} entries` },
      { text: describeSource(source) },
    ]),
    width,
  )
}

function describeSource(source: ArchiveSource): string {
  switch (source.kind) {
    case 'busybox':
      return 'built from a static busybox'
    case 'file':
      return source.path
    case 'docker-save':
      return [source.path, source.tag, 'docker save'].filter((part) => part !== undefined).join(', ')
    case 'oci-layout':
      return [source.path, source.reference, source.platform, 'OCI image layout']
        .filter((part) => part !== undefined)
        .join(', ')
  }
}
