// The OpenAPI document of what a server serves, and the page that shows it to people, as routes of that server.
import { type AnyContract, type OpenApiOptions, openapi } from '@tenon/contract'
import { fileListener, type ServedFile } from './files.ts'
import type { RequestListener } from './listener.ts'

/** How a server describes itself. */
export interface ServeOpenApi extends OpenApiOptions {
  /** Where the document is. Default: `'/openapi.json'`. */
  readonly path?: string
  /** Shows the document to people: `openapiPage()` of `@tenon/openapi-page`, or a page of your own. Default: none. */
  readonly page?: OpenApiPage
  /** Hears of everything that cannot be described, when serving begins. Default: nobody does; `tenon-contract openapi` tells, too. */
  readonly onWarning?: (warning: string) => void
}

/** A page for people, as files that the server answers from memory. Whatever has this shape will do. */
export interface OpenApiPage {
  /** Where it is, such as `'/docs'`. Its further files are below that. */
  readonly path: string
  /** Its files by their names below its path; `''` is the page itself. */
  files(shown: ShownDocument): Readonly<Record<string, ServedFile>>
}

/** The document that a page shows. */
export interface ShownDocument {
  readonly title: string
  /** Where it is, seen from the page. */
  readonly url: string
  /** The URLs of its servers. */
  readonly servers: readonly string[]
}

/**
 * The routes of the document and its page.
 *
 * @throws TypeError for bad options, and for contracts that no document can describe.
 */
export function openapiRoutes(
  contracts: readonly AnyContract[],
  given: boolean | ServeOpenApi | undefined,
): Readonly<Record<string, RequestListener>> {
  if (given === undefined || given === false) return {}
  if (given !== true && (typeof given !== 'object' || given === null))
    throw new TypeError(
      `http.serve: openapi is true or an object such as { info: { title: 'Shop', version: '1.0.0' } }`,
    )
  const { path = '/openapi.json', page, onWarning, ...options } = given === true ? {} : given
  pathOf('openapi.path', path)
  // Described at once, so that a mistake is told to whoever starts the server, and not to the first who asks.
  const { document, warnings } = openapi(contracts, options)
  if (onWarning !== undefined) for (const warning of warnings) onWarning(warning)
  const file: ServedFile = { type: 'application/json', body: () => JSON.stringify(document) }
  const routes = [[path, file] as const]
  if (page !== undefined) {
    if (typeof page?.files !== 'function')
      throw new TypeError('http.serve: openapi.page is a page such as openapiPage() of @tenon/openapi-page')
    pathOf('openapi.page.path', page.path)
    // Relative, so that it holds behind a proxy that puts a path before all of them.
    const up = '../'.repeat(page.path.split('/').length - 2)
    const shown = {
      title: document.info.title,
      url: up + path.slice(1),
      servers: document.servers.map(({ url }) => url),
    }
    for (const [name, file] of Object.entries(page.files(shown)))
      routes.push([name === '' ? page.path : `${page.path}/${name}`, file])
  }
  return Object.fromEntries(routes.map(([at, file]) => [`GET ${at}`, fileListener(file)]))
}

function pathOf(what: string, path: unknown): void {
  if (typeof path !== 'string' || !/^(\/[\w\-.~]+)+$/.test(path))
    throw new TypeError(`http.serve: ${what} is a path such as "/openapi.json" and not ${JSON.stringify(path)}`)
}
