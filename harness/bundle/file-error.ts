/** Whether a file operation failed for one of these reasons (`ENOENT`, `EEXIST` …; errno(3)). */
export function isFileError(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
  )
}

/**
 * Does something with a file, unless the kernel refuses for one of the reasons given.
 *
 * @returns whether it was done.
 */
export async function unless(codes: readonly string[], action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action()
    return true
  } catch (error) {
    if (isFileError(error, ...codes)) return false
    throw error
  }
}
