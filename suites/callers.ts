import { runTool } from '../harness/host/index.ts'

/** Words that do something in a shell and then become the command which follows them: for `Runtime.called`. */
export function after(script: string): readonly string[] {
  return ['sh', '-c', `${script} && exec "$0" "$@"`]
}

/** What a shell script prints that is called in the same circumstances as a runtime. */
export async function printedThrough(through: readonly string[], script: string): Promise<string> {
  return await runTool([...through, 'sh', '-c', script])
}
