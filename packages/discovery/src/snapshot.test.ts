// Snapshots: what a process finds in the file, what it makes of it, and what it leaves there.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endpoint, ok, type Telemetry } from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { endpointer } from './endpointer.ts'
import { instance } from './instance.ts'
import { type InstanceSink, type InstanceState, instancerOf } from './instancer.ts'
import { type SnapshotOptions, snapshot } from './snapshot.ts'
import { readSnapshot, writeSnapshot } from './snapshot-file.ts'

const folders: string[] = []
const folder = async (): Promise<string> => {
  const made = await mkdtemp(join(tmpdir(), 'tenon-snapshot-'))
  folders.push(made)
  return made
}
afterEach(async () => {
  for (const one of folders.splice(0)) await rm(one, { recursive: true, force: true })
})

type Said = Extract<Telemetry, { kind: 'discovery.snapshot' }>

/** A registry that says what it is told to say, its snapshot, and what was heard of both. */
async function scene(options: Partial<SnapshotOptions> = {}) {
  const file = options.file ?? join(await folder(), 'orders.json')
  const clock = virtualClock()
  let sink: InstanceSink | undefined
  const inner = instancerOf({
    service: 'orders',
    start(given) {
      sink = given
    },
    onTelemetry: () => {},
  })
  const said: Said[] = []
  let waiter = Promise.withResolvers<void>()
  const kept = snapshot(inner, {
    clock,
    now: () => 1_000_000 + clock.now(),
    onTelemetry(event) {
      if (event.kind === 'discovery.snapshot') said.push(event)
      waiter.resolve()
    },
    ...options,
    file,
  })
  const heard: string[] = []
  const hear = ({ instances, error }: InstanceState): void => {
    heard.push(`${instances?.map(({ id }) => id).join(' ') ?? '?'}${error === undefined ? '' : '!'}`)
  }
  /** The next thing that it says. */
  const next = async (): Promise<Said | undefined> => {
    const before = said.length
    while (said.length === before) {
      await waiter.promise
      waiter = Promise.withResolvers()
    }
    return said.at(-1)
  }
  const set = (...ids: string[]): void => sink?.set(ids.map((id) => ({ id, address: `${id}:1` })))
  const fail = (why: string): void => sink?.fail(new Error(why))
  return { file, clock, kept, heard, subscribe: () => kept.subscribe(hear), said, next, set, fail }
}

/** A file with a snapshot of `a` and `b`, confirmed at 1,000,000. */
async function written(text?: string): Promise<string> {
  const file = join(await folder(), 'orders.json')
  if (text !== undefined) await writeFile(file, text, { mode: 0o600 })
  else
    await writeSnapshot(
      file,
      'orders',
      ['a', 'b'].map((id) => instance({ id, address: `${id}:1` })),
      1_000_000,
    )
  return file
}

