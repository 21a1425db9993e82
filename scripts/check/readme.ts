export const readme = (_: readonly string[]): string[] => []
