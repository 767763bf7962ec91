/** The runtime that tests run on: a profile's name or a path from `RUNWRIGHT_RUNTIME`, runc without it. */
export function runtimeUnderTest(): string {
  const named = process.env['RUNWRIGHT_RUNTIME']
  return named === undefined || named === '' ? 'runc' : named
}
