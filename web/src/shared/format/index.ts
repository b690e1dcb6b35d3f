// SPDX-License-Identifier: Apache-2.0
export { formatAge, formatDuration } from './duration'
export { formatBytes, formatCompact, formatCount, formatRate } from './quantity'
export { formatAbsolute, formatRelative } from './time'
