"use strict";
// Narrows the list. Everything is in the page already; without this script it is only longer.
(() => {
  const FOLD_FROM = 100; // with more entries than this, those without danger start folded
  const TYPING = 120; // milliseconds without a key before the list follows the search

  const form = document.getElementById("filter");
  if (form === null) return;
  const entries = Array.from(document.querySelectorAll(".entry"));
  const groups = Array.from(document.querySelectorAll(".group"), (element) => ({
    element,
    number: element.querySelector(".number"),
    entries: element.querySelectorAll(".entry"),
  }));
  const search = form.elements.q;
  const selects = Array.from(form.querySelectorAll("select"));
  const output = form.querySelector("output");
  const count = (number) => number.toLocaleString("en");
  let texts = null;

  function words() {
    return search.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
  }

  function matches(wanted) {
    const picked = selects.filter((select) => select.value !== "");
    if (wanted.length > 0 && texts === null) {
      texts = new Map(entries.map((entry) => [entry, entry.textContent.toLowerCase()]));
    }
    return (entry) =>
      picked.every((select) => entry.dataset[select.name] === select.value) &&
      wanted.every((word) => texts.get(entry).includes(word));
  }

  function narrow() {
    const fits = matches(words());
    let shown = 0;
    for (const group of groups) {
      let here = 0;
      for (const entry of group.entries) {
        entry.hidden = !fits(entry);
        here += entry.hidden ? 0 : 1;
      }
      group.element.hidden = here === 0;
      if (group.number !== null) group.number.textContent = count(here);
      shown += here;
    }
    output.textContent = `${output.dataset.noun} shown: ${count(shown)} of ${count(entries.length)}`;
  }

  function remember() {
    const state = new URLSearchParams();
    for (const control of [search, ...selects]) {
      if (control.value !== "") state.set(control.name, control.value);
    }
    try {
      history.replaceState(null, "", "#" + state);
    } catch {
      // A viewer that shows the page within its own may forbid it; the filter works all the same.
    }
  }

  function recall() {
    const hash = location.hash.slice(1);
    if (hash !== "" && !hash.includes("=")) return; // a place in the page
    const state = new URLSearchParams(hash);
    for (const control of [search, ...selects]) control.value = state.get(control.name) ?? "";
    for (const select of selects) if (select.selectedIndex === -1) select.value = "";
    narrow();
  }

  function changed() {
    narrow();
    remember();
  }

  function fold(open, which) {
    for (const entry of entries) if (entry.tagName === "DETAILS" && which(entry)) entry.open = open;
  }

  let typing;
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(changed, TYPING);
  });
  for (const select of selects) select.addEventListener("change", changed);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    changed();
  });
  form.addEventListener("reset", () => setTimeout(changed));
  form.elements.fold?.addEventListener("click", () => fold(false, () => true));
  form.elements.unfold?.addEventListener("click", () => fold(true, () => true));
  addEventListener("hashchange", recall);
  for (const link of document.querySelectorAll("a.pick")) {
    link.href = "#" + new URLSearchParams(Object.entries(link.dataset));
    link.addEventListener("click", () => form.scrollIntoView());
  }

  if (entries.length > FOLD_FROM) fold(false, (entry) => !entry.classList.contains("heavy"));
  form.hidden = false;
  recall();
})();
