// Where a text stops being JSON. V8 does not always say, and its messages quote the text, which may hold secrets; so
// the place is searched again, only for texts that JSON.parse has refused. (Grammar: RFC 8259.)

const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
// The longest right start of a number, for one that breaks off: its end is the place.
const numberStart = /-?(?:(?:0|[1-9][0-9]*)(?:\.(?:[0-9]+(?:[eE][+-]?)?)?|[eE][+-]?)?)?/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these in its strings
const stringPart = /(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})){0,4096}/y
const escapeStart = /\\(?:u[0-9a-fA-F]{0,3})?/y

/** The offset (in UTF-16 units) of the first character that JSON does not allow there; the length where it breaks off. */
export function badJsonAt(text: string): number {
  let at = 0
  const space = (): void => {
    while (at < text.length && ' \t\n\r'.includes(text[at] as string)) at++
  }
  const match = (pattern: RegExp): number => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0].length ?? 0
  }
  const string = (): boolean => {
    if (text[at] !== '"') return false
    at++
    // In parts: of ten million characters in one, the matcher's own stack would overflow.
    for (let length = match(stringPart); length > 0; length = match(stringPart)) at += length
    if (text[at] === '"') {
      at++
      return true
    }
    at += match(escapeStart)
    return false
  }
  const word = (expected: string): boolean => {
    for (const letter of expected) {
      if (text[at] !== letter) return false
      at++
    }
    return true
  }
  const scalar = (): boolean => {
    const first = text[at]
    if (first === '"') return string()
    if (first === 't') return word('true')
    if (first === 'f') return word('false')
    if (first === 'n') return word('null')
    const length = match(number)
    if (length === 0) {
      at += match(numberStart)
      return false
    }
    at += length
    // "1." and "1e" parse as far as the 1: what follows it is the start of a number that broke off.
    if (text[at] === '.' || text[at] === 'e' || text[at] === 'E') {
      at -= length
      at += match(numberStart)
      return false
    }
    return true
  }
  // Iterative: the text may be nested a hundred thousand deep.
  const open: ('[' | '{')[] = []
  const value = (): boolean => {
    for (;;) {
      space()
      const first = text[at]
      if (first === '[' || first === '{') {
        at++
        space()
        if (text[at] === (first === '[' ? ']' : '}')) at++
        else {
          open.push(first)
          if (first === '{' && !key()) return false
          continue
        }
      } else if (!scalar()) return false
      for (;;) {
        const inside = open.at(-1)
        if (inside === undefined) return true
        space()
        if (text[at] === ',') {
          at++
          if (inside === '{' && !key()) return false
          break
        }
        if (text[at] !== (inside === '[' ? ']' : '}')) return false
        at++
        open.pop()
      }
    }
  }
  const key = (): boolean => {
    space()
    if (!string()) return false
    space()
    if (text[at] !== ':') return false
    at++
    return true
  }
  if (value()) space()
  return at
}
