// The program tenon-contract as people run it: the built one, on the built contracts of an example.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { OpenApiDocument } from '@tenon/contract'
import { afterAll, describe, expect, it } from 'vitest'
import { type Ended, ran } from '../program.ts'

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const contracts = at('examples/orders/dist/contracts.js')
const folder = mkdtempSync(join(tmpdir(), 'tenon-contract-'))
afterAll(() => rmSync(folder, { recursive: true }))

const run = (...args: string[]): Promise<Ended> => ran('packages/contract/dist/cli.js', args)

describe('tenon-contract openapi', () => {
  it('given a module, when it is described, then its document is printed and valid', async () => {
    const { code, out, err } = await run(
      'openapi',
      contracts,
      '--title',
      'Shop',
      '--version',
      '1.2.0',
      '--server',
      '/a',
    )
    expect([code, err]).toEqual([0, ''])
    const document = JSON.parse(out) as OpenApiDocument
    expect(document).toMatchObject({
      info: { title: 'Shop', version: '1.2.0' },
      servers: [{ url: '/a' }],
      paths: { '/v1/orders': { post: { operationId: 'shop.orders.v1.Orders.place' } }, '/v1/charges/{orderId}': {} },
    })
    expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true })
  })

  it('given --out, then the same text is in that file', async () => {
    const file = join(folder, 'openapi.json')
    expect(await run('openapi', contracts, '--out', file)).toEqual({ code: 0, out: '', err: '' })
    expect(readFileSync(file, 'utf8')).toBe((await run('openapi', contracts)).out)
  })

  it('given mistakes, then one line says what is wrong, and it exits with 2', async () => {
    const mistakes: readonly (readonly [readonly string[], string])[] = [
      [['openapi', at('examples/orders/dist/options.js')], 'options.js exports no contract\n'],
      [['openapi', at('examples/orders/dist/absent.js')], 'absent.js'],
      [
        ['openapi', contracts, '--server', ''],
        'openapi: servers: a server is a URL or a path such as "/shop" and not ""\n',
      ],
      [['openapi', contracts, '--titel', 'x'], "Unknown option '--titel'"],
    ]
    for (const [args, says] of mistakes) {
      const { code, out, err } = await run(...args)
      expect([code, out]).toEqual([2, ''])
      expect(err).toContain(says)
      expect(err).toMatch(/^tenon-contract: /)
    }
  })
})
