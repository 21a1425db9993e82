// What generated code says of values it gives no answer for.

/** It answers this where the value does not fit: the next member of a union is tried. */
export const wrong: unique symbol = Symbol('wrong')

/** And this where io-ts must decide: it goes up to the caller, through unions too. Not thrown, which costs as much as io-ts. */
export const doubt: unique symbol = Symbol('doubt')
