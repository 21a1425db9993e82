// How names of contracts are written in a .proto, and read back: fields in snake case, types in Pascal case, enums in capitals.

/** `sleepMs` as `sleep_ms`. */
export const snake = (name: string): string =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z\d_]+/g, '_')
    .toLowerCase()

/** `sleep_ms` as `sleepMs`: what protobuf calls a field in JSON. */
export const jsonName = (name: string): string => name.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase())

/** `place` as `Place`, `sleep_ms` as `SleepMs`. */
export const pascal = (name: string): string =>
  name
    .split(/[^A-Za-z\d]+/)
    .filter((part) => part !== '')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')

/** `inStock` as `IN_STOCK`. */
export const capitals = (name: string): string => snake(name).toUpperCase()

/** The value of an enum that means this literal: its capitals, perhaps behind the enum's own name. */
export function enumValueOf(
  values: Readonly<Record<string, number>>,
  enumName: string,
  literal: string,
): string | undefined {
  const plain = capitals(literal)
  return [literal, plain, `${capitals(enumName)}_${plain}`].find((name) => Object.hasOwn(values, name))
}
