// SPDX-License-Identifier: Apache-2.0
import type { AppModule } from '@/shared/frame'

const found = import.meta.glob<AppModule>('../modules/*/module.ts', {
  eager: true,
  import: 'default',
})

/** Every module of `src/modules`, by the `module.ts` that each has. */
export const modules: readonly AppModule[] = Object.values(found)

export const menu = modules.flatMap((module) => module.menu ?? []).sort((a, b) => a.order - b.order)

export const paletteActions = modules.flatMap((module) => module.actions ?? [])
