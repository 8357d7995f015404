/** To the nearest whole number; halves go to the even one. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest < 0.5) return floor === 0 && value < 0 ? -0 : floor
  if (rest > 0.5) return floor === -1 ? -0 : floor + 1
  if (rest !== 0.5) return value
  const even = floor % 2 === 0 ? floor : floor + 1
  return even === 0 && value < 0 ? -0 : even
}
