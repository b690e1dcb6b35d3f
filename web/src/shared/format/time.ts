// SPDX-License-Identifier: Apache-2.0

const kSteps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

const relative = new Map<string, Intl.RelativeTimeFormat>()
const absolute = new Map<string, Intl.DateTimeFormat>()

function cached<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const known = cache.get(key)
  if (known !== undefined) return known
  const made = make()
  cache.set(key, made)
  return made
}

/** `3 minutes ago` in the language; under a minute it counts seconds. A time ahead of `now` by a clock's skew reads as now. */
export function formatRelative(time: number, now: number, locale: string): string {
  const format = cached(
    relative,
    locale,
    () => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }),
  )
  const ahead = time - now
  const distance = ahead > 0 && ahead < 5_000 ? 0 : ahead
  for (const [unit, length] of kSteps)
    if (Math.abs(distance) >= length) return format.format(Math.trunc(distance / length), unit)
  return format.format(Math.trunc(distance / 1000), 'second')
}

/** Date and time to the millisecond with the zone, as logs and engines write them: `2026-03-01 12:30:05.042 GMT+1`. */
export function formatAbsolute(time: number, locale: string): string {
  const format = cached(
    absolute,
    locale,
    () =>
      new Intl.DateTimeFormat(locale, {
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        fractionalSecondDigits: 3,
        hourCycle: 'h23',
        timeZoneName: 'short',
      }),
  )
  const part = new Map(format.formatToParts(time).map(({ type, value }) => [type, value]))
  const get = (name: string) => part.get(name as Intl.DateTimeFormatPartTypes) ?? ''
  return (
    `${get('year')}-${get('month')}-${get('day')} ` +
    `${get('hour')}:${get('minute')}:${get('second')}.${get('fractionalSecond')} ${get('timeZoneName')}`
  )
}
