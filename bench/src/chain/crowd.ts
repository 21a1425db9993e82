// The ten steps in a process that runs thirty other such chains, as a service with many methods does: what V8 has learned
// from one chain does not hold for the next.
import { extname } from 'node:path'
import type { Subject } from '../harness/suite.ts'

const others = 30
const calls = 2_000

/** One subject of a module, when as many copies of the module, each with functions of its own, have run. */
async function among(file: string, subject: string): Promise<Subject> {
  let last: Subject | undefined
  for (let n = 0; n <= others; n++) {
    // Another query is another module, with functions of its own.
    const copy: Record<string, Subject> = await import(`./${file}${extname(import.meta.filename)}?${n}`)
    last = copy[subject] as Subject
    for (let i = 0; i < calls; i++) await last.call()
  }
  return last as Subject
}

export const tenonCrowd = (): Promise<Subject> => among('tenon', 'tenon')
export const koaCrowd = (): Promise<Subject> => among('koa', 'koaTuned')
