import { expect, it } from 'vitest'
import { codec } from './suite.ts'

const kinds = {
  valid: ['compiled', 'contract', 'open', 'io-ts', 'zod', 'valibot', 'arktype', 'ajv', 'typebox'],
  invalid: ['compiled', 'contract', 'open', 'io-ts', 'zod', 'valibot', 'arktype', 'ajv', 'typebox'],
  encode: ['compiled', 'contract', 'io-ts', 'zod'],
  text: ['contract', 'json', 'writer'],
}

it.each(['small', 'nested', 'array'])(
  'given the subjects of the shape %s, then each proves that it does the work of its case',
  async (shape) => {
    for (const [kind, names] of Object.entries(kinds))
      for (const name of names) {
        const subject = await codec.subject?.(`${shape}-${kind}-${name}`)
        await subject?.check()
        expect(subject?.call()).toHaveLength(16)
      }
  },
  60_000,
)
