// The program tenon-contract as people run it: the built one, on the built contracts of an example.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { OpenApiDocument } from '@tenon/contract'
import { afterAll, describe, expect, it } from 'vitest'

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const contracts = at('examples/orders/dist/contracts.js')
const folder = mkdtempSync(join(tmpdir(), 'tenon-contract-'))
afterAll(() => rmSync(folder, { recursive: true }))

function run(...args: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(process.execPath, [at('packages/contract/dist/cli.js'), ...args], { encoding: 'utf8' })
}

describe('tenon-contract openapi', () => {
  it('given a module, when it is described, then its document is printed and valid', async () => {
    const { status, stdout, stderr } = run(
      'openapi',
      contracts,
      '--title',
      'Shop',
      '--version',
      '1.2.0',
      '--server',
      '/a',
    )
    expect([status, stderr]).toEqual([0, ''])
    const document = JSON.parse(stdout) as OpenApiDocument
    expect(document).toMatchObject({
      info: { title: 'Shop', version: '1.2.0' },
      servers: [{ url: '/a' }],
      paths: { '/v1/orders': { post: { operationId: 'shop.orders.v1.Orders.place' } }, '/v1/charges/{orderId}': {} },
    })
    expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true })
  })

  it('given --out, then the same text is in that file', () => {
    const out = join(folder, 'openapi.json')
    expect(run('openapi', contracts, '--out', out)).toMatchObject({ status: 0, stdout: '', stderr: '' })
    expect(readFileSync(out, 'utf8')).toBe(run('openapi', contracts).stdout)
  })

  it('given mistakes, then one line says what is wrong, and it exits with 2', () => {
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
      const { status, stdout, stderr } = run(...args)
      expect([status, stdout]).toEqual([2, ''])
      expect(stderr).toContain(says)
      expect(stderr).toMatch(/^tenon-contract: /)
    }
  })
})
