// SPDX-License-Identifier: Apache-2.0
import { collect } from '../collect'

export default collect(
  import.meta.glob<Record<string, unknown>>('./*.json', { eager: true, import: 'default' }),
)
