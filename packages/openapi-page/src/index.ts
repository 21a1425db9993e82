export { type OpenApiPage, openapiPage, type PageFile, type PageOptions, type ShownDocument } from './page.ts'