describe('a warm start', () => {
  it('given a registry that is down, then what is in the file serves, with an error beside it, until the registry answers', async () => {
    const { subscribe, heard, next, set, fail, kept, clock } = await scene({ file: await written() })
    await clock.advance(5_000)
    subscribe()
    expect(await next()).toEqual({
      kind: 'discovery.snapshot',
      service: 'orders',
      state: 'loaded',
      size: 2,
      age: 5_000,
    })
    fail('down')
    fail('still down')
    set('a', 'c')
    expect(heard).toEqual(['?', 'a b', 'a b!', 'a b!', 'a b!', 'a c'])
    await kept[Symbol.asyncDispose]()
  })

  it('given the registry fails before the file is read, then its error stands beside what is in the file', async () => {
    const { subscribe, heard, next, fail, kept } = await scene({ file: await written() })
    const states: InstanceState[] = []
    subscribe()
    kept.subscribe((state) => states.push(state))
    fail('down')
    await next()
    expect(heard).toEqual(['?', '?!', 'a b', 'a b!'])
    expect(states.at(-1)?.error).toEqual(new Error('down'))
  })

  it('given the registry answers first, also that there is none, then the file does not serve', async () => {
    for (const ids of [['c'], []]) {
      const { subscribe, heard, next, set } = await scene({ file: await written() })
      subscribe()
      set(...ids)
      expect(await next()).toMatchObject({ state: 'unused', why: 'late', size: 2 })
      expect(heard).toEqual(['?', ids.join(' ')])
    }
  })

  it('given an endpointer over it and no registry, then calls have where to go at once', async () => {
    const { kept } = await scene({ file: await written() })
    await using orders = endpointer(kept, { connect: ({ id }) => endpoint(async () => ok(id)) })
    expect(await orders.ready({ atLeast: 2 })).toEqual({ _tag: 'Right', right: 2 })
    expect(orders.view().status).toBe('stale')
  })

  const good = { format: 'tenon.discovery.snapshot', version: 1, service: 'orders', confirmed: 1_000_000 }
  const file = (more: object): string => JSON.stringify({ ...good, instances: ['a:1'], ...more })
  it.each([
    ['nothing', '', 'corrupt'],
    ['half of one', file({}).slice(0, 60), 'corrupt'],
    ['some other JSON', '[1]', 'corrupt'],
    ['null', 'null', 'corrupt'],
    ['no instances', file({ instances: 7 }), 'corrupt'],
    ['none that is one', file({ instances: ['a:0', 7] }), 'corrupt'],
    ['no time', file({ confirmed: 'today' }), 'corrupt'],
    ['another version', file({ version: 2 }), 'foreign'],
    ['another service', file({ service: 'stock' }), 'foreign'],
    ['one that is too old', file({ confirmed: 1_000_000 - 86_400_001 }), 'old'],
  ])('given a file that holds %s, then it does not serve, and the registry does', async (_, text, why) => {
    const { subscribe, heard, next, set } = await scene({ file: await written(text) })
    subscribe()
    expect(await next()).toMatchObject({ state: 'unused', why })
    set('c')
    expect(heard).toEqual(['?', 'c'])
  })

  it('given no file, a folder, a pipe, or one that others may write to, then it does not serve', async () => {
    const missing = await scene()
    missing.subscribe()
    expect(await missing.next()).toEqual({
      kind: 'discovery.snapshot',
      service: 'orders',
      state: 'unused',
      why: 'missing',
    })
    const open = await scene({ file: await written() })
    await chmod(open.file, 0o602)
    open.subscribe()
    expect(await open.next()).toMatchObject({ why: 'untrusted' })
    const directory = await scene({ file: await folder() })
    directory.subscribe()
    expect(await directory.next()).toMatchObject({ why: 'unreadable' })
    const pipe = join(await folder(), 'pipe')
    execFileSync('mkfifo', [pipe])
    const piped = await scene({ file: pipe })
    piped.subscribe()
    expect(await piped.next()).toMatchObject({ why: 'unreadable' })
  })

  it('given an entry that is none among others, then the others serve', async () => {
    const { subscribe, heard, next } = await scene({
      file: await written(file({ instances: ['a:1', { address: 'b:0' }] })),
    })
    subscribe()
    while ((await next())?.state !== 'loaded');
    expect(heard.at(-1)).toBe('a:1!')
  })
})

