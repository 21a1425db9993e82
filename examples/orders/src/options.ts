// What the command line takes, checked.
import { parseArgs } from 'node:util'

export const registries = ['memory', 'consul', 'etcd'] as const

export type RegistryKind = (typeof registries)[number]

export interface Options {
  /** How long orders are placed, milliseconds. */
  readonly duration: number
  /** Orders a second. */
  readonly rate: number
  /** Where the shop listens; 0 takes a free port. */
  readonly port: number
  /** Kill, drain and fail instances on schedule. */
  readonly faults: boolean
  /** Only the summary, as JSON, on standard output. */
  readonly json: boolean
  readonly seed: number
  /** The NATS server to use, `nats://host:port`; `undefined`: one of our own. */
  readonly nats: string | undefined
  /** Where instances are found. */
  readonly registry: RegistryKind
}

export const help = `A shop on this machine: orders (HTTP) -> inventory (gRPC, three instances) -> payments (NATS), and a mailer (JetStream).

usage: npm start -- [options]

  --for 20s      how long orders are placed (ms, s or m; default 20s)
  --rate 120     orders a second (default 120)
  --port 0       where the shop listens (default: any free port)
  --seed 1       seed of the load and of the declared flakiness (default 1)
  --nats-url U   a NATS server with JetStream (default: NATS_URL, else one of its own, else it does without)
  --registry R   where instances are found: memory, consul or etcd, which are started for it (default memory)
  --no-faults    leave the instances alone
  --json         only the summary, as JSON, on standard output
  --help

Ctrl-C ends it early: calls in flight finish, then the summary comes.
`

/** A mistake on the command line: one line for a person. */
export class BadOption extends Error {}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 }

function duration(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? []
  const ms = Number(number) * (units[unit] ?? Number.NaN)
  if (!(ms >= 1_000 && ms <= 3_600_000)) throw new BadOption(`--for takes 1s to 60m, such as 20s, and not "${text}"`)
  return ms
}

function number(name: string, text: string, min: number, max: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!(value >= min && value <= max))
    throw new BadOption(`--${name} takes a number from ${min} to ${max}, and not "${text}"`)
  return value
}

function natsUrl(text: string | undefined): string | undefined {
  if (text === undefined || /^(\w+:\/\/)?[^\s/]+$/.test(text)) return text
  throw new BadOption(`--nats-url takes a URL such as nats://127.0.0.1:4222, and not "${text}"`)
}

function registry(text: string): RegistryKind {
  const kind = registries.find((one) => one === text)
  if (kind === undefined) throw new BadOption(`--registry takes memory, consul or etcd, and not "${text}"`)
  return kind
}

/** The options, or `undefined` where help was asked for. */
export function optionsOf(args: readonly string[]): Options | undefined {
  const values = parsed(args)
  if (values.help) return undefined
  return {
    duration: duration(values.for),
    rate: number('rate', values.rate, 1, 5_000),
    port: Math.trunc(number('port', values.port, 0, 65_535)),
    seed: Math.trunc(number('seed', values.seed, 0, 2 ** 31)),
    faults: !values['no-faults'],
    json: values.json,
    registry: registry(values.registry),
    nats: natsUrl(values['nats-url'] ?? (process.env.NATS_URL || undefined)),
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        for: { type: 'string', default: '20s' },
        rate: { type: 'string', default: '120' },
        port: { type: 'string', default: '0' },
        seed: { type: 'string', default: '1' },
        'nats-url': { type: 'string' },
        registry: { type: 'string', default: 'memory' },
        'no-faults': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false, short: 'h' },
      },
    }).values
  } catch (cause) {
    throw new BadOption(`${(cause as Error).message.split('. ')[0]}; --help lists what there is`)
  }
}
