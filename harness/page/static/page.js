// Keeps a view in step with the engine: asks once a second, and puts a newer one in its place.
"use strict";

const PAUSE_MS = 1000;
let version = document.getElementById("main").dataset.version;

function whatIsOpen(root) {
  const open = new Map();
  for (const each of root.querySelectorAll("details[id]")) open.set(each.id, each.open);
  return open;
}

function nameOfFocus() {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return null;
  if (focused.id) return (root) => root.querySelector("#" + CSS.escape(focused.id));
  if (focused.tagName === "SUMMARY") {
    const id = focused.parentElement.id;
    return (root) => root.querySelector("#" + CSS.escape(id) + " > summary");
  }
  for (const name of ["href", "aria-label"]) {
    const value = focused.getAttribute(name);
    if (value) return (root) => root.querySelector("[" + name + '="' + CSS.escape(value) + '"]');
  }
  return null;
}

function isInUse(main) {
  const selection = document.getSelection();
  return main.dataset.still !== undefined || (selection && !selection.isCollapsed);
}

function show(text) {
  const newer = new DOMParser().parseFromString(text, "text/html").getElementById("main");
  const main = document.getElementById("main");
  if (!newer || isInUse(main)) return false;
  const open = whatIsOpen(main);
  const find = nameOfFocus();
  for (const each of newer.querySelectorAll("details[id]")) {
    if (open.has(each.id)) each.open = open.get(each.id);
  }
  const scrolled = [...main.querySelectorAll(".scroll, pre")].map((each) => [each.scrollLeft, each.scrollTop]);
  main.replaceChildren(...newer.childNodes);
  [...main.querySelectorAll(".scroll, pre")].forEach((each, at) => {
    if (scrolled[at]) [each.scrollLeft, each.scrollTop] = scrolled[at];
  });
  const focused = find && find(document);
  if (focused && focused !== document.activeElement) focused.focus({ preventScroll: true });
  return true;
}

function tell(moment, lost) {
  const clock = document.getElementById("clock");
  if (clock && moment) clock.textContent = new Date(moment * 1000).toISOString().slice(0, 19).replace("T", " ");
  const told = lost ? "The engine does not answer any more. What is shown is how it was." : "";
  const place = document.getElementById("lost");
  if (place.textContent !== told) place.textContent = told;
}

async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch(location.href, { headers: { "X-Seen": version } });
      tell(answer.headers.get("X-Clock"), false);
      const newer = answer.headers.get("X-Version");
      if (answer.ok && newer && newer !== version && show(await answer.text())) version = newer;
    } catch {
      tell(null, true);
    }
  }
  setTimeout(look, PAUSE_MS);
}

setTimeout(look, PAUSE_MS);
