import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

const fixture = fileURLToPath(new URL('../test/app.ts', import.meta.url))
const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** The fixture, what it printed, and how it ended. */
const app = (scene: string) => {
  const child = spawn(process.execPath, [fixture, scene], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  const text = { out: '', err: '' }
  child.stderr.setEncoding('utf8').on('data', (more: string) => {
    text.err += more
  })
  let check = (): void => {}
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text.out += more
    check()
  })
  const said = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      check = () => {
        const found = pattern.exec(text.out)
        if (found !== null) resolve(found)
      }
      check()
      child.once('close', () => reject(new Error(`it ended before it said ${pattern}: ${text.out}${text.err}`)))
    })
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...text }))
  return { child, said, ended }
}

const lines = (out: string): string[] => out.trimEnd().split('\n')

describe('an app in its process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'given an app that runs, when %s comes, then it drains in reverse, leaves no listener, and ends with 0',
    async (signal) => {
      const { child, said, ended } = app('plain')
      await said(/ready at/)
      child.kill(signal)
      const { code, out, err } = await ended
      expect({ code, err }).toEqual({ code: 0, err: '' })
      expect(lines(out)).toEqual([
        'a started',
        'b started',
        'ready at undefined',
        'ready drained',
        'b drained',
        'a drained',
        `ended: {"kind":"signal","signal":"${signal}"}, 0 failures`,
        'listeners left: 0',
      ])
    },
  )

  it('given a call in flight, when SIGTERM comes, then readiness goes off first and the call is answered', async () => {
    const { child, said, ended } = app('served')
    const [, url = ''] = await said(/slow at (\S+)/)
    const [, probes = ''] = await said(/ready at (\S+)/)
    // The last service has said that it starts; the app is ready a moment later.
    await expect.poll(async () => (await fetch(`${probes}/readyz`)).status).toBe(200)
    const answer = fetch(url).then((response) => response.text())
    await said(/call began/)
    child.kill('SIGTERM')
    await expect.poll(async () => (await fetch(`${probes}/readyz`)).status).toBe(503)
    expect((await fetch(`${probes}/livez`)).status).toBe(200)
    expect(await answer).toBe('done\n')
    const { code, out } = await ended
    expect(code).toBe(0)
    expect(out).toMatch(/ready drained.*slow drained.*ended/s)
  })

  it('given a drain that hangs, when a second signal comes, then the process ends at once with its number', async () => {
    const { child, said, ended } = app('hangs')
    await said(/ready at/)
    child.kill('SIGTERM')
    await said(/ready drained/)
    // What arrives within a quarter of a second is the same Ctrl-C, passed on by a parent.
    child.kill('SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(child.exitCode).toBe(null)
    child.kill('SIGINT')
    const { code, out, err } = await ended
    expect(code).toBe(128 + 2)
    expect(err).toBe('fixture: SIGINT again: ends at once\n')
    expect(out).not.toContain('ended')
  })

  it('given a drain that hangs, when its time is up, then the others drain and the process ends with 1', async () => {
    const { child, said, ended } = app('cut')
    await said(/ready at/)
    child.kill('SIGTERM')
    const { code, out } = await ended
    expect(code).toBe(1)
    expect(out).toContain('a drained')
    expect(out).toContain('1 failures')
  })

  it('given a service that does not start, when the app runs, then what had started drains and the process ends with 1', async () => {
    const { code, out, err } = await app('broken').ended
    expect(code).toBe(1)
    expect(lines(out)).toEqual(['a started', 'a drained'])
    expect(err).toContain('app "fixture": service "b" did not start: no database')
  })

  it.each([
    ['throws', /^fixture: uncaughtException, drains: SyntaxError/],
    ['rejects', /^fixture: unhandledRejection, drains: Error: lost/],
  ])(
    'given an error that nobody catches (%s), when it happens, then stderr says so, all drain, the process ends with 1',
    async (scene, says) => {
      const { code, out, err } = await app(scene).ended
      expect(code).toBe(1)
      expect(err).toMatch(says)
      expect(out).toMatch(/b drained\na drained\n$/)
    },
  )
})
