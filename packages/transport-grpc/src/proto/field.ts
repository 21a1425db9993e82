// What one asks of the types of a .proto and their fields.
import type { Field, FieldBase, OneOf, Type } from 'protobufjs'
import { jsonName, snake } from './names.ts'

/** By its name in snake case, as it is, or as protobuf's JSON has it. */
export const fieldNamed = (type: Type, name: string): Field | undefined =>
  type.fieldsArray.find((field) => field.name === snake(name) || field.name === name) ??
  type.fieldsArray.find((field) => (field.options?.json_name ?? jsonName(field.name)) === name)

/** Does it hold a message? */
export const isMessage = (field: FieldBase): boolean =>
  field.resolvedType !== null && 'fieldsArray' in field.resolvedType

/** Is it there only because a field is `optional`? */
export const isSynthetic = (oneof: OneOf): boolean =>
  oneof.fieldsArray.some((field) => field.options?.proto3_optional === true)

/** Can who reads it tell that it was not sent? */
export const tellsAbsence = (field: Field): boolean => isMessage(field) || field.hasPresence

/** Its full name, without the dot that stands before it. */
export const nameOf = (type: Type): string => type.fullName.replace(/^\./, '')
