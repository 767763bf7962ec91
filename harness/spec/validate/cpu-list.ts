/**
 * Whether a text is a list of CPUs or memory nodes: numbers and ranges, separated by commas; blanks and an empty list
 * are allowed (cpuset(7), list format).
 */
export function isCpuList(text: string): boolean {
  const parts = text.split(',').map((part) => part.trim())
  if (parts.length === 1 && parts[0] === '') return true
  return parts.every((part) => {
    const [, first, last] = /^(\d+)(?:\s*-\s*(\d+))?$/.exec(part) ?? []
    return first !== undefined && (last === undefined || BigInt(first) <= BigInt(last))
  })
}
