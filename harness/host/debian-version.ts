/**
 * Orders two Debian version numbers as deb-version(7) says: epoch, then upstream version, then revision, each
 * compared in turns of text and number; `~` sorts before everything, even the end.
 *
 * @returns below, above or exactly 0, for Array.sort
 */
export function compareDebianVersions(one: string, other: string): number {
  const [left, right] = [split(one), split(other)]
  return (
    left.epoch - right.epoch ||
    compareParts(left.upstream, right.upstream) ||
    compareParts(left.revision, right.revision)
  )
}

function split(version: string): { epoch: number; upstream: string; revision: string } {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/s.exec(version) ?? []
  const dash = rest.lastIndexOf('-')
  const upstream = dash === -1 ? rest : rest.slice(0, dash)
  return { epoch: Number(epoch), upstream, revision: dash === -1 ? '' : rest.slice(dash + 1) }
}

function compareParts(one: string, other: string): number {
  const [left, right] = [turns(one), turns(other)]
  for (let position = 0; position < Math.max(left.length, right.length); position += 1) {
    const [a, b] = [left[position] ?? emptyTurn, right[position] ?? emptyTurn]
    const order = compareText(a.text, b.text) || Number(a.number - b.number)
    if (order !== 0) return order
  }
  return 0
}

interface Turn {
  readonly text: string
  readonly number: bigint
}

const emptyTurn: Turn = { text: '', number: 0n }

function turns(part: string): Turn[] {
  return [...part.matchAll(/(\D*)(\d*)/g)]
    .filter(([whole]) => whole !== '')
    .map(([, text = '', digits = '']) => ({ text, number: BigInt(digits === '' ? 0 : digits) }))
}

function compareText(one: string, other: string): number {
  for (let position = 0; position < Math.max(one.length, other.length); position += 1) {
    const order = rank(one[position]) - rank(other[position])
    if (order !== 0) return order
  }
  return 0
}

/** `~`, the end of the text, letters, everything else. */
function rank(character: string | undefined): number {
  if (character === '~') return -1
  if (character === undefined) return 0
  const code = character.charCodeAt(0)
  return /[A-Za-z]/.test(character) ? code : code + 256
}
