// Is an instance well? By HTTP: its health path answers, on a connection of its own, with a status that says so.
import { request as requestPlain } from 'node:http'
import { type RequestOptions, request as requestTls } from 'node:https'
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { functionOption, numberOption } from '@tenon/policy'
import type { Probe } from './probe.ts'

/** Options of {@link httpProbe}. */
export interface HttpProbeOptions {
  /** What is asked for, where the instance's `healthPath` does not say it. Begins with `/`. Default `'/healthz'`. */
  readonly path?: string
  /** Where it is asked, when that is another port than that of the service: 1 to 65535. */
  readonly port?: number
  /** Default `'GET'`. */
  readonly method?: 'GET' | 'HEAD'
  /** Sent with it. Default: none. */
  readonly headers?: Readonly<Record<string, string>>
  /** Which status says that it is well? Default: 200 to 299. */
  readonly status?: (status: number) => boolean
  /** For instances whose URL begins with `https`. Default: the system's authorities, the host of the URL. */
  readonly tls?: Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized'>
}

const named: OptionNames<HttpProbeOptions> = {
  path: true,
  port: true,
  method: true,
  headers: true,
  status: true,
  tls: true,
}

/**
 * Asks an instance's `healthPath` by HTTP, or by HTTPS where its URL says so. Each time on a new connection, so that one that
 * takes none any more is found out. Redirects are not followed, the body is not read.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function httpProbe(options: HttpProbeOptions = {}): Probe {
  const where = 'httpProbe'
  knownOptions(where, options, named)
  const { path = '/healthz', port, method = 'GET', headers = {}, tls = {} } = options
  const { status = (code: number) => code >= 200 && code < 300 } = options
  if (typeof path !== 'string' || !path.startsWith('/')) throw new TypeError(`${where}: "path" must begin with "/"`)
  if (method !== 'GET' && method !== 'HEAD') throw new TypeError(`${where}: "method" must be GET or HEAD`)
  if (port !== undefined) numberOption(where, 'port', port, { min: 1, max: 65_535, whole: true })
  functionOption(where, 'status', status)

  return ({ url, healthPath = path }, { signal }) =>
    new Promise((resolve, reject) => {
      const to = new URL(healthPath, url)
      if (port !== undefined) to.port = String(port)
      const ask = to.protocol === 'https:' ? requestTls : requestPlain
      const request = ask(to, { method, headers, signal, agent: false, ...(to.protocol === 'https:' ? tls : {}) })
      request.on('error', reject)
      request.on('response', ({ statusCode = 0 }) => {
        request.destroy()
        if (status(statusCode)) resolve(true)
        else reject(new Error(`${method} ${to.pathname} answered ${statusCode}`))
      })
      request.end()
    })
}
