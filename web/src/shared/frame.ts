// SPDX-License-Identifier: Apache-2.0
import type { Component } from 'vue'
import type { RouteRecordRaw } from 'vue-router'
import type { Permission } from '@/gen/permissions'

/** An entry of the menu and of the Ctrl-K palette; shown to those who have the permission somewhere. */
export interface MenuEntry {
  /** Name of the route. */
  route: string
  /** Key of its text. */
  label: string
  icon: Component
  group: 'work' | 'admin'
  /** Place in the menu, ascending. */
  order: number
  permission?: Permission
}

/** Something to do from the palette that is more than going to a page. */
export interface PaletteAction {
  label: string
  icon: Component
  route: { name: string; query?: Record<string, string> }
  permission?: Permission
}

/** What a module gives to the frame: default export of `modules/<area>/module.ts`. */
export interface AppModule {
  routes: RouteRecordRaw[]
  menu?: MenuEntry[]
  actions?: PaletteAction[]
}

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the page's name, for the document's title. */
    title?: string
    /** Without it everyone who is signed in may open the page; the page itself says what else is missing. */
    permission?: Permission
    /** Shown without the frame and without signing in. */
    open?: boolean
    /** Its lists are narrowed to the chosen team, which is then in its address. */
    team?: boolean
    /** Name of the menu entry to mark, when it is not the route's own. */
    menu?: string
  }
}
