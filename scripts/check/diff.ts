// The lines in which two texts differ.

export interface Change {
  /** In the old text, counted from 1. */
  readonly line: number
  /** `- ` or `+ ` and the line. */
  readonly text: string
}

/** By longest common subsequence: fine for some thousand lines. */
export function diff(before: string, after: string): Change[] {
  const a = before.split('\n')
  const b = after.split('\n')
  const width = b.length + 1
  // common[i * width + j]: how many lines a[i..] and b[j..] have in common.
  const common = new Uint32Array((a.length + 1) * width)
  const at = (i: number, j: number): number => common[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const changes: Change[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i += 1
      j += 1
    } else if (j === b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) {
      changes.push({ line: i + 1, text: `- ${a[i]}` })
      i += 1
    } else {
      changes.push({ line: i + 1, text: `+ ${b[j]}` })
      j += 1
    }
  }
  return changes
}
