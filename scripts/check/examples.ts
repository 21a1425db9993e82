// Code blocks: the ts fences of a README, and those in the doc comments of a source file.

export interface Example {
  /** From the workspace's root. */
  readonly file: string
  /** Of the opening fence, counted from 1. The code starts on the next line. */
  readonly line: number
  readonly code: readonly string[]
  readonly run: boolean
  /** Goes on where the example before it in the file ended, and sees what that declares. */
  readonly continues: boolean
  /** What the ```text block that directly follows says is printed. */
  readonly output?: readonly string[]
}

export interface Extracted {
  readonly examples: readonly Example[]
  readonly problems: readonly string[]
}

const words = ['run', 'continue', 'no-check']

interface Fence {
  readonly line: number
  readonly info: string
  readonly code: readonly string[]
}

export function extract(file: string, text: string): Extracted {
  const problems: string[] = []
  const examples: Example[] = []
  const blocks = fences(file.endsWith('.md') ? text : docComments(text))
  for (const [index, { line, info, code }] of blocks.entries()) {
    const [language = '', ...flags] = info.split(/\s+/)
    if (['typescript', 'js', 'javascript', 'tsx'].includes(language)) {
      problems.push(`${file}:${line}: a block of ${language} is not checked: write \`\`\`ts`)
    }
    if (language !== 'ts') continue
    const unknown = flags.find((flag) => !words.includes(flag))
    if (unknown) problems.push(`${file}:${line}: "${unknown}" is none of the words after ts: ${words.join(', ')}`)
    if (flags.includes('no-check')) continue
    const output = expected(blocks[index + 1], line + code.length + 2)
    const example = { file, line, code, run: flags.includes('run'), continues: flags.includes('continue') }
    if (example.continues && examples.length === 0)
      problems.push(`${file}:${line}: there is no example before it to continue`)
    examples.push(output && example.run ? { ...example, output } : example)
  }
  return { examples, problems }
}

/** A text block counts as output when nothing but blank lines stands between. */
function expected(next: Fence | undefined, from: number): readonly string[] | undefined {
  return next?.info === 'text' && next.line - from <= 1 ? next.code : undefined
}

function fences(text: string): Fence[] {
  const found: Fence[] = []
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const open = /^(\s*)(`{3,})(.*)$/.exec(lines[at] ?? '')
    if (!open) continue
    const [, indent = '', ticks = '', info = ''] = open
    const length = lines.slice(at + 1).findIndex((line) => line.trim() === ticks)
    const code = lines.slice(at + 1, length < 0 ? undefined : at + 1 + length)
    const dedented = code.map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()))
    found.push({ line: at + 1, info: info.trim(), code: dedented })
    at += code.length + 1
  }
  return found
}

/** A source with all but its doc comments blanked out; lines keep their numbers. */
function docComments(text: string): string {
  let inside = false
  return text
    .split('\n')
    .map((line) => {
      if (/^\s*\/\*\*/.test(line)) inside = true
      const kept = inside ? line.replace(/^\s*(\/\*\*|\*\/|\*) ?/, '') : ''
      if (line.includes('*/')) inside = false
      return kept
    })
    .join('\n')
}
