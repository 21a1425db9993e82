// JSON that is right and means harm: depth, width, keys, numbers, and whatever makes a codec try everything.
import { type Attack, answered, type Expected, type Family, post, type Scale, shot } from '../harness/attack.ts'

/** Bytes of a body: a megabyte, less in a test. */
const bytesOf = (scale: Scale): number => (scale === 'quick' ? 131_072 : 1_048_576)

const times = (bytes: number, piece: string): string => piece.repeat(Math.floor(bytes / piece.length))

/** As many items as so many bytes hold. */
const list = (bytes: number, item: string): string => `[${times(bytes - item.length - 2, `${item},`)}${item}]`

/** As many keys as so many bytes hold, each another. */
function record(bytes: number, key: (i: number) => string, value = '1'): string {
  const fields: string[] = []
  for (let i = 0, left = bytes; ; i++) {
    const field = `"${key(i)}":${value}`
    left -= field.length + 1
    if (left < 2) return `{${fields.join(',')}}`
    fields.push(field)
  }
}

const wrong = (says: RegExp): Expected => answered(400, says)
const fine = answered(200)

/** Bodies of a megabyte: few, and with room for what they become. */
const large = { full: 20, peak: 400 }
const small = { full: 500 }

type More = Partial<Attack> & { readonly full: number }

const json = (
  name: string,
  sends: string,
  path: string,
  body: (bytes: number) => string,
  expected: Expected,
  bound: string,
  more: More = large,
): Attack => shot(name, (scale) => post(path, body(bytesOf(scale))), expected, { sends, bound, ...more })

const depth: readonly Attack[] = [
  json(
    'deep arrays',
    'a megabyte of brackets, for an open codec',
    '/v1/anything',
    (n) => `{"v":${times(n / 2 - 9, '[')}${times(n / 2 - 9, ']')}}`,
    wrong(/nested too deeply/),
    '10,000 levels',
  ),
  json(
    'deep objects',
    'a megabyte of objects in one another',
    '/v1/anything',
    (n) => `{"v":${'{"a":'.repeat(n / 7)}1${'}'.repeat(n / 7)}}`,
    wrong(/nested too deeply/),
    '10,000 levels',
  ),
  json(
    'deep and broken',
    'a megabyte of opening brackets',
    '/v1/anything',
    (n) => times(n, '['),
    wrong(/nested too deeply/),
    '10,000 levels',
  ),
  json(
    'deep tree',
    'a tree of a megabyte in one line of descent, for a recursive codec',
    '/v1/tree',
    (n) => `{"tree":${'{"v":1,"kids":['.repeat(n / 20)}{"v":1}${']}'.repeat(n / 20)}}`,
    wrong(/nested too deeply/),
    '10,000 levels',
  ),
  json(
    '4,000 levels',
    '4,000 levels, for an open codec',
    '/v1/anything',
    () => `{"v":${'['.repeat(4_000)}${']'.repeat(4_000)}}`,
    wrong(/at most 64 levels/),
    '64 levels',
    small,
  ),
  json(
    '2,000 levels of a tree',
    'a tree of 2,000 levels',
    '/v1/tree',
    () => `{"tree":${'{"v":1,"kids":['.repeat(2_000)}{"v":1}${']}'.repeat(2_000)}}`,
    wrong(/at most 64 levels/),
    '64 levels',
    small,
  ),
  json(
    'deep by hand',
    '9,000 levels, for a listener without a codec',
    '/raw',
    () => '['.repeat(9_000) + ']'.repeat(9_000),
    fine,
    'what a hand-made decoder takes is its own',
    small,
  ),
]

const width: readonly Attack[] = [
  json('numbers', 'a megabyte of numbers', '/v1/numbers', (n) => list(n, '1'), fine, '`body`'),
  json(
    'wrong items',
    'a megabyte of `{}` where numbers should be',
    '/v1/numbers',
    (n) => list(n, '{}'),
    wrong(/20 or more/),
    '20 mistakes',
  ),
  json(
    'wrong lists',
    'a megabyte of `{}` in lists of lists of a union of 20',
    '/v1/wide',
    (n) => `{"rows":${list(n - 9, list(3_000, '{}'))}}`,
    wrong(/rows\[0\]\[0\]/),
    '20 mistakes',
  ),
  json(
    'last of a union',
    'a megabyte that fits the last of 20 members',
    '/v1/wide',
    (n) => `{"rows":${list(n - 9, list(9_000, '{"k19":"v19","x":"longer than it need be"}'))}}`,
    fine,
    '`body`: io-ts tries 20 members each',
    { full: 5, peak: 500 },
  ),
  json(
    'untagged union',
    '40 levels that fit two members all the way',
    '/v1/chain',
    () => `{"chain":${'{"next":'.repeat(40)}null${'}'.repeat(40)}}`,
    wrong(/fewer nested alternatives/),
    '20 visits of a node',
    small,
  ),
  json(
    'wide untagged union',
    'a megabyte for a recursion through a union without a tag',
    '/v1/filter',
    (n) => `{"filter":{"and":${list(n - 20, '{"or":[]}')}}}`,
    fine,
    '20 visits of a node',
    { full: 5, peak: 500 },
  ),
]