describe('what is written', () => {
  it('given changes, then the last is written, once, for its owner alone, and nothing is left beside it', async () => {
    const { subscribe, set, next, clock, file, said } = await scene()
    subscribe()
    await next()
    for (let n = 0; n < 100; n++) set('a', `b${n}`)
    clock.advanceSync(999)
    expect(said.filter(({ state }) => state === 'saved')).toEqual([])
    clock.advanceSync(1)
    expect(await next()).toMatchObject({ state: 'saved', size: 2 })
    const found = JSON.parse(await readFile(file, 'utf8'))
    expect(found).toMatchObject({
      version: 1,
      service: 'orders',
      confirmed: 1_001_000,
      instances: [{ id: 'a' }, { id: 'b99' }],
    })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readdir(join(file, '..'))).toEqual(['orders.json'])
  })

  it('given a set that becomes empty, then the one before stays in the file', async () => {
    const { subscribe, set, next, clock, file, kept } = await scene()
    subscribe()
    await next()
    set('a')
    clock.advanceSync(1_000)
    await next()
    set()
    await kept[Symbol.asyncDispose]()
    expect(JSON.parse(await readFile(file, 'utf8')).instances).toMatchObject([{ id: 'a' }])
  })

  it('given nothing changes, then it is confirmed from time to time; not while the registry fails', async () => {
    const { subscribe, set, fail, next, clock, file, kept } = await scene({ maxAge: 40_000 })
    const confirmed = async (): Promise<number> => JSON.parse(await readFile(file, 'utf8')).confirmed - 1_000_000
    subscribe()
    await next()
    set('a')
    const seen: number[] = []
    for (const after of [1_000, 10_000, 10_000]) {
      clock.advanceSync(after)
      await next()
      await clock.advance(0)
      seen.push(await confirmed())
    }
    clock.advanceSync(5_000)
    fail('down')
    clock.advanceSync(5_000)
    await next()
    await clock.advance(0)
    seen.push(await confirmed())
    expect(seen).toEqual([1_000, 11_000, 21_000, 26_000])
    expect(clock.pending).toBe(0)
    await kept[Symbol.asyncDispose]()
  })

  it('given it is disposed, or the last one leaves, before it is written, then it is written then', async () => {
    for (const how of ['dispose', 'leave']) {
      const { subscribe, set, clock, file, kept, next } = await scene()
      const subscription = subscribe()
      set('a')
      await next()
      if (how === 'leave') {
        subscription[Symbol.dispose]()
        await next()
      }
      await kept[Symbol.asyncDispose]()
      expect(JSON.parse(await readFile(file, 'utf8')).instances).toMatchObject([{ id: 'a' }])
      expect(clock.pending).toBe(0)
    }
  })

  it('given a place where nothing can be written, then it is told, tried again, and nobody is disturbed', async () => {
    const root = await folder()
    await writeFile(join(root, 'in-the-way'), '')
    const { subscribe, set, next, clock, heard, kept } = await scene({ file: join(root, 'in-the-way', 'orders.json') })
    subscribe()
    await next()
    set('a')
    clock.advanceSync(1_000)
    expect(await next()).toMatchObject({ state: 'failed', error: { code: expect.stringMatching(/ENOTDIR|EEXIST/) } })
    await rm(join(root, 'in-the-way'))
    await mkdir(join(root, 'in-the-way'))
    await clock.advance(0)
    clock.advanceSync(30_000)
    expect(await next()).toMatchObject({ state: 'saved', size: 1 })
    expect(heard).toEqual(['?', 'a'])
    await kept[Symbol.asyncDispose]()
  })

  it('given a process that is killed while it writes, again and again, then what is in the file is whole', async () => {
    const file = join(await folder(), 'orders.json')
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, [fileURLToPath(new URL('../test/snapshots.ts', import.meta.url)), file], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await once(child.stdout, 'data')
      for (let n = 0; n < round * 2; n++) await new Promise(setImmediate)
      child.kill('SIGKILL')
      await once(child, 'exit')
      expect(await readSnapshot(file, 'orders', 1e9, Date.now(), () => {})).toHaveProperty('instances')
    }
  }, 60_000)

  it('given what a killed process left beside the file long ago, then the next one removes it, and nothing else', async () => {
    const root = await folder()
    const names = [
      'orders.json.0123456789ab.tmp',
      'orders.json.ba9876543210.tmp',
      'orders.json.bak',
      'stock.json.0123456789ab.tmp',
    ]
    const now = Date.now()
    for (const name of names) {
      await writeFile(join(root, name), '')
      await utimes(join(root, name), new Date(now), new Date(name.includes('ba98') ? now : now - 3_700_000))
    }
    const { subscribe, next } = await scene({ file: join(root, 'orders.json'), now: () => now })
    subscribe()
    await next()
    await expect.poll(() => readdir(root), { timeout: 10_000 }).toHaveLength(3)
    expect((await readdir(root)).sort()).toEqual(names.slice(1))
  })

  it('given any instance, then it is the same when it is read', async () => {
    const file = join(await folder(), 'orders.json')
    const text = fc.string({ maxLength: 12, unit: 'grapheme' })
    await fc.assert(
      fc.asyncProperty(
        fc.record(
          {
            id: fc.string({ minLength: 1 }),
            address: fc.nat({ max: 65_534 }).map((port) => `h:${port + 1}`),
            tags: fc.array(fc.oneof(text, fc.constant('region=eu;env=prod'))),
            metadata: fc.dictionary(
              fc.oneof(text, fc.constantFrom('version', 'labels', 'zone', 'health.path')),
              fc.oneof(text, fc.constant('v=1.2;env=x')),
            ),
            weight: fc.nat(),
            zone: text,
            healthPath: text,
          },
          { requiredKeys: ['address'] },
        ),
        async (fields) => {
          const one = instance(fields)
          await writeSnapshot(file, 'orders', [one], 0)
          expect(await readSnapshot(file, 'orders', 1, 0, () => {})).toEqual({ instances: [one], age: 0 })
        },
      ),
      { numRuns: 50 },
    )
  })

  it('given bad options, then the error names them', async () => {
    await expect(scene({ file: '' })).rejects.toThrow('snapshot of orders: "file" must be the path of a file')
    await expect(scene({ maxAge: 0 })).rejects.toThrow('"maxAge" must be a number above 0')
    await expect(scene({ age: 1 } as never)).rejects.toThrow('there is no option "age"')
  })
})
