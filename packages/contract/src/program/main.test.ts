import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as t from 'io-ts'
import { afterAll, describe, expect, it } from 'vitest'
import { snapshot } from '../compat/snapshot.ts'
import { contract } from '../contract.ts'
import { unary } from '../method.ts'
import { main } from './main.ts'

const folder = mkdtempSync(join(tmpdir(), 'compat-'))
afterAll(() => rmSync(folder, { recursive: true }))

const saved = (name: string, output: t.Mixed): string => {
  const file = join(folder, `${name}.json`)
  const methods = { buy: unary({ input: t.strict({}), output: output as t.Type<unknown>, http: 'POST /buy' }) }
  writeFileSync(file, JSON.stringify(snapshot(contract('shop.v1.Shop', methods))))
  return file
}
const wide = saved('wide', t.strict({ id: t.string, left: t.number }))
const narrow = saved('narrow', t.strict({ id: t.string }))

async function run(...args: string[]) {
  let out = ''
  let err = ''
  const code = await main(args, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
  })
  return { code, out, err }
}

describe('tenon-contract', () => {
  it('given versions of which nothing breaks, then it exits with 0; given a break, then with 1, naming its path and whom it breaks', async () => {
    expect(await run('compat', narrow, wide)).toMatchObject({ code: 0, err: '' })
    const { code, out } = await run('compat', wide, narrow)
    expect(code).toBe(1)
    expect(out).toContain('shop.v1.Shop/buy.output.left')
    expect(out).toContain('old clients')
  })

  it('given --json, then the result is JSON; given --deploy, then what breaks is judged by that order', async () => {
    const { code, out } = await run('compat', wide, narrow, '--json')
    expect([code, JSON.parse(out)]).toMatchObject([
      1,
      { compatible: false, breaks: [{ path: 'shop.v1.Shop/buy.output.left' }] },
    ])
    expect(await run('compat', wide, narrow, '--deploy', 'clients-first')).toMatchObject({ code: 0 })
  })

  it('given a mistake, then one clear text and exit code 2; --help explains', async () => {
    expect(await run('--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('tenon-contract compat OLD NEXT'),
    })
    expect(await run('compat', wide)).toMatchObject({ code: 2, err: expect.stringContaining('Usage:') })
    expect((await run('compat', wide)).err).toContain('compat takes two files, OLD and NEXT, and got 1')
    expect((await run('opnapi', wide)).err).toContain('there is no command "opnapi"')
    expect((await run('compat', '--titel', 'x')).err).toBe(
      "tenon-contract: Unknown option '--titel'; --help lists what there is\n",
    )
    expect(await run('compat', wide, 'absent.json')).toMatchObject({
      code: 2,
      err: expect.stringContaining('absent.json'),
    })
    expect(await run('compat', wide, narrow, '--deploy', 'never')).toMatchObject({
      code: 2,
      err: expect.stringContaining('deploy is one of'),
    })
    expect(await run('openapi')).toMatchObject({ code: 2, err: expect.stringContaining('Usage:') })
    expect(await run('openapi', '--json', 'x.js')).toMatchObject({
      code: 2,
      err: 'tenon-contract: openapi takes no --json; --help tells what it takes\n',
    })
    const other = join(folder, 'other.json')
    writeFileSync(other, '{}')
    expect(await run('compat', wide, other)).toMatchObject({ code: 2, err: expect.stringContaining('is no snapshot') })
  })
})
