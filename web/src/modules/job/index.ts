// SPDX-License-Identifier: Apache-2.0
// What other modules may use of this one. The dialogs are loaded when they are first opened.
import { defineAsyncComponent } from 'vue'

export { offer, offers, refusalText, type ActionKind } from './actions'

export const StartJobDialog = defineAsyncComponent(() => import('./dialogs/StartJobDialog.vue'))
export const StopJobDialog = defineAsyncComponent(() => import('./dialogs/StopJobDialog.vue'))
export const SavepointDialog = defineAsyncComponent(() => import('./dialogs/SavepointDialog.vue'))
export const RescaleDialog = defineAsyncComponent(() => import('./dialogs/RescaleDialog.vue'))
export const RollbackDialog = defineAsyncComponent(() => import('./dialogs/RollbackDialog.vue'))
export const DeleteJobDialog = defineAsyncComponent(() => import('./dialogs/DeleteJobDialog.vue'))
export const CopyJobDialog = defineAsyncComponent(() => import('./dialogs/CopyJobDialog.vue'))
