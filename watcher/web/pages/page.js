// Comfort, never need: without this file every page works by its links and forms.
"use strict";

const KEYS = "watcher-keys";
const find = (what) => document.querySelector(what);
const rows = [...document.querySelectorAll("[data-row] [data-open]")];
const follow = (what) => find(what)?.click();

function step(by) {
  if (document.body.dataset.page === "one") return follow(by > 0 ? "[data-next]" : "[data-prev]");
  const here = rows.indexOf(document.activeElement);
  const next = rows[here < 0 ? (by > 0 ? 0 : rows.length - 1) : here + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

// What a row's key leads to is on its own page: nothing is removed from a list by one key.
function onItsPage(place) {
  const link = rows.includes(document.activeElement) ? document.activeElement : null;
  if (link) location.assign(`${link.href}#${place}`);
}

function focusOn(place) {
  const element = document.getElementById(place);
  if (!element) return onItsPage(place);
  element.focus();
  element.scrollIntoView({ block: "center" });
}

const DEEDS = {
  j: () => step(1),
  k: () => step(-1),
  o: () => (document.body.dataset.page === "one" ? follow("[data-place]") : document.activeElement?.click()),
  e: () => focusOn("text"),
  d: () => focusOn("discard"),
  "/": () => find("[data-search]")?.focus(),
  "?": () => find("#keys").showModal(),
};

const areOn = () => localStorage.getItem(KEYS) !== "off";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select, dialog") || (!areOn() && event.key !== "?")) return;
  const deed = DEEDS[event.key];
  if (!deed) return;
  event.preventDefault();
  deed();
});

const tick = find("[data-keys-on]");
tick.checked = areOn();
tick.addEventListener("change", () => localStorage.setItem(KEYS, tick.checked ? "on" : "off"));
const help = find("[data-keys]");
help.hidden = false;
help.addEventListener("click", DEEDS["?"]);

if (["text", "discard"].includes(location.hash.slice(1))) focusOn(location.hash.slice(1));

const text = find("[data-text]");
const said = () => (text.value ?? text.textContent).trimEnd();

const copy = find("[data-copy]");
if (copy && navigator.clipboard) {
  const label = copy.textContent;
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(said());
      copy.textContent = "Copied";
    } catch {
      copy.textContent = "Select it and copy it by hand";
    }
    setTimeout(() => (copy.textContent = label), 2500);
  });
}

const length = find("[data-length]");
if (length && text) {
  const place = length.querySelector("[data-fits]");
  text.addEventListener("input", () => {
    const units = said().length;
    length.querySelector("[data-units]").textContent = units.toLocaleString("en");
    if (!place) return;
    const isOver = units > Number(length.dataset.message);
    place.classList.toggle("over", isOver);
    place.textContent = isOver
      ? "too long for a message on LinkedIn (8,000)"
      : units > Number(length.dataset.note)
        ? "short enough for a message (8,000); too long for the note of an invitation (300)"
        : "short enough for a message, and even for the note of an invitation (300)";
  });
  addEventListener("beforeunload", (event) => {
    if (text.value !== undefined && (text.value !== text.defaultValue || "unsaved" in text.dataset) && !sending)
      event.preventDefault();
  });
}

let sending = false;
document.addEventListener("submit", (event) => (sending = event.target.matches(".edit")));

// What is typed meanwhile would be lost: then the person looks again by the link.
if (find("[data-again]")) {
  let isTyped = false;
  document.addEventListener("input", () => (isTyped = true));
  setTimeout(() => isTyped || location.reload(), 3000);
}
