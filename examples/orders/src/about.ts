// What a service of the shop that speaks HTTP says of itself: its OpenAPI document at /openapi.json, and a page at /docs that shows it.
import { openapiPage } from '@tenon/openapi-page'
import type { ServeOpenApi } from '@tenon/transport-http'

export const about = (title: string): ServeOpenApi => ({
  info: { title, version: '1.0.0', license: { name: 'MIT', identifier: 'MIT' } },
  page: openapiPage(),
})
