import { afterAll, describe, expect, test } from 'vitest'
import { extract } from './examples.ts'
import { boundNames } from './imports.ts'
import { check, matches } from './readme.ts'
import { removeScratch } from './scratch.ts'

const fence = (info: string, ...code: string[]): string => [`\`\`\`${info}`, ...code, '```', ''].join('\n')
const problems = (...blocks: string[]) => check([extract('README.md', blocks.join('\n'))])

afterAll(removeScratch)

describe('which blocks are examples', () => {
  test('given ts blocks, when they are extracted, then each has its line, its words and the output that follows', () => {
    const text = [
      '# Title',
      '',
      fence('ts', 'a'),
      fence('ts run', 'b', 'c'),
      fence('text', 'printed'),
      fence('sh', 'npm i'),
    ]
    expect(extract('README.md', text.join('\n'))).toEqual({
      examples: [
        { file: 'README.md', line: 3, code: ['a'], run: false, continues: false },
        { file: 'README.md', line: 7, code: ['b', 'c'], run: true, continues: false, output: ['printed'] },
      ],
      problems: [],
    })
  })

  test('given a text block after a paragraph, when it is extracted, then it is no output', () => {
    const text = `${fence('ts run', 'a')}\nThis is how it looks:\n${fence('text', 'printed')}`
    expect(extract('README.md', text).examples[0]).not.toHaveProperty('output')
  })

  test('given doc comments, when a source is read, then their blocks are examples and the code is not', () => {
    const text = `const a = \`\n\`\`\`ts\nno\n\`\`\`\n\`\n/**\n * Doc.\n *\n * \`\`\`ts\n *   const b = 1\n *\n * \`\`\`\n */\n`
    expect(extract('packages/x/src/a.ts', text).examples).toEqual([
      { file: 'packages/x/src/a.ts', line: 9, code: ['  const b = 1', ''], run: false, continues: false },
    ])
  })

  test('given a no-check block, when it is extracted, then it is passed over', () => {
    expect(extract('README.md', fence('ts no-check', 'retry(options)'))).toEqual({ examples: [], problems: [] })
  })

  test.each([
    [fence('typescript', ''), 'README.md:1: a block of typescript is not checked: write ```ts'],
    [fence('ts runs', ''), 'README.md:1: "runs" is none of the words after ts: run, continue, no-check'],
    [fence('ts continue', ''), 'README.md:1: there is no example before it to continue'],
  ])('given a block that is written wrongly, when it is extracted, then it is said', (text, problem) => {
    expect(extract('README.md', text).problems).toEqual([problem])
  })
})

describe('examples that are in order', () => {
  test('given examples that compile, print what is said and continue one another, when they are checked, then all is well', async () => {
    const found = await problems(
      fence('ts run', `const name: string = 'you'`, 'console.log("hello", name)'),
      fence('text', 'hello you'),
      fence('ts continue run', 'console.log("bye", name, "at", Date.now())'),
      fence('text', 'bye you at ...'),
      fence('ts', `const name = 'another file, another name'`, `throw new Error(name)`),
    )
    expect(found).toEqual([])
  })
})

test('given a source, when its names are bound by imports and declarations, then all are found', () => {
  const code = `import a, { b as c } from 'x'; const { d, e: [f, ...g], h = 1 } = y; export class I {} function j(k) { let l }`
  expect([...boundNames(code)]).toEqual(['a', 'c', 'd', 'f', 'g', 'h', 'I', 'j'])
})

describe('examples that are not', () => {
  test('given a mistake in types, when it is checked, then its line in the README is named once', async () => {
    const found = await problems('# Title', fence('ts', '', 'const a: number = true'), fence('ts continue', 'void a'))
    expect(found).toEqual([`README.md:4: TS2322: Type 'boolean' is not assignable to type 'number'.`])
  })

  test('given a package that the README may not import, when it is checked, then it is said', async () => {
    const found = await check([
      extract('packages/endpoint/README.md', fence('ts', `import { retry } from '@tenon/retry'`)),
    ])
    expect(found).toEqual([expect.stringMatching(/^packages\/endpoint\/README.md:2: TS2307: .*'@tenon\/retry'/)])
  })

  test('given examples that fail as they run, when they are checked, then each is named with the reason', async () => {
    const found = await problems(
      fence('ts run', `throw new Error('out of stock')`),
      fence('ts run', 'await new Promise(() => {})'),
      fence('ts run', 'console.log(2)'),
      fence('text', '1'),
    )
    expect(found).toEqual([
      expect.stringMatching(/^README\.md:1: ended with 1\n[\s\S]*Error: out of stock[\s\S]*README\.md:2:7/),
      expect.stringMatching(/^README\.md:5: waits for something that never comes/),
      'README.md:9: prints something else than the README says\n  says:\n    1\n  prints:\n    2',
    ])
  })
})

test.each([
  ['port 3000', 'port ...', true],
  ['a\nb\nc', 'a\n...\nc', true],
  ['a (b)', 'a (b)', true],
  ['a b', 'a', false],
  ['ab', 'a.', false],
])('given the output %j, when the README says %j, then they match: %j', (printed, wanted, expected) => {
  expect(matches(printed, wanted)).toBe(expected)
})
