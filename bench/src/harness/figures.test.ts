import { expect, it } from 'vitest'
import { figure } from './figures.ts'

it.each([
  [12_345.6, '12,346'],
  [12.34, '12.3'],
  [0.123, '0.12'],
  [-0.123, '-0.12'],
  // Next to nothing has no sign.
  [-0.001, '0.00'],
  [0, '0.0'],
])('given %d, then it is written %s', (value, written) => {
  expect(figure(value)).toBe(written)
})
