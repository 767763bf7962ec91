/** An XML element: its name, its attributes, and what stands in it. An attribute that is undefined is left out. */
export interface XmlElement {
  readonly name: string
  readonly attributes?: Readonly<Record<string, string | number | undefined>>
  readonly content?: string | readonly XmlElement[]
}

/** An XML 1.0 document. Whatever the texts hold, it is well-formed. */
export function xmlDocument(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${elementText(root, '')}\n`
}

function elementText({ name, attributes = {}, content = '' }: XmlElement, margin: string): string {
  const words = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${attributeText(String(value))}"`],
  )
  const start = `${margin}<${name}${words.join('')}`
  if (content.length === 0) return `${start}/>`
  if (typeof content === 'string') return `${start}>${escaped(content)}</${name}>`
  const inner = content.map((element) => elementText(element, `${margin}  `)).join('\n')
  return `${start}>\n${inner}\n${margin}</${name}>`
}

/** A parser turns line ends and tabs in attributes into spaces unless they are written as references. */
function attributeText(text: string): string {
  return escaped(text).replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`)
}

const references: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Text in which nothing is markup, neither between tags nor within an attribute; for HTML, too. */
export function escaped(text: string): string {
  return text.replace(notXml, '\ufffd').replace(/[&<>"]/g, (character) => references[character] ?? character)
}

/** Everything outside the Char production of XML 1.0; lone surrogates among it. */
const notXml = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu
