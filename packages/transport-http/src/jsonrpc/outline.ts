// What JSON.parse does not tell of a message: the text of every call's id, whose digits a double may lose, and how deep
// the call is nested.

/** Of one call. */
export interface Outline {
  /** The id as it was written, where it is a string, a number, `true`, `false` or `null`; the last of several. */
  readonly id: string | undefined
  /** Levels of objects and arrays, the call itself included; 0 where it is neither. */
  readonly depth: number
}

const scalar = /[^\s,}\]]+/y
const space = /[ \t\n\r]*/y

/** The index behind the string that begins at `from`. */
function behindString(text: string, from: number): number {
  let at = from
  for (;;) {
    at = text.indexOf('"', at + 1)
    let escapes = at - 1
    while (text.charCodeAt(escapes) === 0x5c) escapes--
    if ((at - escapes) % 2 === 1) return at + 1
  }
}

function behindSpace(text: string, from: number): number {
  space.lastIndex = from
  space.test(text)
  return space.lastIndex
}

const isId = (key: string): boolean => key === '"id"' || (key.includes('\\') && JSON.parse(key) === 'id')

/** The outlines of a message that JSON.parse has taken: of each element where it is an array that is not empty, else of itself. */
export function outlines(text: string): readonly Outline[] {
  const all: Outline[] = []
  let at = behindSpace(text, 0)
  // The level at which calls stand: within the array, or nowhere.
  const base = text.charCodeAt(at) === 0x5b ? 1 : 0
  let level = 0
  let deepest = base
  let id: string | undefined
  const next = (): void => {
    all.push({ id, depth: deepest - base })
    deepest = base
    id = undefined
  }
  while (at < text.length) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        const end = behindString(text, at)
        const key = level === base + 1 ? behindSpace(text, end) : end
        if (text.charCodeAt(key) === 0x3a && level === base + 1 && isId(text.slice(at, end))) {
          const from = behindSpace(text, key + 1)
          const first = text.charCodeAt(from)
          id = undefined
          at = from
          if (first === 0x22) {
            at = behindString(text, from)
            id = text.slice(from, at)
          } else if (first !== 0x7b && first !== 0x5b) {
            scalar.lastIndex = from
            id = scalar.exec(text)?.[0]
            at = scalar.lastIndex
          }
        } else at = end
        break
      }
      case 0x7b: // {
      case 0x5b: // [
        if (++level > deepest) deepest = level
        at++
        break
      case 0x7d: // }
      case 0x5d: // ]
        level--
        at++
        if (level === 0 && base === 1) next()
        break
      case 0x2c: // ,
        if (level === 1 && base === 1) next()
        at++
        break
      default:
        at++
    }
  }
  if (base === 0) next()
  return all
}
