// Limiters, timed: a call that goes ahead, one that is refused, and calls that wait, beside those who do the same.
import type { Subject } from '../harness/suite.ts'
import type { Case, RatioTarget } from '../harness/timed.ts'

const ahead = 'a call that the limit lets through'
const refused = 'a call that the limit refuses'
const waits = 'sixteen calls at once, four of which may be under way'

type Make<M> = (module: M) => Subject | Promise<Subject>

/** Cases of one module, which only the process of its subject loads. */
const casesOf =
  <M>(load: () => Promise<M>) =>
  (group: string, name: string, subject: string, make: Make<M>): Case => ({
    name,
    case: group,
    subject,
    load: async () => make(await load()),
  })
const tenon = casesOf(() => import('./limits.ts'))
const peer = casesOf(() => import('./peers.ts'))

export const limiterCases: readonly Case[] = [
  peer(ahead, 'bare', 'bare async call', ({ bare }) => bare()),
  tenon(ahead, 'unlimited', 'Tenon: endpoint through call(), no limit', ({ alone }) => alone()),
  { ...tenon(ahead, 'unlimited-again', 'Tenon: no limit (A/A)', ({ alone }) => alone()), again: 'unlimited' },
  tenon(ahead, 'bucket', 'Tenon: tokenBucket', ({ bucket }) => bucket()),
  tenon(ahead, 'keyed-bucket', 'Tenon: tokenBucket, one of 10,000 keys', ({ keyedBucket }) => keyedBucket()),
  tenon(ahead, 'window-log', 'Tenon: slidingWindow, each call remembered', ({ logged }) => logged()),
  tenon(ahead, 'window', 'Tenon: slidingWindow, 10 parts', ({ windowed }) => windowed()),
  tenon(ahead, 'rate', 'Tenon: adaptiveRate', ({ rate }) => rate()),
  tenon(ahead, 'shed', 'Tenon: shed', ({ shedding }) => shedding()),
  tenon(ahead, 'places', 'Tenon: concurrency', ({ places }) => places()),
  tenon(ahead, 'queued', 'Tenon: concurrency, with a queue', ({ queued }) => queued()),
  tenon(ahead, 'aimd', 'Tenon: concurrency, aimd()', ({ adaptive }) => adaptive()),
  tenon(ahead, 'bbr', 'Tenon: concurrency, bbr()', ({ littles }) => littles()),
  peer(ahead, 'p-limit', 'p-limit', ({ pLimited }) => pLimited()),
  peer(ahead, 'cockatiel', 'cockatiel: bulkhead', ({ cockatielPlaces }) => cockatielPlaces()),
  peer(ahead, 'bottleneck', 'bottleneck: maxConcurrent', ({ bottleneckPlaces }) => bottleneckPlaces()),
  peer(ahead, 'bottleneck-rate', 'bottleneck: reservoir', ({ bottleneckReservoir }) => bottleneckReservoir()),

  tenon(refused, 'spent', 'Tenon: tokenBucket', ({ spent }) => spent()),
  tenon(refused, 'full', 'Tenon: concurrency', ({ full }) => full()),
  peer(refused, 'cockatiel-full', 'cockatiel: bulkhead', ({ cockatielFull }) => cockatielFull()),
  peer(refused, 'bottleneck-full', 'bottleneck: OVERFLOW', ({ bottleneckFull }) => bottleneckFull()),

  tenon(waits, 'waiting', 'Tenon: concurrency, with a queue', ({ waiting }) => waiting()),
  peer(waits, 'p-limit-waiting', 'p-limit', ({ pLimitWaiting }) => pLimitWaiting()),
  peer(waits, 'cockatiel-waiting', 'cockatiel: bulkhead', ({ cockatielWaiting }) => cockatielWaiting()),
]

export const limiterTargets: readonly RatioTarget[] = [
  { name: 'a call refused by a bucket / by cockatiel', of: 'spent', over: 'cockatiel-full', limit: 0.03 },
  { name: 'a call refused by places / by bottleneck', of: 'full', over: 'bottleneck-full', limit: 0.03 },
  { name: 'a call through places / through p-limit', of: 'places', over: 'p-limit', limit: 1 },
  { name: 'a call through places / through bottleneck', of: 'places', over: 'bottleneck', limit: 0.1 },
  { name: 'calls that wait / p-limit', of: 'waiting', over: 'p-limit-waiting', limit: 2 },
]
