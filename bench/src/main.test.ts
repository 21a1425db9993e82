import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { needs } from '@tenon/example-registries'
import { afterAll, describe, expect, it } from 'vitest'
import type { Report } from './harness/report.ts'
import { timed } from './harness/timed.ts'

const folder = mkdtempSync(join(tmpdir(), 'tenon-bench-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function bench(
  args: readonly string[],
  onProgress: (pid: number) => void = () => {},
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], { env })
    let [out, err] = ['', '']
    child.stdout.on('data', (text) => {
      out += text
    })
    child.stderr.on('data', (text) => {
      err += text
    })
    child.on('close', (code) => resolve({ code, out, err }))
    // The first of it: then all is loaded, and signals are heard.
    child.stderr.once('data', () => onProgress(child.pid as number))
  })
}

const hasRegistries = needs('consul') && needs('etcd')
const hasNats = process.env.TENON_TEST_NATS !== undefined

const saved = (file: string): Report => JSON.parse(readFileSync(file, 'utf8'))

describe('npm run bench', () => {
  it('given a bad option, then one line on standard error and exit code 2', async () => {
    const { code, out, err } = await bench(['chain', '--rounds', 'many'])
    expect([code, out, err]).toEqual([2, '', 'bench: --rounds: a whole number from 1 to 1000, and not "many"\n'])
  })

  it('given --list and --help, then they answer and measure nothing', async () => {
    expect(await bench(['--list'])).toMatchObject({ code: 0, out: expect.stringMatching(/^chain {2,}ten middlewares/) })
    expect(await bench(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('--json FILE') })
  })

  it('given a quick run, then every subject proves its work, and the report is what the tables are made of', async () => {
    const file = join(folder, 'chain.json')
    const { code, out } = await bench(['chain', '--quick', '--filter', 'refused', '--json', file, '--seed', '5'])
    const report = saved(file)
    // Twins are not judged: on a machine that does other things beside, they differ.
    expect(report.selfChecks.filter(({ name, passed }) => !passed || name.startsWith('A/A'))).toEqual([])
    expect(code).toBe(0)
    expect(out).toContain('neither targets nor A/A pairs are judged')
    expect(report).toMatchObject({ suite: 'chain', seed: 5, partial: false, targets: [] })
    expect(Object.keys(report.rows[0] ?? {})).toEqual('case subject metric unit value low high n params'.split(' '))
    const cases = new Set(report.rows.map((row) => row.case))
    expect([...cases]).toEqual(['one call', 'ten steps', 'refused by the outermost of ten', 'noise floor'])
    const again = await bench(['--from', file])
    expect(out).toContain(again.out)
  }, 60_000)

  it('given a quick run of servers, then each proves its work, and the load generator says how busy it was', async () => {
    const file = join(folder, 'http.json')
    const { code, out } = await bench(['http', '--quick', '--filter', 'no such path', '--json', file])
    const report = saved(file)
    expect([code, report.selfChecks.filter(({ passed }) => !passed)]).toEqual([0, []])
    expect(report.selfChecks.length).toBe(6)
    const cases = new Set(report.rows.map((row) => row.case))
    const memory = 'memory, after all that load'
    expect([...cases]).toEqual(['GET, no such path: 404', memory, 'the load generator', 'noise floor'])
    for (const { value } of report.rows) expect(value).toBeGreaterThan(0)
    expect(out).toContain('CPU, µs per request')
  }, 60_000)

  it('given a quick run over gRPC, then servers and clients prove their work', async () => {
    const file = join(folder, 'grpc.json')
    const { code } = await bench(['grpc', '--quick', '--filter', 'nice', '--json', file])
    const report = saved(file)
    expect([code, report.selfChecks.filter(({ passed }) => !passed)]).toEqual([0, []])
    const subjects = report.rows.filter(({ metric }) => metric === 'throughput').map((row) => row.subject)
    const three = ['grpc-js', 'grpc-js (A/A)', 'nice-grpc']
    const raw = 'grpc-js, a promise and a deadline around it'
    expect(subjects).toEqual([...three, ...three, ...three, raw, `${raw} (A/A)`, 'nice-grpc, no deadline'])
  }, 60_000)

  it('given a quick run of REST beside gRPC, then both prove their work, and protobuf is the smaller', async () => {
    const file = join(folder, 'rest-grpc.json')
    const { code } = await bench(['rest-grpc', '--quick', '--filter', 'nested', '--json', file])
    const report = saved(file)
    expect([code, report.selfChecks.filter(({ passed }) => !passed)]).toEqual([0, []])
    const sizes = report.rows.filter((row) => row.case === 'size of a call, nested message' && row.unit === 'B/call')
    expect(sizes.map((row) => row.metric)).toEqual(['messages', 'on the wire', 'messages', 'on the wire'])
    const [json = 0, rest = 0, protobuf = 0, rpc = 0] = sizes.map(({ value }) => value)
    for (const [message, wire] of [
      [json, rest],
      [protobuf, rpc],
    ] as const)
      expect(wire).toBeGreaterThan(message)
    expect([protobuf < json, rpc < rest]).toEqual([true, true])
  }, 60_000)

  it('given a quick run of the balancers, then each picks whom it may, and the fleets are the same for the same seed', async () => {
    const file = join(folder, 'balancer.json')
    const { code } = await bench(['balancer', '--quick', '--filter', 'p2c', '--json', file])
    const report = saved(file)
    expect([code, report.selfChecks.filter(({ passed }) => !passed)]).toEqual([0, []])
    const cases = new Set(report.rows.map((row) => row.case))
    expect(cases.size).toBe(1 + 6)
    const simulated = (of: Report): Report['rows'] => of.rows.filter((row) => row.case !== 'a pick')
    await bench(['balancer', '--quick', '--filter', 'p2c', '--json', file])
    expect(simulated(saved(file))).toEqual(simulated(report))
  }, 60_000)

  it('given a quick run of what is refused, then no call of it is made, by whoever refuses it', async () => {
    const file = join(folder, 'policy.json')
    const { code } = await bench(['policy', '--quick', '--filter', 'refuses', '--json', file])
    const { rows, selfChecks } = saved(file)
    expect([code, selfChecks.filter(({ passed }) => !passed)]).toEqual([0, []])
    const subjects = new Set(rows.filter((row) => row.case.endsWith('refuses')).map((row) => row.subject))
    expect(subjects.size).toBe(4)
  }, 60_000)

  it.runIf(hasRegistries)(
    'given a quick run on registries, then every measurement is made on each, and every change was heard',
    async () => {
      const file = join(folder, 'discovery.json')
      const { code } = await bench(['discovery', '--quick', '--json', file])
      const report = saved(file)
      expect([code, report.selfChecks.filter(({ passed }) => !passed)]).toEqual([0, []])
      const cases = [...new Set(report.rows.map((row) => row.case))]
      for (const registry of ['Consul', 'etcd'])
        expect(cases.filter((each) => each.includes(registry)).length, registry).toBeGreaterThanOrEqual(8)
      // The slope of two points may be anything.
      for (const { value, metric } of report.rows.filter(({ metric }) => metric !== 'round trips'))
        expect(value, metric).toBeGreaterThanOrEqual(0)
      expect(report.rows.filter(({ metric }) => metric === 'lost').map(({ value }) => value)).toEqual([0, 0, 0, 0])
    },
    60_000,
  )

  it('given no registry on PATH, then a run says so and goes on', async () => {
    const file = join(folder, 'none.json')
    const { code, out, err } = await bench(['discovery', '--quick', '--json', file], undefined, { PATH: '/nowhere' })
    expect([code, saved(file).partial]).toEqual([0, false])
    expect(err).toContain('bench: Consul is left out: consul is not on PATH')
    expect(out).toContain('etcd is not on PATH')
  })

  it.skipIf(!hasNats)(
    'given a quick run over NATS, then servers and clients prove their work',
    async () => {
      const file = join(folder, 'nats.json')
      const { code } = await bench(['nats', '--quick', '--filter', 'Tenon', '--json', file])
      const report = saved(file)
      expect([code, report.selfChecks.filter(({ passed }) => !passed)]).toEqual([0, []])
      expect(report.rows.filter(({ metric }) => metric === 'throughput').length).toBe(5 + 5 + 4)
    },
    60_000,
  )

  it.each(['chain', 'http', ...(hasNats ? ['nats'] : []), ...(hasRegistries ? ['discovery'] : [])])(
    'given Ctrl-C in "%s", then what is finished is reported as partial, the exit code is 130 and no process is left',
    async (suite) => {
      const file = join(folder, `partial-${suite}.json`)
      const pids: number[] = []
      const { code } = await bench([suite, '--time', '100', '--json', file], (pid) => {
        setTimeout(() => {
          pids.push(pid, ...childrenOf(pid))
          process.kill(pid, 'SIGINT')
        }, 2_500)
      })
      expect(code).toBe(130)
      expect(saved(file).partial).toBe(true)
      expect(saved(file).selfChecks.every(({ passed }) => passed)).toBe(true)
      expect(pids.filter(lives)).toEqual([])
    },
  )

  it('given a subject that cannot be run, then its self-check fails and says why', async () => {
    const suite = timed({
      name: 'nobody knows it',
      does: '',
      cases: [{ name: 'lost', case: 'a case', subject: 'a subject', load: () => Promise.reject(new Error()) }],
      targets: [{ name: 'never judged', of: 'lost', over: 'lost', limit: 1 }],
    })
    const { signal } = new AbortController()
    const options = { quick: true, rounds: undefined, time: undefined, filter: undefined, seed: 1 }
    const found = await suite.run({ ...options, signal, progress: { step() {} } })
    expect(found.rows).toEqual([])
    expect(found.selfChecks).toEqual([
      { name: 'lost: no subject "lost" in the suite "nobody knows it"', passed: false },
    ])
  })
})

/** And theirs, where the system tells (Linux). */
function childrenOf(pid: number): number[] {
  try {
    const own = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
    return own.flatMap((child) => [child, ...childrenOf(child)])
  } catch {
    return []
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
