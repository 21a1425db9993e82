// What resilience policies are made of. Everything public is named here.
export { type Backoff, constant, list } from './backoff.ts'
export { type Budget, type BudgetOptions, budget } from './budget.ts'
export { type CountWindow, type CountWindowOptions, countWindow } from './count-window.ts'
export { type Ewma, type EwmaOptions, ewma } from './ewma.ts'
export { type ExponentialOptions, exponential, type Jitter } from './exponential.ts'
export { type Eviction, type Keyed, type KeyedOptions, keyed } from './keyed.ts'
export { choiceOption, functionOption, type NumberRange, numberOption } from './option.ts'
export { type TimeWindow, type TimeWindowOptions, timeWindow } from './time-window.ts'
