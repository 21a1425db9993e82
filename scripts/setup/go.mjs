// The peer made with Go kit that tests talk to: built from test/interop/go where there is a Go toolchain, kept under `.cache`
// by what it was built from. Where it cannot be had, that is said and stops nothing: the tests that need it skip, and fail in CI.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { run } from './child.mjs'
import { say, seconds } from './say.mjs'
import { root } from './tool.mjs'

const folder = 'test/interop'

/** Milliseconds that a build may take, its downloads included. */
const patience = 300_000

/**
 * Does a run of vitest with these arguments look at the tests that need the peer? Names that are no paths may be anything.
 *
 * @param {readonly string[]} args
 */
export function wantsPeer(args) {
  const paths = args
    .filter((arg) => !arg.startsWith('-') && existsSync(join(root, arg)))
    .map((arg) => join(arg).replace(/\/$/, ''))
  return paths.length === 0 || paths.some((path) => path.startsWith(folder) || `${folder}/`.startsWith(`${path}/`))
}

/**
 * The program's path. Without `build` only one that is there; call it under the set-up lock.
 *
 * @param {{ build?: boolean, sources?: string, cache?: string, path?: string, tell?: typeof say, environment?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<string | undefined>}
 */
export async function findPeer({
  build = true,
  sources = join(root, folder, 'go'),
  cache = join(root, '.cache'),
  path = [process.env.PATH, '/usr/local/go/bin', '/usr/lib/go/bin'].join(delimiter),
  tell = say,
  environment = process.env,
} = {}) {
  const program = join(cache, `go-peer-${digest(sources)}`, 'interop')
  if (existsSync(program)) return program
  if (!build) return undefined
  const wanted = /^go (\d+\.\d+)/m.exec(readFileSync(join(sources, 'go.mod'), 'utf8'))?.[1] ?? '0'
  const skipped = 'tests with a Go kit peer are skipped'
  const go = await toolchain(path, environment)
  if (go === undefined || !isAtLeast(go.version, wanted)) {
    const found = go === undefined ? 'not on PATH, nor in /usr/local/go' : `${go.version} at ${go.command}`
    tell(`Go ${wanted} or newer is needed to test against Go kit (HTTP, gRPC and NATS): ${found}; ${skipped}`)
    return undefined
  }
  const start = performance.now()
  tell(`building ${folder}/go with ${go.version}`)
  const draft = `${program}.${process.pid}`
  mkdirSync(dirname(program), { recursive: true })
  try {
    // Without cgo it needs no C compiler; the toolchain that is there is used, and no other one fetched.
    const env = { ...environment, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOWORK: 'off', GOFLAGS: '' }
    const args = ['build', '-mod=readonly', '-buildvcs=false', '-ldflags=-s -w', '-o', draft, '.']
    await run(`building ${folder}/go`, go.command, args, { cwd: sources, env, timeout: patience })
    renameSync(draft, program) // atomic: half a program is never seen
    tell(`${folder}/go ready in ${seconds(start)}`)
    return program
  } catch (error) {
    rmSync(draft, { force: true })
    const output = error instanceof Error ? error.message : String(error)
    const why = offline.test(output) ? "Go's modules cannot be fetched without the network\n" : ''
    tell(`${why}${output.slice(0, 2_000)}\n${skipped}`)
    return undefined
  }
}

const offline = /dial tcp|no such host|network is unreachable|connection refused|i\/o timeout|TLS handshake timeout/

/** What the program is made of, as one name. @param {string} sources */
function digest(sources) {
  const hash = createHash('sha256')
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.(go|mod|sum)$/.test(file),
  )
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(join(sources, file)))
  return hash.digest('hex').slice(0, 16)
}

/**
 * The first `go` of these folders that says its version.
 *
 * @param {string} path
 * @param {NodeJS.ProcessEnv} env
 */
async function toolchain(path, env) {
  for (const bin of path.split(delimiter).filter((entry) => entry !== '')) {
    const command = join(bin, 'go')
    if (!existsSync(command)) continue
    try {
      const { stdout } = await promisify(execFile)(command, ['env', 'GOVERSION'], {
        env: { ...env, GOTOOLCHAIN: 'local' },
        timeout: 20_000,
      })
      if (/^go\d/.test(stdout)) return { command, version: stdout.trim() }
    } catch {
      // One that does not run is none.
    }
  }
  return undefined
}

/** Is `go1.26.8` at least `1.26`? @param {string} version @param {string} wanted */
function isAtLeast(version, wanted) {
  const [major = 0, minor = 0] = (/^go(\d+)\.(\d+)/.exec(version)?.slice(1) ?? []).map(Number)
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}
