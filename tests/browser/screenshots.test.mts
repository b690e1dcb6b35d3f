// SPDX-License-Identifier: Apache-2.0
// A picture of every page in both themes and both languages, for people to look at; and the rules that every page keeps.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Browser } from "./support/browser.mts";
import { Console, flinkHomes } from "./support/console.mts";
import { signIn } from "./support/pages.mts";

const kFolder = fileURLToPath(
  new URL("../../build/screenshots/", import.meta.url),
);

let console: Console;
let browser: Browser;
let pages: Record<string, string>;

before(async () => {
  mkdirSync(kFolder, { recursive: true });
  console = await Console.start();
  const [home = ""] = flinkHomes();
  const cluster = await console.cluster(
    "local",
    (await console.installation(home)).id,
  );
  const jobs = [];
  for (const name of [
    "carrier-delays",
    "weather-joined-flights",
    "airport-congestion",
  ])
    jobs.push(await console.job(name, cluster.id, { tags: ["flights"] }));
  const team = await console.team();
  const job = jobs[0]?.id ?? "";
  pages = {
    overview: "/",
    jobs: "/jobs",
    "jobs-none": "/jobs?q=nothing-is-called-so",
    "job-new": "/jobs/new",
    job: `/jobs/${job}`,
    "job-edit": `/jobs/${job}/edit`,
    "job-operations": `/jobs/${job}/operations`,
    "job-snapshots": `/jobs/${job}/snapshots`,
    "job-exceptions": `/jobs/${job}/exceptions`,
    "job-logs": `/jobs/${job}/logs`,
    "job-configuration": `/jobs/${job}/configuration`,
    "job-revisions": `/jobs/${job}/revisions`,
    "job-yaml": `/jobs/${job}/yaml`,
    "job-import": "/jobs/import",
    clusters: "/clusters",
    "cluster-new": "/clusters?new=1",
    cluster: `/clusters/${cluster.id}`,
    "cluster-jobs": `/clusters/${cluster.id}/jobs`,
    "cluster-logs": `/clusters/${cluster.id}/logs`,
    "cluster-operations": `/clusters/${cluster.id}/operations`,
    "cluster-options": `/clusters/${cluster.id}/options`,
    installations: "/installations",
    "installation-new": "/installations?new=1",
    teams: "/admin/teams",
    team: `/admin/teams/${team}`,
    users: "/admin/users",
    "user-new": "/admin/users?new=1",
    roles: "/admin/roles",
    audit: "/admin/audit",
    settings: "/admin/settings",
    tokens: "/tokens",
    profile: "/profile",
    "not-found": "/no/such/page",
  };
  browser = await Browser.start(1440, 900);
  await signIn(browser.page, console);
});
after(async () => {
  await browser?.close();
  await console?.close();
});

for (const theme of ["light", "dark"] as const) {
  for (const language of ["en-US", "zh-CN"] as const) {
    test(`every page, ${theme}, ${language}`, async () => {
      const { page } = browser;
      await browser.prefer(console.url, { theme, language });
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(console.url + path);
        // Settled: texts are there, nothing is being loaded, no skeleton is left.
        await page.locator("#main :is(h1, h2)").first().waitFor();
        await page.waitForFunction(
          () => document.querySelector("#main .rows[role=status]") === null,
        );
        const rest = await page.evaluate(() => ({
          theme: document.documentElement.dataset["theme"],
          language: document.documentElement.lang,
          wide: document.documentElement.scrollWidth > innerWidth,
          nameless: [...document.querySelectorAll("#app button, #app a")]
            .filter(
              (one) =>
                !(one.textContent ?? "").trim() &&
                !one.getAttribute("aria-label") &&
                !one.querySelector("img"),
            )
            .map((one) => one.outerHTML.slice(0, 120)),
        }));
        await page.screenshot({
          path: `${kFolder}${name}-${theme}-${language}.png`,
        });
        assert.deepEqual(
          rest,
          { theme, language, wide: false, nameless: [] },
          name,
        );
      }
      assert.deepEqual(browser.errors, []);
    });
  }
}

test("signing in", async () => {
  const { page } = browser;
  for (const theme of ["light", "dark"] as const) {
    for (const language of ["en-US", "zh-CN"] as const) {
      await browser.prefer(console.url, { theme, language });
      await page.goto(`${console.url}/sign-in`);
      await page.locator("input[type=password]").waitFor();
      await page.screenshot({
        path: `${kFolder}sign-in-${theme}-${language}.png`,
      });
    }
  }
});
