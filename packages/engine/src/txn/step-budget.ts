/** How many records a step may still read or remove; it goes below zero by what cannot be done in parts. */
export class StepBudget {
  left: number

  constructor(recordsMax: number = Infinity) {
    this.left = recordsMax
  }

  get isSpent(): boolean {
    return this.left <= 0
  }

  spend(records: number): void {
    this.left -= records
  }
}
