/** Whether an error is one of these of the operating system: `ENOENT`, `EBUSY`, … */
export function isErrno(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && names.some((name) => name === error.code)
}
