// Breakers, timed: what they add to a call that succeeds and to one that fails, and what a refusal costs.
import type { Case, RatioTarget } from '../harness/timed.ts'

const success = 'a breaker: success'
const steps = 'a breaker: success, among four steps'
const failures = 'a breaker: one call in ten fails'
const refusal = 'a breaker: refused'

const bare = () => import('./breakers/bare.ts')
const tenon = () => import('./breakers/tenon.ts')
const opossum = () => import('./breakers/opossum.ts')
const cockatiel = () => import('./breakers/cockatiel.ts')
const bareCall: Case['load'] = async () => (await bare()).bareSuccess

export const breakerCases: readonly Case[] = [
  { name: 'breaker-bare', case: success, subject: 'bare async call', load: bareCall },
  {
    name: 'breaker-bare-again',
    case: success,
    subject: 'bare async call (A/A)',
    again: 'breaker-bare',
    load: bareCall,
  },
  {
    name: 'breaker-endpoint',
    case: success,
    subject: 'Tenon: no breaker',
    load: async () => (await bare()).endpointSuccess,
  },
  {
    name: 'breaker-sequential',
    case: success,
    subject: 'Tenon: sequential (default)',
    load: async () => (await tenon()).sequentialSuccess(),
  },
  {
    name: 'breaker-consecutive',
    case: success,
    subject: 'Tenon: consecutive',
    load: async () => (await tenon()).consecutiveSuccess(),
  },
  { name: 'breaker-ratio', case: success, subject: 'Tenon: ratio', load: async () => (await tenon()).ratioSuccess() },
  {
    name: 'breaker-slow-calls',
    case: success,
    subject: 'Tenon: slowCalls',
    load: async () => (await tenon()).slowSuccess(),
  },
  {
    name: 'breaker-throttle',
    case: success,
    subject: 'Tenon: adaptiveThrottle',
    load: async () => (await tenon()).throttleSuccess(),
  },
  {
    name: 'breaker-keyed',
    case: success,
    subject: 'Tenon: sequential, by key',
    load: async () => (await tenon()).keyedSuccess(),
  },
  {
    name: 'breaker-by-opossum',
    case: success,
    subject: 'Tenon: breaker-opossum',
    load: async () => (await tenon()).opossumSuccess(),
  },
  {
    name: 'breaker-opossum',
    case: success,
    subject: 'opossum: defaults',
    load: async () => (await opossum()).defaultSuccess(),
  },
  {
    name: 'breaker-opossum-lean',
    case: success,
    subject: 'opossum: no timeout, no percentiles',
    load: async () => (await opossum()).leanSuccess(),
  },
  {
    name: 'breaker-cockatiel-sampling',
    case: success,
    subject: 'cockatiel: sampling',
    load: async () => (await cockatiel()).samplingSuccess(),
  },
  {
    name: 'breaker-cockatiel-count',
    case: success,
    subject: 'cockatiel: count',
    load: async () => (await cockatiel()).countSuccess(),
  },
  {
    name: 'breaker-cockatiel-consecutive',
    case: success,
    subject: 'cockatiel: consecutive',
    load: async () => (await cockatiel()).consecutiveSuccess(),
  },

  {
    name: 'breaker-chain',
    case: steps,
    subject: 'Tenon: four steps',
    load: async () => (await tenon()).chainSuccess(),
  },
  {
    name: 'breaker-chain-sequential',
    case: steps,
    subject: 'Tenon: and sequential',
    load: async () => (await tenon()).chainSequential(),
  },
  {
    name: 'breaker-chain-ratio',
    case: steps,
    subject: 'Tenon: and ratio',
    load: async () => (await tenon()).chainRatio(),
  },

  {
    name: 'breaker-bare-tenth',
    case: failures,
    subject: 'bare async call, caught',
    load: async () => (await bare()).bareTenth,
  },
  {
    name: 'breaker-endpoint-tenth',
    case: failures,
    subject: 'Tenon: no breaker',
    load: async () => (await bare()).endpointTenth,
  },
  {
    name: 'breaker-sequential-tenth',
    case: failures,
    subject: 'Tenon: sequential',
    load: async () => (await tenon()).sequentialTenth(),
  },
  {
    name: 'breaker-ratio-tenth',
    case: failures,
    subject: 'Tenon: ratio',
    load: async () => (await tenon()).ratioTenth(),
  },
  {
    name: 'breaker-by-opossum-tenth',
    case: failures,
    subject: 'Tenon: breaker-opossum',
    load: async () => (await tenon()).opossumTenth(),
  },
  {
    name: 'breaker-opossum-tenth',
    case: failures,
    subject: 'opossum: no timeout, no percentiles',
    load: async () => (await opossum()).leanTenth(),
  },
  {
    name: 'breaker-cockatiel-tenth',
    case: failures,
    subject: 'cockatiel: sampling',
    load: async () => (await cockatiel()).samplingTenth(),
  },

  { name: 'breaker-refused', case: refusal, subject: 'Tenon', load: async () => (await tenon()).refused() },
  { name: 'breaker-opossum-refused', case: refusal, subject: 'opossum', load: async () => (await opossum()).refused() },
  {
    name: 'breaker-cockatiel-refused',
    case: refusal,
    subject: 'cockatiel',
    load: async () => (await cockatiel()).refused(),
  },
]

export const breakerTargets: readonly RatioTarget[] = [
  {
    name: 'a breaker: added alone / by cockatiel, sampling',
    of: 'breaker-sequential',
    over: 'breaker-cockatiel-sampling',
    beyond: ['breaker-endpoint', 'breaker-bare'],
    limit: 0.7,
  },
  {
    name: 'a breaker: added among four steps / by cockatiel, sampling',
    of: 'breaker-chain-sequential',
    over: 'breaker-cockatiel-sampling',
    beyond: ['breaker-chain', 'breaker-bare'],
    limit: 0.3,
  },
  {
    name: 'a breaker: added alone / by opossum, defaults',
    of: 'breaker-sequential',
    over: 'breaker-opossum',
    beyond: ['breaker-endpoint', 'breaker-bare'],
    limit: 0.15,
  },
  {
    name: 'a breaker: added among four steps / by opossum, defaults',
    of: 'breaker-chain-sequential',
    over: 'breaker-opossum',
    beyond: ['breaker-chain', 'breaker-bare'],
    limit: 0.06,
  },
  { name: 'a breaker: a refusal / of opossum', of: 'breaker-refused', over: 'breaker-opossum-refused', limit: 0.03 },
  {
    name: 'a breaker: a refusal / of cockatiel',
    of: 'breaker-refused',
    over: 'breaker-cockatiel-refused',
    limit: 0.03,
  },
]
