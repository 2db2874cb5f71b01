/** Where randomness comes from; `crypto.randomBytes` in the operator, a seeded generator in a simulation. */
export type RandomBytes = (size: number) => Buffer
