const forEverybody = ['/usr/local/bin', '/usr/bin', '/bin']

const forRoot = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** The PATH of a user who has none: only root's has the directories for administrators. */
export function searchPath(uid: number): string {
  return (uid === 0 ? forRoot : forEverybody).join(':')
}
