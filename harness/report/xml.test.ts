import { expect, test } from 'vitest'
import { xmlDocument } from './xml.ts'

test('elements, attributes and texts are written with their markup escaped', () => {
  const document = xmlDocument({
    name: 'a',
    attributes: { b: '<"&\n>', c: undefined, d: 1 },
    content: [{ name: 'e', content: '<f>&"' }, { name: 'g' }],
  })
  expect(document).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<a b="&lt;&quot;&amp;&#10;&gt;" d="1">\n  <e>&lt;f&gt;&amp;&quot;</e>\n  <g/>\n</a>\n',
  )
})

test.each(['\u0000', '\u001b', '\ufffe', '\ud800', '\udfff'])(
  '%j, which no XML document may hold, is replaced',
  (character) => {
    expect(xmlDocument({ name: 'a', content: `x${character}y` })).toContain('<a>x\ufffdy</a>')
  },
)

test('characters beyond the first plane stay', () => {
  expect(xmlDocument({ name: 'a', content: '🦭' })).toContain('<a>🦭</a>')
})
