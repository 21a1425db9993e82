// Options of a command line, and the two ways in which a program says in one line that it cannot go on.

/** One option of a command line. */
export interface Option<A> {
  /** What is taken where it is not given. */
  readonly usual: string
  /** What stands in the usage for its value. Default: what is usual. */
  readonly takes?: string
  readonly is: string
  /** Its value, of what was typed. Throws a {@link Mistake} for what is none. */
  readonly read: (text: string) => A
  /** It takes no value: `--json`. */
  readonly alone?: boolean
}

/** A mistake of whoever typed the command: one line for a person. */
export class Mistake extends Error {}

/** What this machine does not let the program do: one line for a person, and no stack. */
export class Unable extends Error {}

/** A place to listen at, or to call. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** `host:port`, as it is typed and written. */
export const written = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

/** `--port`: where a server listens. */
export const port = (usual: number): Option<number> => ({
  usual: String(usual),
  is: 'the port it listens on; 0 takes a free one',
  read(text) {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (!(value <= 65_535)) throw new Mistake(`--port takes a number from 0 to 65535, and not "${text}"`)
    return value
  },
})

/** `--http-addr 127.0.0.1:8081`. Without a host, `:8081`, it is this machine; a url's `http://` is passed over. */
export const address = (usual: string, is: string): Option<Address> => ({
  usual,
  takes: usual || 'HOST:PORT',
  is,
  read(text) {
    const parts = /^(?:(?:http|nats):\/\/)?(?:\[(?<v6>[\da-f:.]+)\]|(?<name>[^\s:/[\]]*)):(?<port>\d{1,5})\/?$/i.exec(
      text,
    )?.groups
    const port = Number(parts?.port ?? Number.NaN)
    if (!(port <= 65_535)) throw new Mistake(`an address is HOST:PORT, such as 127.0.0.1:8081, and not "${text}"`)
    return { host: parts?.v6 || parts?.name || '127.0.0.1', port }
  },
})

/** A switch: `--json`. */
export const flag = (is: string): Option<boolean> => ({ usual: '', is, alone: true, read: (text) => text !== '' })
