import { GardenPropertyError } from './errors.ts'

/**
 * The annotations of a container: its properties (config.md, annotations).
 *
 * @throws {GardenPropertyError} for a property without a name.
 */
export function annotations(properties: Readonly<Record<string, string>> = {}): Record<string, string> {
  if (!Object.hasOwn(properties, '')) return { ...properties }
  throw new GardenPropertyError(
    `the property with the value '${properties['']}' has no name: an annotation needs one`,
  )
}
