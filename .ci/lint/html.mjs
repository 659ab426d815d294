// Opens an HTML report as its readers do and tries it out: node html.mjs REPORT.html OUT_FOLDER
// The report needs at least two items that differ in their action. Needs playwright-core, axe-core, and /usr/bin/chromium.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [report, out] = process.argv.slice(2);
assert(report && out, "usage: node html.mjs REPORT.html OUT_FOLDER");
mkdirSync(out, { recursive: true });
const address = pathToFileURL(resolve(report)).href;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 360, height: 740 };
const MOST_FOR_AXE = 300; // entries; it takes minutes for thousands, and those are alike
const SCREENSHOT_HEIGHT = 12_000; // pixels; a picture of ten thousand changes helps nobody

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});

/** A page with the report, and everything that it must not do. */
async function open(options, hash = "") {
  const context = await browser.newContext({ viewport: WIDE, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => wrong.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (request.url().split("#")[0] !== address) wrong.push(`request: ${request.url()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => console.error(`blocked: ${event.violatedDirective}`));
  });
  await page.goto(address + hash);
  return { context, page, wrong };
}

const visible = (page) => page.locator(".entry:visible").count();
const told = (page) => page.locator("#filter output").textContent();

/** What the page says that it shows is what it shows. */
async function shows(page, number, all) {
  await page.waitForFunction(
    (text) => document.querySelector("#filter output").textContent.endsWith(text),
    `shown: ${number.toLocaleString("en")} of ${all.toLocaleString("en")}`,
    { timeout: 5_000 },
  ).catch(async () => assert.fail(`expected ${number} of ${all}, the page says: ${await told(page)}`));
  assert.equal(await visible(page), number, "the count isn't what is visible");
}

async function narrows() {
  const { context, page, wrong } = await open({});
  const all = await page.locator(".entry").count();
  assert(all >= 2, "a report with at least two items is needed");
  await shows(page, all, all);

  const kept = [];
  for (const select of await page.locator("#filter select").all()) {
    const name = await select.getAttribute("name");
    const values = await select.locator("option").evaluateAll((options) => options.map((option) => option.value).slice(1));
    let sum = 0;
    for (const value of values) {
      await select.selectOption(value);
      const expected = await page.locator(".entry").evaluateAll(
        (entries, [name, value]) => entries.filter((entry) => entry.dataset[name] === value).length, [name, value]);
      assert(expected > 0, `${name} offers ${value}, which nothing has`);
      await shows(page, expected, all);
      sum += expected;
      if (expected !== all) kept.push([new URL(page.url()).hash, expected]);
    }
    assert.equal(sum, all, `the values of ${name} aren't all of the list`);
    await page.getByRole("button", { name: "Show all" }).click();
    await shows(page, all, all);
  }
  assert(kept.length > 0, "no filter narrows this report");

  const first = (await page.locator(".entry .address, .problem code").first().textContent()).trim();
  await page.getByRole("searchbox", { name: "Search" }).fill(first.toUpperCase());
  const found = await page.locator(".entry").evaluateAll((entries, words) => entries.filter((entry) =>
    words.every((word) => entry.textContent.toLowerCase().includes(word))).length, first.toLowerCase().split(/\s+/));
  await shows(page, found, all);
  await page.getByRole("searchbox", { name: "Search" }).fill("no such thing anywhere");
  await shows(page, 0, all);
  await page.getByRole("button", { name: "Show all" }).click();
  await shows(page, all, all);

  const link = page.locator(".counts a.pick").first();
  await link.focus();
  await page.keyboard.press("Enter");
  await shows(page, Number((await link.locator("b").textContent()).replaceAll(",", "")), all);
  await context.close();
  assert.deepEqual(wrong, []);

  const [hash, expected] = kept[0];
  const again = await open({}, hash);
  await shows(again.page, expected, all);
  await again.context.close();
  assert.deepEqual(again.wrong, []);
}

async function readableWithoutScript() {
  const { context, page, wrong } = await open({ javaScriptEnabled: false });
  const all = await page.locator(".entry").count();
  assert.equal(await visible(page), all);
  assert.equal(await page.locator("#filter").isVisible(), false, "controls that do nothing are shown");
  assert.equal(await page.locator("details.entry:not([open])").count(), 0, "something is folded away");
  assert.equal(await page.locator("a.pick[href]").count(), 0, "links that do nothing are shown");
  await context.close();
  assert.deepEqual(wrong, []);
}

const OVERFLOWING = () => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth;

async function looks(name, viewport, colorScheme) {
  const { context, page, wrong } = await open({ viewport, colorScheme });
  assert((await page.evaluate(OVERFLOWING)) === 0, `${name}: scrolls sideways`);
  const back = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
  const light = back.reduce((sum, part) => sum + part) / 3;
  assert(colorScheme === "dark" ? light < 64 : light > 192, `${name}: the background is ${back}`);
  const height = Math.min(await page.evaluate(() => document.documentElement.scrollHeight), SCREENSHOT_HEIGHT);
  await page.setViewportSize({ width: viewport.width, height });
  await page.screenshot({ path: join(out, `${name}.png`) });
  await context.close();
  assert.deepEqual(wrong, []);
}

/** WCAG 2 A and AA, by axe: contrast, labels, names, structure. It has to get past the page's own policy. */
async function accessible(viewport, colorScheme) {
  const context = await browser.newContext({ viewport, colorScheme, bypassCSP: true });
  const page = await context.newPage();
  await page.goto(address);
  await page.locator(".entry").evaluateAll((entries, most) => entries.slice(most).forEach((entry) => entry.remove()), MOST_FOR_AXE);
  await page.addScriptTag({ content: axe });
  const violations = await page.evaluate(async () => {
    const only = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };
    const { violations } = await globalThis.axe.run(document, { runOnly: only, resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`);
  });
  await context.close();
  assert.deepEqual(violations, [], `${viewport.width} ${colorScheme}`);
}

try {
  await narrows();
  await readableWithoutScript();
  for (const [width, viewport] of [["wide", WIDE], ["narrow", NARROW]]) {
    for (const colors of ["light", "dark"]) {
      await looks(`${width}-${colors}`, viewport, colors);
      await accessible(viewport, colors);
    }
  }
  console.log(`${report}: filters, search, links, policy, both widths, both colour schemes and WCAG AA are in order`);
} finally {
  await browser.close();
}
