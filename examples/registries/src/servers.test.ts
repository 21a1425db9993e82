import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { consulServer, etcdServer, missing, needs, type RegistryServer } from './registries.ts'

const text = async (url: string, init?: RequestInit): Promise<string> => (await fetch(url, init)).text()
const base64 = (word: string): string => Buffer.from(word).toString('base64')

const kinds = [
  {
    name: 'consul' as const,
    start: () => consulServer(),
    keeps: false,
    put: (url: string) => text(`${url}/v1/kv/a`, { method: 'PUT', body: 'kept' }),
    has: async (url: string) => (await text(`${url}/v1/kv/a?raw`)) === 'kept',
  },
  {
    name: 'etcd' as const,
    start: () => etcdServer(),
    keeps: true,
    put: (url: string) =>
      text(`${url}/v3/kv/put`, { method: 'POST', body: `{"key":"${base64('a')}","value":"${base64('kept')}"}` }),
    has: async (url: string) =>
      (await text(`${url}/v3/kv/range`, { method: 'POST', body: `{"key":"${base64('a')}"}` })).includes(base64('kept')),
  },
]

const folders = (name: string): readonly string[] =>
  readdirSync(tmpdir()).filter((entry) => entry.startsWith(`${name}-`))

describe.each(kinds)('given a server of $name', ({ name, start, keeps, put, has }) => {
  describe.runIf(needs(name))('that runs', () => {
    it('when it is killed, then it refuses; restarted, it is where it was; restarted empty, it knows nothing', async () => {
      await using server: RegistryServer = await start()
      const { url } = server
      await put(url)
      await server.kill()
      await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
      await server.restart()
      expect(server.url).toBe(url)
      expect(await has(url)).toBe(keeps)
      await put(url)
      await server.restart({ empty: true })
      expect(await has(url)).toBe(false)
    })

    it('when it is stopped, then it answers nothing until it goes on', async () => {
      await using server = await start()
      await server.stop()
      const answer = put(server.url)
      const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 200, 'silence'))])
      expect(first).toBe('silence')
      server.cont()
      await answer
      expect(await has(server.url)).toBe(true)
    })

    it('when it is disposed of stopped, then it is gone with all that it wrote', async () => {
      const before = folders(name)
      const server = await start()
      const [own = ''] = folders(name).filter((folder) => !before.includes(folder))
      await server.stop()
      await server[Symbol.asyncDispose]()
      await expect(fetch(server.url)).rejects.toThrow()
      expect(existsSync(`${tmpdir()}/${own}`)).toBe(false)
    })
  })

  it('when it is not on PATH, then it says so, and tests know it: they are skipped, and fail in CI', async () => {
    vi.stubEnv('PATH', '/nowhere')
    const said = vi.spyOn(console, 'error').mockImplementation(() => {})
    try {
      expect(missing(name)).toContain(`${name} is not on PATH`)
      await expect(start()).rejects.toThrow(`${name} is not on PATH`)
      vi.stubEnv('CI', '')
      expect(needs(name)).toBe(false)
      vi.stubEnv('CI', 'true')
      expect(() => needs(name)).toThrow(`${name} is not on PATH`)
    } finally {
      vi.unstubAllEnvs()
      said.mockRestore()
    }
  })
})

describe.runIf(needs('consul'))('given a Consul', () => {
  it('when its configuration is wrong, then it says why it does not start', async () => {
    const bad = consulServer({ config: { bogus: 1 } })
    await expect(bad).rejects.toThrow(/^consul does not start: .*invalid config key bogus$/)
  })

  it('when it is not ready in time, then that is said, and nothing of it is left', async () => {
    const before = folders('consul')
    await expect(consulServer({ patience: 0 })).rejects.toThrow(/^consul was not ready within 0 s/)
    expect(folders('consul')).toEqual(before)
  })

  it('when it keeps nothing, then a restart is empty, and no other is promised', async () => {
    await using server = await consulServer()
    await text(`${server.url}/v1/kv/a`, { method: 'PUT', body: 'lost' })
    await expect(server.restart({ empty: false })).rejects.toThrow(TypeError)
    await server.restart()
    expect(await text(`${server.url}/v1/kv/a?raw`)).toBe('')
  })
})

describe.runIf(needs('etcd'))('given an etcd', () => {
  it('when its arguments are wrong, then it says why it does not start', async () => {
    await expect(etcdServer({ args: ['--bogus'] })).rejects.toThrow(
      'etcd does not start: flag provided but not defined',
    )
    await expect(etcdServer({ args: ['--listen-metrics-urls', 'http://192.0.2.1:1'] })).rejects.toThrow(
      /^etcd does not start: listen tcp 192.0.2.1:1: bind/,
    )
  })

  it('when whoever started it is killed, then it is gone too', async () => {
    const source = fileURLToPath(new URL('../dist/registries.js', import.meta.url))
    const program = `import { etcdServer } from ${JSON.stringify(source)}
      console.log((await etcdServer()).url)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said] = (await once(parent.stdout, 'data')) as [Buffer]
    const url = String(said).trim()
    expect(await text(`${url}/health`)).toContain('true')
    parent.kill('SIGKILL')
    await expect
      .poll(() => fetch(url).then(String, (cause) => cause.cause.code), { timeout: 10_000 })
      .toBe('ECONNREFUSED')
  })
})

// The registry's own word on where it listens is what a client would be led to.
it.runIf(needs('consul'))(
  'given two servers at once, when they start, then each has an address of its own',
  async () => {
    const servers = await Promise.all([consulServer(), consulServer()])
    expect(new Set(servers.map(({ host }) => host)).size).toBe(2)
    for (const server of servers) {
      expect(JSON.parse(await text(`${server.url}/v1/catalog/nodes`))[0].Address).toBe(server.host)
      expect(readFileSync('/proc/net/udp', 'utf8')).toContain(hex(server.dns))
      await server[Symbol.asyncDispose]()
    }
  },
)

/** As the kernel writes an address. */
function hex(address: string): string {
  const [host = '', port] = address.split(':')
  const bytes = host.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'))
  return `${bytes.reverse().join('')}:${Number(port).toString(16)}`.toUpperCase()
}
