// opossum as a middleware. Everything public is named here.
export { type Opossum, type OpossumOptions, opossum } from './opossum.ts'
