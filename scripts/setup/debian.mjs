// Programs out of Debian's packages, unpacked under `.cache`: nothing is installed, no service starts, the system stays as it
// is. apt does the fetching, with a state of its own, so the machine's mirror, proxy and keys hold and signatures are checked.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { run } from './child.mjs'
import { SetupError } from './say.mjs'

/** @typedef {{ readonly uri: string, readonly suite: string, readonly options: string }} Source */

/**
 * The machine's own Debian mirror, from its sources: those of today (`*.sources`) or the one-line form of yesterday.
 *
 * @param {string} [etc]
 * @returns {Source | undefined}
 */
export function mirror(etc = '/etc') {
  const release = readIfThere(join(etc, 'os-release'))
  const suite = /^VERSION_CODENAME="?([\w-]+)/m.exec(release)?.[1]
  if (!/^ID="?debian"?$/m.test(release) || suite === undefined) return undefined
  const folder = join(etc, 'apt/sources.list.d')
  const lists = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
  for (const file of [join(etc, 'apt/sources.list'), ...lists]) {
    const text = readIfThere(file)
    const found = file.endsWith('.sources') ? fromStanzas(text, suite) : fromLines(text, suite)
    if (found !== undefined) return found
  }
  return undefined
}

/** @param {string} file */
const readIfThere = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '')

/**
 * @param {string} text
 * @param {string} suite
 * @returns {Source | undefined}
 */
function fromLines(text, suite) {
  for (const line of text.split('\n')) {
    const [, options, uri, ofSuite, components] =
      /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.*)$/.exec(line.trim()) ?? []
    if (uri !== undefined && ofSuite === suite && /\bmain\b/.test(components ?? ''))
      return { uri, suite, options: options ?? '' }
  }
  return undefined
}

/**
 * @param {string} text
 * @param {string} suite
 * @returns {Source | undefined}
 */
function fromStanzas(text, suite) {
  for (const stanza of text.split(/\n\s*\n/)) {
    /** @param {string} name */
    const field = (name) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(stanza)?.[1]?.trim() ?? ''
    const [uri] = field('URIs').split(/\s+/)
    const key = field('Signed-By')
    if (
      uri &&
      /\bdeb\b/.test(field('Types')) &&
      field('Suites').split(/\s+/).includes(suite) &&
      /\bmain\b/.test(field('Components'))
    )
      return { uri, suite, options: key.startsWith('/') ? `signed-by=${key}` : '' }
  }
  return undefined
}

/**
 * Unpacks some files of packages into `<into>/<package>/`, and answers why those failed that did: one takes none of the others with it.
 * Rejects where the source itself cannot be had. Call it under the set-up lock.
 *
 * @param {readonly { readonly name: string, readonly files: readonly string[] }[]} packages
 * @param {{ into: string, source: Source, fetch?: typeof apt }} options
 * @returns {Promise<ReadonlyMap<string, unknown>>}
 */
export async function unpack(packages, { into, source, fetch = apt }) {
  mkdirSync(into, { recursive: true })
  const draft = mkdtempSync(join(into, '..', 'tmp-'))
  /** @type {Map<string, unknown>} */
  const failed = new Map()
  try {
    const download = await fetch(draft, source)
    for (const { name, files } of packages) {
      try {
        await download(name)
        await unpackOne(name, files, draft)
        rmSync(join(into, name), { recursive: true, force: true })
        renameSync(join(draft, name), join(into, name)) // atomic: a half-unpacked folder is never seen
      } catch (error) {
        failed.set(name, error)
      }
    }
    return failed
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/**
 * @param {string} name
 * @param {readonly string[]} files
 * @param {string} draft
 */
async function unpackOne(name, files, draft) {
  const archive = readdirSync(draft).find((entry) => entry.startsWith(`${name}_`) && entry.endsWith('.deb'))
  if (archive === undefined) throw new SetupError(`apt fetched no package ${name}`)
  mkdirSync(join(draft, name))
  const pipe = 'dpkg-deb --fsys-tarfile "$1" | { shift; tar -x "$@"; }'
  const wanted = files.map((file) => `./${file}`)
  await run(`unpacking ${name}`, 'sh', ['-c', pipe, 'sh', archive, '-C', name, ...wanted], { cwd: draft })
}

/**
 * Asks the source what it has, and answers what puts the newest `.deb` of a package into the folder.
 *
 * @param {string} folder
 * @param {Source} source
 * @returns {Promise<(name: string) => Promise<void>>}
 */
async function apt(folder, { uri, suite, options }) {
  const state = join(folder, 'apt')
  for (const each of ['lists/partial', 'archives/partial']) mkdirSync(join(state, each), { recursive: true })
  writeFileSync(join(state, 'status'), '')
  writeFileSync(join(state, 'sources.list'), `deb [${options}] ${uri} ${suite} main\n`.replace('[] ', ''))
  // In container images the system's hook deletes the archives of whoever runs apt at the same time.
  writeFileSync(join(state, 'apt.conf'), '#clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\n')
  const settings = {
    'Dir::Etc::SourceList': join(state, 'sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::Etc::Preferences': '/dev/null',
    'Dir::Etc::PreferencesParts': '/dev/null',
    'Dir::State': state,
    'Dir::State::Lists': join(state, 'lists'),
    'Dir::State::status': join(state, 'status'),
    'Dir::Cache': state,
    'Dir::Cache::archives': join(state, 'archives'),
    'APT::Sandbox::User': process.getuid?.() === 0 ? 'root' : '',
    'Acquire::Languages': 'none',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false',
    'Acquire::IndexTargets::deb::DEP-11-icons-small::DefaultEnabled': 'false',
    'Acquire::Retries': '1',
    'Acquire::http::Timeout': '20',
  }
  const all = ['-q', '-c', join(state, 'apt.conf')]
  for (const [name, value] of Object.entries(settings)) if (value !== '') all.push('-o', `${name}=${value}`)
  await run(`apt-get update of ${suite}`, 'apt-get', [...all, '-o', 'APT::Update::Error-Mode=any', 'update'], {
    cwd: folder,
  })
  return (name) => run(`apt-get download ${name}`, 'apt-get', [...all, 'download', name], { cwd: folder })
}
