import { describe, expect, it } from 'vitest'
import { optionsOf } from './options.ts'

const read = (line: string) => optionsOf(line.split(' ').filter(Boolean), ['chain', 'codec'])

describe('the command line', () => {
  it('given a suite and options, then they are read', () => {
    expect(read('chain --quick --rounds 3 --time 50 --filter koa --seed 7 --markdown')).toMatchObject({
      suite: 'chain',
      quick: true,
      rounds: 3,
      time: 50,
      filter: 'koa',
      seed: 7,
      markdown: true,
    })
    expect(read('')).toMatchObject({ suite: undefined, seed: 1, rounds: undefined })
  })

  it.each([
    ['chian', 'no suite is called "chian"; there is: chain, codec'],
    ['chain codec', 'one suite or none, and not "chain codec"'],
    ['chain --rounds 0', '--rounds: a whole number from 1 to 1000, and not "0"'],
    ['chain --rounds 1.5', '--rounds: a whole number from 1 to 1000, and not "1.5"'],
    ['chain --time soon', '--time: a whole number from 1 to 600000, and not "soon"'],
    ['chain --seed -1', "Option '--seed' argument is ambiguous"],
    ['chain --json nowhere/at/all.json', '--json: the folder of "nowhere/at/all.json" does not exist'],
    ['--filter koa', '--filter: name the suite to filter'],
    ['chain --publish --quick', '--publish: whole runs only'],
    ['chain --fast', "Unknown option '--fast'"],
  ])('given %j, then one clear line refuses it', (line, message) => {
    expect(() => read(line)).toThrow(message)
    try {
      read(line)
    } catch (cause) {
      expect((cause as Error).name).toBe('Refusal')
      expect((cause as Error).message).not.toContain('\n')
    }
  })
})
