// Types beyond the build: the tests, and once, everything with the declarations of the libraries.
import { passes } from './command.ts'

export async function typeCheck(): Promise<string[]> {
  return [
    ...(await passes('tsc', ['-p', 'tsconfig.test.json'])),
    // What we publish, as a project sees it that checks its libraries.
    ...(await passes('tsc', ['-p', 'tsconfig.libraries.json'])),
  ]
}
