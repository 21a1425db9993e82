import { describe, expect, it } from 'vitest'
import { knownOptions, type OptionNames } from './index.ts'

type Options = { readonly port?: number } & ({ readonly url: string } | { readonly target: string })
const names: OptionNames<Options> = { port: true, url: true, target: true }

describe('options by their names', () => {
  it('given those that there are, or none, then nothing happens', () => {
    knownOptions('serve', { port: 1, url: '' }, names)
    knownOptions('serve', undefined, names)
  })

  it('given another, also without a value, or one of every object, then a TypeError lists those that there are', () => {
    const said = 'serve: there is no option "prot"; there are port, url, target'
    expect(() => knownOptions('serve', { port: 1, prot: undefined }, names)).toThrow(new TypeError(said))
    expect(() => knownOptions('serve', { toString: 1 }, names)).toThrow(TypeError)
  })
})
