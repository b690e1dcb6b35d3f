// SPDX-License-Identifier: Apache-2.0
// Runs before the first paint so that the chosen theme does not flash. A file of its own because the
// content security policy allows no inline script.
;(function () {
  var theme = 'system'
  try {
    theme = JSON.parse(localStorage.getItem('streampark.preferences') || '{}').theme || 'system'
  } catch {
    theme = 'system'
  }
  var dark =
    theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
})()
