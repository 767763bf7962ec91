// Builds what the page shows. Texts become text nodes, never markup.

/** What an element is given: attributes, and what happens when it is clicked or typed into. */
export interface ElementOptions {
  readonly class?: string
  readonly attributes?: Readonly<Record<string, string>>
  readonly on?: Readonly<Record<string, (event: Event) => void>>
}

/** Makes an element with children; texts among them are texts whatever they hold. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  options: ElementOptions,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  if (options.class !== undefined) made.className = options.class
  for (const [key, value] of Object.entries(options.attributes ?? {})) made.setAttribute(key, value)
  for (const [event, listener] of Object.entries(options.on ?? {})) made.addEventListener(event, listener)
  made.append(...children)
  return made
}

/** Makes an SVG element. */
export function drawing(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: readonly (Node | string)[]
): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
  made.append(...children)
  return made
}
