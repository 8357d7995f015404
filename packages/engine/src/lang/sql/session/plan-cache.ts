/** The plans used last, of all sessions of a database. */
export class PlanCache<Plan> {
  readonly #plans = new Map<string, Plan>()
  readonly #countMax: number

  constructor(countMax: number) {
    this.#countMax = countMax
  }

  get(key: string): Plan | undefined {
    const plan = this.#plans.get(key)
    if (plan === undefined) return undefined
    // A map keeps the order of insertion: what is used goes to the end.
    this.#plans.delete(key)
    this.#plans.set(key, plan)
    return plan
  }

  delete(key: string): void {
    this.#plans.delete(key)
  }

  set(key: string, plan: Plan): void {
    this.#plans.delete(key)
    this.#plans.set(key, plan)
    if (this.#plans.size <= this.#countMax) return
    const [oldest] = this.#plans.keys()
    if (oldest !== undefined) this.#plans.delete(oldest)
  }
}
