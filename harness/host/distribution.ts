import { existsSync, readFileSync } from 'node:fs'

/** The distribution of this host, from os-release(5). */
export interface Distribution {
  /** `debian`, `ubuntu`, `fedora` … or `linux` where nothing says. */
  readonly id: string
  /** Distributions it derives from, closest first. */
  readonly like: readonly string[]
  /** Name of the release, as package suites call it: `bookworm`; none with rolling ones. */
  readonly codename: string | undefined
  /** For people: `Debian GNU/Linux 12 (bookworm)`. */
  readonly title: string
}

const places = ['/etc/os-release', '/usr/lib/os-release'] as const

/** Reads which distribution this host runs. */
export function distribution(): Distribution {
  const place = places.find((path) => existsSync(path))
  return parseDistribution(place === undefined ? '' : readFileSync(place, 'utf8'))
}

/** The same from the text of os-release: shell-like assignments, optionally quoted. */
export function parseDistribution(text: string): Distribution {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, name, quoted = ''] = /^\s*([A-Z0-9_]+)=(.*?)\s*$/.exec(line) ?? []
    if (name !== undefined) values.set(name, unquote(quoted))
  }
  const id = values.get('ID') ?? 'linux'
  return {
    id,
    like: (values.get('ID_LIKE') ?? '').split(' ').filter((name) => name !== ''),
    codename: values.get('VERSION_CODENAME'),
    title: values.get('PRETTY_NAME') ?? id,
  }
}

function unquote(text: string): string {
  const [, content] = /^(?:"(.*)"|'(.*)')$/.exec(text)?.filter((part) => part !== undefined) ?? []
  return (content ?? text).replace(/\\(.)/g, '$1')
}
