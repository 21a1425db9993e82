// The one place that looks into io-ts codecs.
import type * as t from 'io-ts'

export const knownKeys = (codec: t.Mixed): readonly string[] | undefined =>
  'props' in codec ? Object.keys(codec.props as object) : 'type' in codec ? knownKeys(codec.type as t.Mixed) : undefined
