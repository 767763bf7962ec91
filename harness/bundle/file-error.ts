/** Whether a file operation failed for one of these reasons (`ENOENT`, `EEXIST` …; errno(3)). */
export function isFileError(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
  )
}

/**
 * Does something with a file, and tells whether the kernel did it or refused for one of the expected reasons.
 *
 * @throws what the action throws for any other reason.
 */
export function succeeds(action: () => void, ...expected: readonly string[]): boolean {
  try {
    action()
    return true
  } catch (error) {
    if (isFileError(error, ...expected)) return false
    throw error
  }
}
