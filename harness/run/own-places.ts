const placeVariables = ['TMPDIR', 'XDG_DATA_HOME'] as const

/**
 * Has vitest, which asks for these places when it is made, be told this one: for temporary files, and for the token of
 * a server that nobody starts here, which vitest 5 would keep in the user's home.
 */
export async function withOwnPlaces<T>(directory: string, body: () => Promise<T>): Promise<T> {
  const before = placeVariables.map((name) => [name, process.env[name]] as const)
  for (const name of placeVariables) process.env[name] = directory
  try {
    return await body()
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}
