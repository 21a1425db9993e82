// Import cycles between the files of a package. Imports of types count: in a cycle no file can be read first.
import { posix } from 'node:path'
import type { Import } from './imports.ts'

/** One line for each cycle, at the import that closes it. */
export function cycles(graph: ReadonlyMap<string, readonly Import[]>): string[] {
  const problems: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    if (done.has(file)) return
    for (const { specifier, line } of graph.get(file) ?? []) {
      if (!specifier.startsWith('.')) continue
      const target = posix.join(posix.dirname(file), specifier)
      const start = [...path, file].indexOf(target)
      if (start < 0) visit(target, [...path, file])
      else problems.push(`${file}:${line}: ${describe([...path, file].slice(start), target)}`)
    }
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return problems
}

function describe(files: readonly string[], first: string): string {
  const names = [...files, first].map((file) => posix.basename(file)).join(' -> ')
  return `closes the import cycle ${names}: move what both need into a file of its own that imports neither`
}
