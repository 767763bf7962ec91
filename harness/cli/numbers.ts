import { InvalidArgumentError } from 'commander'

/** Reads a number greater than 0, such as minutes or seconds. @throws InvalidArgumentError */
export function parsePositive(text: string): number {
  const number = Number(text)
  if (!Number.isFinite(number) || number <= 0)
    throw new InvalidArgumentError('a number greater than 0 is wanted')
  return number
}

/** Reads a whole number from 1 on. @throws InvalidArgumentError */
export function parseCount(text: string): number {
  const count = Number(text)
  if (!Number.isSafeInteger(count) || count < 1)
    throw new InvalidArgumentError('a whole number from 1 on is wanted')
  return count
}

/** Reads a share of a whole. @throws InvalidArgumentError */
export function parseShare(text: string): number {
  const share = Number(text)
  if (text === '' || Number.isNaN(share) || share < 0 || share > 1)
    throw new InvalidArgumentError('a number from 0 to 1 is wanted')
  return share
}
