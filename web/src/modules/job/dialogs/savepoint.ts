// SPDX-License-Identifier: Apache-2.0

export interface NewSavepoint {
  name: string
  note: string
  format: 'CANONICAL' | 'NATIVE'
}

/** Canonical can be restored by every later version and with other state backends; that is worth more than a little time. */
export const kNewSavepoint: Readonly<NewSavepoint> = { name: '', note: '', format: 'CANONICAL' }
