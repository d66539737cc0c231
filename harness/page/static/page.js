// Keeps a view in step with the engine: asks once a second, and puts a newer one in its place.
"use strict";

const PAUSE_MS = 1000;
let version = document.getElementById("main").dataset.version;

// What tells a folded part from others: its id, or its number in the part around it that has one.
function nameOf(details) {
  if (details.id) return details.id;
  const around = details.closest("[id]:not(details)") || document.body;
  return around.id + "/" + [...around.querySelectorAll("details")].indexOf(details);
}

function whatIsOpen(root) {
  const open = new Map();
  for (const each of root.querySelectorAll("details")) open.set(nameOf(each), each.open);
  return open;
}

function nameOfFocus() {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return null;
  if (focused.id) return (root) => root.querySelector("#" + CSS.escape(focused.id));
  if (focused.tagName === "SUMMARY") {
    const name = nameOf(focused.parentElement);
    return (root) => [...root.querySelectorAll("summary")].find((each) => nameOf(each.parentElement) === name);
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
  for (const each of newer.querySelectorAll("details")) {
    if (open.has(nameOf(each))) each.open = open.get(nameOf(each));
  }
  const scrolled = [...main.querySelectorAll(".scroll, .wide, pre")].map((each) => [each.scrollLeft, each.scrollTop]);
  main.replaceChildren(...newer.childNodes);
  place();
  [...main.querySelectorAll(".scroll, .wide, pre")].forEach((each, at) => {
    if (scrolled[at]) [each.scrollLeft, each.scrollTop] = scrolled[at];
  });
  const focused = find && find(document);
  if (focused && focused !== document.activeElement) focused.focus({ preventScroll: true });
  return true;
}

function tell(moment, lost) {
  const clock = document.getElementById("clock");
  if (clock && moment) clock.textContent = new Date(moment * 1000).toISOString().slice(0, 19).replace("T", " ");
  const told = lost ? "The engine no longer responds. The page shows its last known state." : "";
  const place = document.getElementById("lost");
  if (place.textContent !== told) place.textContent = told;
}

// A graph that is a little too wide is drawn smaller; a wider one begins where something failed, or began.
function place() {
  for (const graph of document.querySelectorAll("svg.graph")) {
    const room = graph.parentElement;
    graph.classList.toggle("fits", graph.width.baseVal.value * 0.7 <= room.clientWidth);
    const state = graph.querySelector(".s.failed, .s.running") || graph.querySelector(".s");
    if (state && !graph.classList.contains("fits")) {
      const box = state.getBoundingClientRect();
      const around = room.getBoundingClientRect();
      room.scrollLeft += box.left + box.width / 2 - (around.left + room.clientWidth / 2);
      room.scrollTop += box.top + box.height / 2 - (around.top + room.clientHeight / 2);
    }
  }
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

place();
addEventListener("resize", place);
setTimeout(look, PAUSE_MS);
