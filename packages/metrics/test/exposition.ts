// Reads what a scraper would read, strictly: every line is a comment of a known family or a sample of it.
import type { MetricRegistry } from '../src/family.ts'

const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?[0-9.e+-]+|\+Inf|-Inf|NaN|Nan)$/
const label = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/

/** Samples by name and labels as printed. Throws on a line, label or family that no scraper would take. */
export function parse(page: string, format: 'text' | 'openmetrics' = 'text'): Map<string, number> {
  if (!page.endsWith('\n')) throw new Error('the last line does not end')
  const samples = new Map<string, number>()
  const types = new Map<string, string>()
  const lines = page.slice(0, -1).split('\n')
  if (format === 'openmetrics' && lines.pop() !== '# EOF') throw new Error('no # EOF at the end')
  for (const line of lines) {
    if (line === '') {
      if (format === 'openmetrics') throw new Error('an empty line')
      continue
    }
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(line)
    if (type !== null) {
      if (types.has(type[1] as string)) throw new Error(`two families called ${type[1]}`)
      types.set(type[1] as string, type[2] as string)
      continue
    }
    if (/^# HELP \S+ .+$/.test(line)) continue
    const [, name, labels, value] = sample.exec(line) ?? []
    if (name === undefined) throw new Error(`no sample: ${line}`)
    const family = [name, name.replace(/_(bucket|sum|count)$/, ''), name.replace(/_total$/, '')].find((stem) =>
      types.has(stem),
    )
    if (family === undefined) throw new Error(`a sample without a family: ${line}`)
    if (format === 'openmetrics' && types.get(family) === 'counter' && name !== `${family}_total`)
      throw new Error(`a counter must end in _total: ${line}`)
    const names = new Set<string>()
    for (let rest = labels ?? ''; rest !== ''; ) {
      const next = label.exec(rest)
      if (next === null) throw new Error(`no label: ${rest}`)
      if (names.has(next[1] as string)) throw new Error(`a label twice: ${line}`)
      names.add(next[1] as string)
      rest = rest.slice(next[0].length)
    }
    const key = labels === undefined ? name : `${name}{${labels}}`
    if (samples.has(key)) throw new Error(`a sample twice: ${line}`)
    samples.set(key, Number(value?.replace('Inf', 'Infinity')))
  }
  return samples
}

/** The samples of a registry. */
export const read = async (registry: MetricRegistry): Promise<Map<string, number>> => parse(await registry.metrics())
