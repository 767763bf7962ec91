import { describe, expect, test } from 'vitest'
import { runTool, ToolError } from './tool.ts'

const node = process.execPath

async function failureOf(running: Promise<unknown>): Promise<ToolError> {
  const error: unknown = await running.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ToolError)) throw new Error('the tool did not fail as expected')
  return error
}

describe('runTool', () => {
  test('gives the standard output, in English and without a shell', async () => {
    const script = 'process.stdout.write([process.env.LC_ALL, process.env.MORE, process.argv[1]].join(" "))'
    expect(await runTool([node, '-e', script, '$HOME;'], { environment: { MORE: 'x' } })).toBe('C x $HOME;')
  })

  test('says how a tool failed, ending with what it said last', async () => {
    const script = 'for (let i = 0; i < 50; i++) console.error("line", i); process.exit(3)'
    const error = await failureOf(runTool([node, '-e', script]))
    expect(error).toMatchObject({ code: 'TOOL_FAILED', exitCode: 3 })
    expect(error.message).toMatch(/exited with 3:\n.*line 49$/s)
    expect(error.message).not.toContain('line 12')
    expect(error.stderr).toContain('line 12')
  })

  test('says when a tool is not installed', async () => {
    expect((await failureOf(runTool(['/no/such/tool', 'x']))).message).toBe(
      '/no/such/tool x could not be started: /no/such/tool is not there, or the interpreter or loader it names is not',
    )
  })

  test('says which signal ended a tool', async () => {
    const error = await failureOf(runTool([node, '-e', 'process.kill(process.pid, "SIGKILL")']))
    expect(error.message).toContain('was killed by SIGKILL')
  })

  test('stops a tool that takes too long', async () => {
    const error = await failureOf(runTool([node, '-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 50 }))
    expect(error.message).toContain('took too long')
  })

  test('stops a tool on request', async () => {
    const running = runTool([node, '-e', 'setInterval(() => {}, 1000)'], { signal: AbortSignal.timeout(50) })
    expect((await failureOf(running)).message).toContain('was stopped on request')
  })
})
