import type { Profiler } from 'node:inspector/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { layerOf, layers, layersOf, sampling, showJson } from './layers.ts'

const frame = (functionName: string, url: string, lineNumber = 7): Profiler.ProfileNode['callFrame'] => ({
  functionName,
  scriptId: '1',
  url,
  lineNumber,
  columnNumber: 0,
})
const sumOf = (spent: Readonly<Record<string, number>>): number => Object.values(spent).reduce((a, b) => a + b, 0)

describe('given a function of a profile', () => {
  it.each([
    ['parserOnIncoming', 'node:_http_server', 'Node, in JavaScript'],
    ['send', 'file:///repo/packages/transport-http/dist/answering.js', 'transport'],
    ['take', 'file:///repo/packages/transport-grpc/dist/server.js', 'transport'],
    ['decodeInput', 'file:///repo/packages/contract/dist/codecs.js', 'contract and codecs'],
    ['now', 'file:///repo/packages/endpoint/dist/clock.js', 'endpoint'],
    ['done', 'tenon:steps/3', 'endpoint'],
    ['observe', 'file:///repo/packages/metrics/dist/instruments.js', 'metrics'],
    ['find', 'file:///repo/node_modules/.pnpm/find-my-way/index.js', 'other packages'],
    ['place', 'file:///repo/bench/dist/shop/work.js', 'the service'],
    ['JSON.parse', 'file:///repo/bench/dist/load/layers.js', 'JSON'],
    ['decode14', '', 'contract and codecs'],
  ])('when it is %s of "%s", then its layer is %s', (name, url, layer) => {
    expect(layerOf(frame(name, url))).toBe(layer)
  })

  it('when it is native, then it is the kernel or Node; the collector is one of its own', () => {
    expect(layerOf(frame('writeLatin1String', '', -1))).toBe('kernel, and Node natively')
    expect(layerOf(frame('(program)', '', -1))).toBe('kernel, and Node natively')
    expect(layerOf(frame('(garbage collector)', '', -1))).toBe('garbage collector')
  })

  it('when it waits, or is the profile itself, then it has no layer', () => {
    expect(layerOf(frame('(idle)', '', -1))).toBeUndefined()
    expect(layerOf(frame('post', 'node:inspector'))).toBeUndefined()
  })
})

describe('given a profile', () => {
  const node = (id: number, functionName: string, url: string, lineNumber?: number): Profiler.ProfileNode => ({
    id,
    callFrame: frame(functionName, url, lineNumber),
  })
  const nodes = [
    node(1, 'emit', 'node:events'),
    node(2, 'on', 'node:events'),
    node(3, 'send', 'file:///repo/packages/transport-http/dist/answering.js'),
    node(4, '(idle)', '', -1),
  ]
  const profile = { nodes, startTime: 0, endTime: 1_000 }

  it('when it is summed up, then CPU is shared out as the samples fell, and waiting gets none', () => {
    const spent = layersOf({ ...profile, samples: [1, 3, 4, 2, 1], timeDeltas: [200, 100, 500, 200, 100] }, 1_200)
    expect(spent['Node, in JavaScript']).toBe(1_000)
    expect(spent.transport).toBe(200)
    expect(sumOf(spent)).toBe(1_200)
    expect(Object.keys(spent)).toEqual(layers)
  })

  it('when there are no samples but of waiting, then nothing is anybody’s', () => {
    expect(sumOf(layersOf({ ...profile, samples: [4], timeDeltas: [500] }, 1_200))).toBe(0)
    expect(sumOf(layersOf(profile, 1_200))).toBe(0)
  })
})

describe('given a thread that works', () => {
  const { parse, stringify } = JSON
  afterEach(() => Object.assign(JSON, { parse, stringify }))

  it('when nearly all that it does is JSON, then nearly all of its time is told to be that', async () => {
    showJson()
    const value = Array.from({ length: 200 }, (_, at) => ({ at, text: `text ${at}` }))
    const stop = await sampling()
    const until = process.threadCpuUsage().user + 150_000
    let read = 0
    while (process.threadCpuUsage().user < until)
      for (let n = 0; n < 20; n++) read += (JSON.parse(JSON.stringify(value)) as unknown[]).length
    const spent = await stop()
    expect(read % 200).toBe(0)
    expect(spent.JSON).toBeGreaterThan(sumOf(spent) / 2)
    expect(sumOf(spent)).toBeGreaterThan(150_000)
  })
})
