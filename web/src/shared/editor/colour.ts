// SPDX-License-Identifier: Apache-2.0

/** A colour in the one form that Monaco reads, `#rrggbb`: a built style sheet writes `#fff` where the source says `#ffffff`. */
export function sixDigits(colour: string): string {
  return colour.trim().replace(/^#([0-9a-f])([0-9a-f])([0-9a-f])$/i, '#$1$1$2$2$3$3')
}
