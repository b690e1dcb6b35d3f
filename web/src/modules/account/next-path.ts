// SPDX-License-Identifier: Apache-2.0

/** Where to go after signing in: a path of this app, never another site's address. */
export function nextPath(wanted: unknown): string {
  if (typeof wanted !== 'string' || !wanted.startsWith('/') || /^\/[/\\]/.test(wanted)) return '/'
  return wanted
}
