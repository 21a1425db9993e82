// The suite `chain`: what composition costs. Ten steps (five observers, five guards, in turn) around a handler, in
// Tenon and in what people use today, and what single parts of the kernel cost.
import type { Suite } from '../harness/suite.ts'
import { type Case, timed } from '../harness/timed.ts'

const alone = 'one call'
const ten = 'ten steps'
const refusal = 'refused by the outermost of ten'
const deadline = 'a deadline of 1 s'
const clock = 'five observers'

const bare: Case['load'] = async () => (await import('./bare.ts')).bareCall
const tenon: Case['load'] = async () => (await import('./tenon.ts')).tenon

const cases: readonly Case[] = [
  { name: 'bare', case: alone, subject: 'bare async call', load: bare },
  { name: 'bare-again', case: alone, subject: 'bare async call (A/A)', again: 'bare', load: bare },
  {
    name: 'tenon-alone',
    case: alone,
    subject: 'Tenon: endpoint through call()',
    load: async () => (await import('./tenon.ts')).tenonAlone,
  },

  {
    name: 'one-hop',
    case: alone,
    subject: 'bare async call and one then',
    load: async () => (await import('./floor.ts')).oneHop,
  },

  { name: 'tenon', case: ten, subject: 'Tenon', load: tenon },
  { name: 'tenon-again', case: ten, subject: 'Tenon (A/A)', again: 'tenon', load: tenon },
  {
    name: 'tenon-task',
    case: ten,
    subject: 'Tenon: ep(input)(ctx)()',
    load: async () => (await import('./tenon.ts')).tenonTask,
  },
  {
    name: 'tenon-plain',
    case: ten,
    subject: 'Tenon: no context extension',
    load: async () => (await import('./tenon.ts')).tenonPlain,
  },
  {
    name: 'tenon-sync',
    case: ten,
    subject: 'Tenon: synchronous handler',
    load: async () => (await import('./tenon.ts')).tenonSync,
  },
  {
    name: 'tenon-general',
    case: ten,
    subject: 'Tenon: general form, async',
    load: async () => (await import('./tenon.ts')).tenonGeneral,
  },
  {
    name: 'tenon-crowd',
    case: ten,
    subject: 'Tenon: beside 30 other chains',
    load: async () => (await import('./crowd.ts')).tenonCrowd(),
  },
  {
    name: 'koa-async',
    case: ten,
    subject: 'koa-compose: async middlewares',
    load: async () => (await import('./koa.ts')).koaAsync,
  },
  {
    name: 'koa-tuned',
    case: ten,
    subject: 'koa-compose: tuned by hand',
    load: async () => (await import('./koa.ts')).koaTuned,
  },
  {
    name: 'koa-crowd',
    case: ten,
    subject: 'koa-compose: tuned, beside 30 other chains',
    load: async () => (await import('./crowd.ts')).koaCrowd(),
  },
  { name: 'effect', case: ten, subject: 'Effect 4', load: async () => (await import('./effect.ts')).effect },
  {
    name: 'effect-sync',
    case: ten,
    subject: 'Effect 4: synchronous handler',
    load: async () => (await import('./effect.ts')).effectSync,
  },
  {
    name: 'one-function',
    case: ten,
    subject: 'all in one function by hand, one then',
    load: async () => (await import('./floor.ts')).oneFunction,
  },
  {
    name: 'then',
    case: ten,
    subject: 'layers by hand: then',
    load: async () => (await import('./layers.ts')).thenLayers,
  },
  {
    name: 'async',
    case: ten,
    subject: 'layers by hand: async/await',
    load: async () => (await import('./layers.ts')).asyncLayers,
  },
  {
    name: 'async-rte',
    case: ten,
    subject: 'layers by hand: async ReaderTaskEither',
    load: async () => (await import('./layers.ts')).readerLayers,
  },
  {
    name: 'naive-rte',
    case: ten,
    subject: 'fp-ts: RTE.ask, RTE.chain',
    load: async () => (await import('./naive.ts')).naive,
  },

  {
    name: 'tenon-refusal',
    case: refusal,
    subject: 'Tenon: refuse(failure)',
    load: async () => (await import('./refusals.ts')).tenonRefusal,
  },
  {
    name: 'koa-throws',
    case: refusal,
    subject: 'koa-compose: throw new Error',
    load: async () => (await import('./refusals.ts')).koaThrows,
  },
  {
    name: 'koa-answers',
    case: refusal,
    subject: 'koa-compose: status set, no next()',
    load: async () => (await import('./refusals.ts')).koaAnswers,
  },

  {
    name: 'tenon-timeout',
    case: deadline,
    subject: 'Tenon: timeout(1_000)',
    load: async () => (await import('./timeouts.ts')).tenonTimeout,
  },
  {
    name: 'tenon-deadline',
    case: deadline,
    subject: 'Tenon: call(..., { timeout: 1_000 })',
    load: async () => (await import('./timeouts.ts')).tenonDeadline,
  },
  {
    name: 'race',
    case: deadline,
    subject: 'by hand: Promise.race, setTimeout',
    load: async () => (await import('./timeouts.ts')).race,
  },
  {
    name: 'abort-signal',
    case: deadline,
    subject: 'by hand: AbortSignal.timeout',
    load: async () => (await import('./timeouts.ts')).abortSignal,
  },

  {
    name: 'observe5',
    case: clock,
    subject: 'Tenon: observe, no clock',
    load: async () => (await import('./measuring.ts')).observe5,
  },
  {
    name: 'measure5',
    case: clock,
    subject: 'Tenon: measure',
    load: async () => (await import('./measuring.ts')).measure5,
  },
  {
    name: 'reading5',
    case: clock,
    subject: 'Tenon: observe, each reads the clock',
    load: async () => (await import('./measuring.ts')).reading5,
  },
]

export const chain: Suite = timed({
  name: 'chain',
  does: 'ten middlewares around a call: Tenon, koa-compose, Effect, fp-ts, layers by hand',
  notes:
    'What holds Tenon back from a bare call stands in the tables: a layer that is to see how a call ends needs one `then`, and that alone ' +
    'costs nearly as much again as the call (*bare async call and one then*). *All in one function by hand* is the work of the ten steps and that one `then`, ' +
    'with no layers, no context and no laws: nothing that composes can be faster. The rest is the end hooks (a closure for each observer), two contexts, and the failures that are values.',
  cases,
  targets: [
    { name: 'ten steps / koa-compose, async middlewares', of: 'tenon', over: 'koa-async', limit: 0.4 },
    { name: 'ten steps / koa-compose, tuned by hand', of: 'tenon', over: 'koa-tuned', limit: 0.65 },
    { name: 'ten steps / a bare async call', of: 'tenon', over: 'bare', limit: 2.5 },
  ],
})
