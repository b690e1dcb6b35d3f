// SPDX-License-Identifier: Apache-2.0
import { QueryClient } from '@tanstack/vue-query'
import { Problem } from '@/api/problem'

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: true,
      refetchIntervalInBackground: false,
      retry: (failures, error) => failures < 2 && error instanceof Problem && error.retryable,
    },
    mutations: { retry: false },
  },
})
