// Where a process spends its time: a CPU profile, summed up by the layer that each function belongs to.
import { type Profiler, Session } from 'node:inspector/promises'

/** Of what a server does, from the wire up. */
export const layers = [
  'kernel, and Node natively',
  'Node, in JavaScript',
  'garbage collector',
  'JSON',
  'transport',
  'contract and codecs',
  'endpoint',
  'metrics',
  'other packages',
  'the service',
] as const

export type Layer = (typeof layers)[number]

/** Microseconds of CPU, by layer. */
export type Layers = Readonly<Record<Layer, number>>

/** The first that a function's file fits is its layer. What is native has no file. */
const files: readonly (readonly [RegExp, Layer])[] = [
  [/^node:/, 'Node, in JavaScript'],
  [/\/load\/layers\.[jt]s$/, 'JSON'],
  [/\/packages\/endpoint\/|^tenon:steps\//, 'endpoint'],
  [/\/packages\/contract\//, 'contract and codecs'],
  [/\/packages\/transport-[a-z]+\//, 'transport'],
  [/\/packages\/metrics\//, 'metrics'],
  [/\/node_modules\//, 'other packages'],
  [/^file:/, 'the service'],
]

type Frame = Profiler.ProfileNode['callFrame']

/** The layer of a function; `undefined` for waiting, and for what the profile itself costs. */
export function layerOf({ functionName, url, lineNumber }: Frame): Layer | undefined {
  if (functionName === '(idle)' || url === 'node:inspector' || url === 'node:inspector/promises') return undefined
  if (functionName === '(garbage collector)') return 'garbage collector'
  if (url !== '') return files.find(([file]) => file.test(url))?.[1] ?? 'other packages'
  // Code made at run time has lines and no file: codecs, in all subjects that have any.
  return lineNumber < 0 ? 'kernel, and Node natively' : 'contract and codecs'
}

/** Shares out what a thread used, in microseconds of CPU, as its samples fell. */
export function layersOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile, cpu: number): Layers {
  const layerBy = new Map(nodes.map(({ id, callFrame }) => [id, layerOf(callFrame)]))
  const sums = Object.fromEntries(layers.map((layer) => [layer, 0])) as Record<Layer, number>
  let all = 0
  for (const [at, id] of samples.entries()) {
    const layer = layerBy.get(id)
    const time = timeDeltas[at]
    if (layer === undefined || time === undefined) continue
    sums[layer] += time
    all += time
  }
  for (const layer of layers) sums[layer] *= all === 0 ? 0 : cpu / all
  return sums
}

/** Gives JSON's two functions frames of their own; else their time is that of whoever calls them. */
export function showJson(): void {
  const { parse, stringify } = JSON
  JSON.parse = (...given) => parse(...given)
  JSON.stringify = (...given: readonly unknown[]) => Reflect.apply(stringify, JSON, given) as string
}

/** Begins to look every 0.2 ms where this thread's time goes; what it answers ends that. */
export async function sampling(): Promise<() => Promise<Layers>> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 200 })
  await session.post('Profiler.start')
  const before = process.threadCpuUsage()
  return async () => {
    const { user, system } = process.threadCpuUsage(before)
    const { profile } = await session.post('Profiler.stop')
    session.disconnect()
    return layersOf(profile, user + system)
  }
}
