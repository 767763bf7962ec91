import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { programPath } from './index.ts'

/** The compiled form of a module of this folder, as something to import from. */
export function compiled(module: string): string {
  return JSON.stringify(pathToFileURL(programPath(`modules/harness/host/${module}`)).href)
}

/** What a module of `runModule` begins with: the harness, and a way to make orphans. */
export const start = `
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { becomeSubreaper, identifyProcess, signalProcess, until, waitForExit } from ${compiled('index.js')}
becomeSubreaper()
async function startOrphan(script) {
  const starter = spawn('sh', ['-c', 'sh -c "$1" < /dev/null > /dev/null 2>&1 & echo $!', 'sh', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [pid] = await once(starter.stdout, 'data')
  await once(starter, 'exit')
  return identifyProcess(Number(pid))
}
`

/** Runs a module in a Node of its own, and gives what it printed once it has ended by itself. */
export async function runModule(body: string): Promise<string> {
  const node = spawn(process.execPath, ['--input-type=module', '--eval', start + body], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 20_000,
  })
  let printed = ''
  node.stdout.on('data', (data) => {
    printed += data
  })
  const [code, signal] = await once(node, 'close')
  if (code !== 0) throw new Error(`the module ended with ${signal ?? code} after it printed: ${printed}`)
  return printed
}
