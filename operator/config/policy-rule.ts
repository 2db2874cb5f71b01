/**
 * The names of roles that a rule in the language of oslo.policy asks for; those that are taken from the request (`role:%(name)s`) are left out.
 * Throws a RangeError where oslo.policy could not read the rule: it would then let nobody in. An empty rule lets everybody in.
 */
export function rolesOf(rule: string): string[] {
  if (rule === '') return []
  const reader = new RuleReader(tokensOf(rule))
  reader.read()
  return reader.roles
}

/** As oslo.policy cuts a rule: at white space, and parentheses off the ends of what is left, since those of `%(name)s` are inside. */
function tokensOf(rule: string): string[] {
  return rule
    .split(/\s+/)
    .filter((word) => word !== '')
    .flatMap((word) => {
      const [, open = '', inner = '', close = ''] = /^(\(*)(.*?)(\)*)$/.exec(word) ?? []
      return [...open.split(''), ...(inner === '' ? [] : [inner]), ...close.split('')]
    })
}

/** Reads `or` of `and` of `not`, parentheses and checks. */
class RuleReader {
  readonly roles: string[] = []
  readonly #tokens: readonly string[]
  #next = 0

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens
  }

  read(): void {
    this.#either()
    if (this.#next < this.#tokens.length) this.#fail()
  }

  #either(): void {
    do this.#all()
    while (this.#take('or'))
  }

  #all(): void {
    do this.#one()
    while (this.#take('and'))
  }

  #one(): void {
    if (this.#take('not')) this.#one()
    else if (this.#take('(')) {
      this.#either()
      if (!this.#take(')')) this.#fail()
    } else this.#check()
  }

  #check(): void {
    const token = this.#tokens[this.#next] ?? ''
    const [kind = '', ...rest] = token.split(':')
    const isCheck = token === '@' || token === '!' || (rest.length > 0 && !/^(["']).*\1$/.test(token))
    if (!isCheck) this.#fail()
    this.#next += 1
    const match = rest.join(':')
    if (kind === 'role' && !match.includes('%(')) this.roles.push(match)
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#next]?.toLowerCase() !== token) return false
    this.#next += 1
    return true
  }

  #fail(): never {
    const token = this.#tokens[this.#next]
    throw new RangeError(token === undefined ? 'something is missing at its end' : `${JSON.stringify(token)} cannot stand where it stands`)
  }
}
