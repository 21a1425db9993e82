// How deep a text is nested, before anybody builds what it says. Of a text that is no JSON it may be wrong.

const quote = 0x22
const backslash = 0x5c

/** Are more arrays and objects open at once than that? One pass, which ends as soon as it knows. */
export function isDeeper(text: string, levels: number): boolean {
  let open = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        for (at++; at < text.length && text.charCodeAt(at) !== quote; at++) if (text.charCodeAt(at) === backslash) at++
        break
      case 0x5b:
      case 0x7b:
        if (++open > levels) return true
        break
      case 0x5d:
      case 0x7d:
        open--
        break
    }
  }
  return false
}