const keys: readonly Attack[] = [
  json('keys', 'a megabyte of keys, for a record', '/v1/record', (n) => record(n, (i) => `k${i}`), fine, '`body`'),
  json(
    'unknown keys',
    'a megabyte of keys that the codec does not know',
    '/v1/orders',
    (n) => record(n, (i) => `k${i}`),
    wrong(/and 20 or more/),
    '20 mistakes',
  ),
  json(
    'integer keys',
    'a megabyte of keys that are numbers',
    '/v1/record',
    (n) => record(n, (i) => String(i)),
    fine,
    '`body`',
  ),
  json(
    'sparse keys',
    'a megabyte of keys that are far numbers',
    '/v1/record',
    (n) => record(n, (i) => String(i * 70_001)),
    fine,
    '`body`',
  ),
  json(
    'colliding keys',
    'a megabyte of keys that are multiples of a power of two',
    '/v1/record',
    (n) => record(n, (i) => String(i * 131_072)),
    fine,
    '`body`',
  ),
  json('equal keys', 'a megabyte of one key', '/v1/record', (n) => record(n, () => 'a'), fine, 'the last counts'),
  json(
    'long key',
    'a key of a megabyte',
    '/v1/orders',
    (n) => `{"${'k'.repeat(n - 20)}":1}`,
    wrong(/no such field|missing/),
    'paths are cut',
  ),
  json(
    '__proto__',
    '`__proto__` as a key',
    '/v1/anything',
    () => '{"v":{"__proto__":{"admin":true}}}',
    wrong(/__proto__/),
    'refused',
    small,
  ),
  json(
    '__proto__ escaped',
    'the same with escapes in it',
    '/v1/anything',
    () => '{"v":[{"\\u005f_pro\\u0074o__":1}]}',
    wrong(/__proto__/),
    'refused',
    small,
  ),
  json(
    '__proto__ around',
    '`__proto__` as the outermost key',
    '/v1/orders',
    () => '{"__proto__":{"lines":[]}}',
    wrong(/__proto__/),
    'refused',
    small,
  ),
  json(
    'constructor',
    '`constructor` and `prototype` as keys',
    '/v1/anything',
    () => '{"v":{"constructor":{"prototype":{"admin":true}}}}',
    fine,
    'keys like others; own ones only are read',
    small,
  ),
  json(
    'toString',
    '`toString` as a key that nobody knows',
    '/v1/orders',
    () => '{"toString":1}',
    wrong(/toString/),
    'keys like others',
    small,
  ),
  json(
    'the word __proto__',
    '`"__proto__"` as a text, and a megabyte of numbers',
    '/v1/anything',
    (n) => `{"v":["__proto__",${list(n - 30, '1')}]}`,
    fine,
    'one walk without recursion',
  ),
]

const scalars: readonly Attack[] = [
  json(
    'long text',
    'a text of a megabyte that breaks off',
    '/v1/anything',
    (n) => `"${'a'.repeat(n - 1)}`,
    wrong(/breaks off/),
    'no backtracking',
  ),
  json(
    'escapes',
    'a megabyte of escapes, then none',
    '/v1/anything',
    (n) => `"${times(n - 4, '\\n')}\\x"`,
    wrong(/not JSON from position/),
    'no backtracking',
  ),
  json('blanks', 'a megabyte of blanks', '/v1/anything', (n) => ' '.repeat(n), wrong(/breaks off/), '`body`'),
  json('long number', 'a number of a megabyte', '/v1/numbers', (n) => `[0.${'1'.repeat(n - 4)}]`, fine, '`body`'),
  json(
    '1e999',
    'the number 1e999',
    '/v1/numbers',
    () => '[1e999]',
    wrong(/out of range/),
    'numbers that there are',
    small,
  ),
  json(
    '400 digits',
    'a number of 400 digits',
    '/v1/numbers',
    () => `[${'9'.repeat(400)}]`,
    wrong(/out of range/),
    'numbers that there are',
    small,
  ),
  json(
    'lone surrogate',
    'half a pair of surrogates as an escape',
    '/v1/anything',
    () => '{"v":"\\ud800"}',
    fine,
    'a text to JavaScript',
    small,
  ),
  json('null', '`null`', '/v1/orders', () => 'null', wrong(/expected object, got null/), 'the codec', small),
  json('scalar', '`7`', '/v1/orders', () => '7', wrong(/expected object, got number/), 'the codec', small),
  json('two values', '`{} {}`', '/v1/orders', () => '{} {}', wrong(/from position 3/), 'JSON', small),
]

export const values: Family = {
  title: 'JSON',
  about:
    'A megabyte at a time, twenty connections at once. What is bounded here is time: JSON is read and checked on the one thread that all others wait for.',
  attacks: [...depth, ...width, ...keys, ...scalars],
}
