// Which program is meant by the name of an example: `profilesvc`, or `stringsvc/step1` where a folder has several.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SetupError } from './say.mjs'

/**
 * The command that runs an example. Its first argument is the example's name, the others go to it.
 * @param {string} folder where the examples are
 * @param {readonly string[]} args
 */
export function example(folder, [name = '', ...args]) {
  const found = programs(folder).find((program) => program.name === name)
  if (found) return ['node', found.path, ...args]
  const names = programs(folder).map((program) => program.name)
  const said = name === '' || name === '--help' ? 'an example needs its name' : `no example is called "${name}"`
  throw new SetupError(`${said}: npm run example -- NAME ARGUMENTS, where NAME is one of\n  ${names.join('\n  ')}`)
}

/** Each `src/main.ts` under the folder's name, each `src/stepN.ts`, `src/stepN-x.ts` under both names, and each `bin` under its own. */
function programs(/** @type {string} */ folder) {
  return readdirSync(folder)
    .sort()
    .flatMap((service) => {
      const src = join(folder, service, 'src')
      if (!existsSync(src)) return []
      const files = readdirSync(src).map((file) => file.replace(/\.ts$/, ''))
      const { bin = {} } = JSON.parse(readFileSync(join(folder, service, 'package.json'), 'utf8'))
      return [
        ...files
          .filter((file) => /^(main|step\d[\w-]*)$/.test(file))
          .sort()
          .map((file) => ({
            name: file === 'main' ? service : `${service}/${file}`,
            path: join(folder, service, 'dist', `${file}.js`),
          })),
        ...Object.entries(bin).map(([name, path]) => ({ name, path: join(folder, service, path) })),
      ]
    })
}
