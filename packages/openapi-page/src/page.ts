// A page that shows an OpenAPI document: Swagger UI, as files that the process which serves the document answers itself.
import { readFile } from 'node:fs/promises'
import { html, script } from './content.ts'
import { policy } from './policy.ts'

/** How the page is. */
export interface PageOptions {
  /** Where it is served. Default: `'/docs'`. */
  readonly path?: string
  /** May people send requests from it? Default: true. */
  readonly tryItOut?: boolean
}

/** The document that the page shows. */
export interface ShownDocument {
  readonly title: string
  /** Where it is, seen from the page. */
  readonly url: string
  /** The URLs of its servers. */
  readonly servers: readonly string[]
}

/** One file of the page. */
export interface PageFile {
  /** Its media type. */
  readonly type: string
  readonly body: () => string | Promise<Uint8Array>
  readonly headers?: Readonly<Record<string, string>>
}

/** The page, for `openapi.page` of `http.serve`, or for any server that can answer files. */
export interface OpenApiPage {
  readonly path: string
  /** Its files by their names below its path; `''` is the page itself. */
  files(shown: ShownDocument): Readonly<Record<string, PageFile>>
}

/**
 * A page that shows an OpenAPI document to people. All that it needs comes from this process: it works without the
 * internet, and its `content-security-policy` lets it load from nowhere else and talk to the document's servers only.
 *
 * @throws TypeError for a path that is none.
 */
export function openapiPage(options: PageOptions = {}): OpenApiPage {
  for (const name of Object.keys(options))
    if (name !== 'path' && name !== 'tryItOut')
      throw new TypeError(`openapiPage: there is no option ${JSON.stringify(name)}; there are path, tryItOut`)
  const { path = '/docs', tryItOut = true } = options
  if (typeof path !== 'string' || !/^(\/[\w\-.~]+)+$/.test(path))
    throw new TypeError(`openapiPage: path is a path such as "/docs" and not ${JSON.stringify(path)}`)
  // Relative to the page, so that they hold behind a proxy that puts a path before it.
  const below = path.slice(path.lastIndexOf('/') + 1)
  return {
    path,
    files: (shown) => ({
      '': {
        type: 'text/html; charset=utf-8',
        body: () => html(shown.title, below),
        headers: { 'content-security-policy': policy(shown.servers), 'referrer-policy': 'no-referrer' },
      },
      'page.js': { type: javascript, body: () => script(shown.url, tryItOut) },
      'swagger-ui.js': { type: javascript, body: () => asset('swagger-ui-bundle.js') },
      'swagger-ui.css': { type: 'text/css; charset=utf-8', body: () => asset('swagger-ui.css') },
    }),
  }
}

const javascript = 'text/javascript; charset=utf-8'

const asset = (name: string): Promise<Uint8Array> => readFile(new URL(`../assets/${name}`, import.meta.url))
