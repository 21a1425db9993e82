// What breaks where a method moves in HTTP: clients use the first route of the contract they have.
import { alternatives, type Definitions } from './alternatives.ts'
import type { Break } from './break.ts'
import type { MethodSnapshot, RouteSnapshot } from './snapshot.ts'

/** Every route that one side uses and the other does not have, or reads otherwise. */
export function routeBreaks(
  path: string,
  old: MethodSnapshot,
  next: MethodSnapshot,
  oldDefinitions: Definitions,
  newDefinitions: Definitions,
): readonly Break[] {
  const theirs = fieldsOf(next, newDefinitions)
  const shared = new Set([...fieldsOf(old, oldDefinitions)].filter((field) => theirs.has(field)))
  // Old routes are in the hands of people who know no contract, so each of them counts.
  return [
    ...old.routes.flatMap((route) => moved(path, route, next.routes, shared, 'old clients', 'new servers')),
    ...next.routes.slice(0, 1).flatMap((route) => moved(path, route, old.routes, shared, 'new clients', 'old servers')),
  ]
}

const fieldsOf = ({ input }: MethodSnapshot, definitions: Definitions): ReadonlySet<string> =>
  new Set(alternatives(input, definitions)?.flatMap((atom) => (atom.kind === 'object' ? [...atom.fields.keys()] : [])))

function moved(
  path: string,
  route: RouteSnapshot,
  others: readonly RouteSnapshot[],
  shared: ReadonlySet<string>,
  breaks: Break['breaks'],
  servers: string,
): readonly Break[] {
  const where = `${path}.http[${route.pattern}]`
  const broken = (message: string): Break => ({ path: where, change: 'route changed', breaks, message })
  const other = others.find(({ pattern }) => pattern === route.pattern)
  if (other === undefined) return [broken(`${breaks} use this route, ${servers} do not have it`)]
  const [own, theirs] = [placesOf(route), placesOf(other)]
  const rest = (body: RouteSnapshot['body']): string => (body === 'none' ? 'nowhere' : 'the body')
  const found = [...shared].flatMap((field) => {
    const sent = own.get(field) ?? rest(route.body)
    const read = theirs.get(field) ?? rest(other.body)
    return sent === read ? [] : [broken(`${breaks} send ${field} in ${sent}, ${servers} read it from ${read}`)]
  })
  const [sent, read] = [bodyOf(route), bodyOf(other)]
  return sent === read || found.length > 0 ? found : [broken(`${breaks} send ${sent}, ${servers} read ${read}`)]
}

/** By field: where it travels. A place in the path is its position. */
function placesOf({ places }: RouteSnapshot): ReadonlyMap<string, string> {
  let position = 0
  return new Map(
    places.map(({ field, in: place, name }) => [
      field,
      place === 'path'
        ? `placeholder ${++position} of the path`
        : place === 'query'
          ? 'the query'
          : `the header ${name}`,
    ]),
  )
}

const bodyOf = ({ body }: RouteSnapshot): string =>
  body === '*' ? 'the body as an object' : body === 'none' ? 'no body' : `${body.field} as the body`
