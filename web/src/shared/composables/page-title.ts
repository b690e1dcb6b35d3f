// SPDX-License-Identifier: Apache-2.0
import {
  onScopeDispose,
  readonly,
  shallowRef,
  toValue,
  watchEffect,
  type MaybeRefOrGetter,
} from 'vue'

const name = shallowRef<string | undefined>()

/** What the page that is shown calls itself; undefined: by its route's title. */
export const pageName = readonly(name)

/** Names the page in the document's title after the thing that it shows, as soon as that is known. */
export function usePageTitle(title: MaybeRefOrGetter<string | undefined>) {
  watchEffect(() => {
    name.value = toValue(title)
  })
  onScopeDispose(() => {
    name.value = undefined
  })
}
