import { describe, expect, it } from 'vitest'
import {
  admit,
  background,
  chain,
  type Endpoint,
  endpoint,
  type Failure,
  fail,
  isStream,
  type Outcome,
  observe,
  ok,
  run,
  type Stream,
  stream,
  whenEnds,
} from './index.ts'

const broke: Failure<'Broke', 'unavailable'> = { _tag: 'Broke', code: 'unavailable', message: '' }

interface Source {
  readonly closed: string[]
}
async function* numbers(source: Source, how: 'end' | 'fail' | 'throw') {
  try {
    yield ok(1)
    yield ok(2)
    if (how === 'fail') yield fail(broke)
    if (how === 'throw') throw new Error('source')
    yield ok(3)
  } finally {
    source.closed.push('closed')
  }
}
const all = async (of: Stream<unknown, Failure>): Promise<Outcome[]> => {
  const items: Outcome[] = []
  for await (const item of of) items.push(item)
  return items
}

describe('stream', () => {
  it('given a source that ends, then its items', async () => {
    const source = { closed: [] }
    expect(await all(stream(numbers(source, 'end')))).toEqual([ok(1), ok(2), ok(3)])
  })

  it('given a failure, then it is the last item and the source is closed', async () => {
    const source = { closed: [] as string[] }
    expect(await all(stream(numbers(source, 'fail')))).toEqual([ok(1), ok(2), fail(broke)])
    expect(source.closed).toEqual(['closed'])
  })

  it('given a source that throws, then the last item is a Defect', async () => {
    expect((await all(stream(numbers({ closed: [] }, 'throw')))).at(-1)).toMatchObject({ left: { _tag: 'Defect' } })
  })

  it('given a reader that stops, then the source is closed; read again, it says so', async () => {
    const source = { closed: [] as string[] }
    const opened = stream(numbers(source, 'end'))
    for await (const _ of opened) break
    expect(source.closed).toEqual(['closed'])
    expect(() => opened[Symbol.asyncIterator]()).toThrow('a stream can be read once')
    expect([isStream(opened), isStream(numbers(source, 'end'))]).toEqual([true, false])
  })

  it('given a stream in a stream, when it is returned before anybody read it, then both hear of it, once', async () => {
    const heard: string[] = []
    const inner = whenEnds(stream(numbers({ closed: [] }, 'end')), (o) => void heard.push(`inner ${o._tag}`))
    const outer = whenEnds(inner, (o) => void heard.push(`outer ${o._tag}`))[Symbol.asyncIterator]()
    await outer.return?.()
    await outer.return?.()
    expect(heard.sort()).toEqual(['inner Left', 'outer Left'])
  })
})

describe('given hooks around a method that answers a stream', () => {
  const play = async (
    how: 'end' | 'fail' | 'throw',
    read: (s: Stream<unknown, Failure>) => Promise<unknown>,
  ): Promise<string[]> => {
    const log: string[] = []
    const watch = (name: string) =>
      observe(() => (o: Outcome) => void log.push(`${name} ${o._tag} ${o._tag === 'Left' ? o.left._tag : ''}`))
    const opens: Endpoint<undefined, Stream<number, Failure>> = endpoint(() =>
      ok(stream(numbers({ closed: [] }, how))),
    ) as never
    const wrapped = chain(
      watch('outer'),
      admit(() => ok((o: Outcome) => void log.push(`permit ${o._tag}`))),
      watch('inner'),
    )(opens)
    const outcome = await run(wrapped, undefined, background())
    log.push('opened')
    if (outcome._tag === 'Right') await read(outcome.right)
    return log
  }

  it('when it ends, then they run at its end, innermost first, with how it ended', async () => {
    expect(await play('end', all)).toEqual(['opened', 'inner Right ', 'permit Right', 'outer Right '])
    expect(await play('fail', all)).toEqual(['opened', 'inner Left Broke', 'permit Left', 'outer Left Broke'])
    expect(await play('throw', all)).toEqual(['opened', 'inner Left Defect', 'permit Left', 'outer Left Defect'])
  })

  it('when its reader stops early, then they see Cancelled', async () => {
    const stops = async (s: Stream<unknown, Failure>): Promise<void> => {
      for await (const _ of s) break
    }
    expect(await play('end', stops)).toEqual(['opened', 'inner Left Cancelled', 'permit Left', 'outer Left Cancelled'])
  })
})
