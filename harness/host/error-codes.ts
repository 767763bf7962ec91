/** Whether an error of Node's own carries one of these codes: `ENOENT`, `EAGAIN`, … */
export function hasCode(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
  )
}
