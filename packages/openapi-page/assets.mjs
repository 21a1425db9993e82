// Copies what the page shows the document with into this package, before it is published and when the workspace is
// installed. The viewer's own package reports every installation to somebody; those who install this one need not.
import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const from = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')))
const to = fileURLToPath(new URL('assets/', import.meta.url))

mkdirSync(to, { recursive: true })
for (const [file, name = file] of [
  ['swagger-ui-bundle.js'],
  ['swagger-ui.css'],
  // What the licence asks for, of the viewer and of what is bundled in it. Not called LICENSE: that is this package's own.
  ['LICENSE', 'swagger-ui.LICENSE.txt'],
  ['NOTICE', 'swagger-ui.NOTICE.txt'],
  ['swagger-ui-bundle.js.LICENSE.txt'],
])
  copyFileSync(join(from, file), join(to, name))
