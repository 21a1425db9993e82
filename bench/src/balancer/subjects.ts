// What the strategies of the simulation are called in reports. Alone, so that the suite can be listed without loading them.
export const subjects = {
  roundRobin: 'roundRobin()',
  random: 'random()',
  weighted: 'weighted()',
  leastRequests: 'leastRequests()',
  p2c: 'p2c()',
  consistentHash: 'consistentHash({ by })',
  ejecting: 'outlierEjection(roundRobin())',
  'ejecting-p2c': 'outlierEjection(p2c())',
  'slow-start': 'slowStart(roundRobin())',
  'slow-start-p2c': 'slowStart(p2c())',
  oracle: 'oracle: knows every queue',
} as const

export type StrategyName = keyof typeof subjects
