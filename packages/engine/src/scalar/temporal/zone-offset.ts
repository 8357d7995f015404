/** `+02`, `-03:30`, `+00:19:32`. */
export function formatOffset(offsetSeconds: number): string {
  const magnitude = Math.abs(offsetSeconds)
  const two = (value: number): string => String(value).padStart(2, '0')
  const seconds = magnitude % 60
  const minutes = Math.floor(magnitude / 60) % 60
  const tail = seconds !== 0 ? `:${two(minutes)}:${two(seconds)}` : minutes !== 0 ? `:${two(minutes)}` : ''
  return `${offsetSeconds < 0 ? '-' : '+'}${two(Math.floor(magnitude / 3600))}${tail}`
}
