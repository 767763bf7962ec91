/** Gives what was made for a key before, or makes it now. A failure is not remembered: the next caller tries again. */
export function remember<Value>(
  made: Map<string, Promise<Value>>,
  key: string,
  make: () => Promise<Value>,
): Promise<Value> {
  const known = made.get(key)
  if (known !== undefined) return known
  const value = make()
  made.set(key, value)
  value.catch(() => made.delete(key))
  return value
}
