// The checks: counted on their button, listed in the place of the properties, marked in the outline and at the blocks.
import { choose, showProperties } from "./choosing.js";
import { current, onDocument, send } from "./changes.js";
import { onMeasured, placeOf } from "./canvas.js";

const PAUSE = 700; // milliseconds after a change
const root = document.getElementById("block-editor");
const panel = document.getElementById("checks");
const found = document.getElementById("checks-found");
const button = document.getElementById("checks-button");
const count = document.getElementById("checks-count");
const overlay = document.getElementById("overlay");
let timer = null;
let asked = 0;
let at = -1; // the finding that F8 went to last

const findings = () => [...found.querySelectorAll("[data-severity]")];

// The worst finding of each block.
const worst = () => {
  const byBlock = new Map();
  for (const finding of findings()) {
    const id = finding.dataset.block;
    if (id && !byBlock.has(id)) byBlock.set(id, finding);
  }
  return byBlock;
};

const markOutline = () => {
  for (const mark of document.querySelectorAll(".outline-mark")) mark.remove();
  for (const [id, finding] of worst()) {
    const row = document.getElementById(`outline-${id}`);
    if (!row) continue;
    const mark = document.createElement("span");
    mark.className = "outline-mark";
    mark.dataset.severity = finding.dataset.severity;
    mark.title = finding.querySelector("strong").textContent;
    mark.append(finding.querySelector("svg").cloneNode(true));
    row.append(mark);
  }
};

const pin = () => {
  for (const old of overlay.querySelectorAll(".block-pin")) old.remove();
  for (const [id, finding] of worst()) {
    const place = placeOf(id);
    if (!place || !finding.dataset.pin) continue;
    const mark = document.createElement("button");
    mark.type = "button";
    mark.tabIndex = -1; // the list of findings is the way for keys
    mark.className = "block-pin";
    mark.dataset.severity = finding.dataset.severity;
    mark.append(finding.querySelector("svg").cloneNode(true), finding.dataset.pin);
    mark.style.top = `${place.top + 8}px`;
    mark.addEventListener("click", (event) => {
      event.stopPropagation();
      goTo(finding);
    });
    overlay.append(mark);
  }
};

const showCount = () => {
  const { stops, looks } = found.querySelector(".findings")?.dataset ?? {};
  if (stops === undefined) return;
  const total = Number(stops) + Number(looks);
  count.hidden = false;
  count.textContent = total || "✓";
  count.dataset.severity = Number(stops) ? "stops" : total ? "look" : "passed";
};

const mark = () => {
  showCount();
  markOutline();
  pin();
};

const isWriting = () =>
  found.contains(document.activeElement) && document.activeElement.matches("input[type=text]");

const refresh = async () => {
  asked += 1;
  const number = asked;
  const answer = await fetch(root.dataset.checks, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || number !== asked || isWriting()) return;
  const text = await answer.text();
  const hadFocus = found.contains(document.activeElement);
  found.innerHTML = text;
  if (hadFocus) panel.focus();
  window.htmx?.process(found);
  at = Math.min(at, findings().length - 1);
  mark();
};

const later = () => {
  clearTimeout(timer);
  timer = setTimeout(refresh, PAUSE);
};

const open = (isOpen) => {
  panel.hidden = !isOpen;
  document.getElementById("properties").hidden = isOpen;
  button.setAttribute("aria-expanded", String(isOpen));
  if (isOpen) root.dataset.hasChecks = "";
  else delete root.dataset.hasChecks;
};

const goTo = (finding) => {
  open(true);
  at = findings().indexOf(finding);
  for (const one of findings()) one.toggleAttribute("data-current", one === finding);
  finding.scrollIntoView({ block: "nearest" });
  const id = finding.dataset.block;
  if (id) choose(id, { keepsChecks: true });
  finding.querySelector("button, a")?.focus({ preventScroll: true });
};

const step = (by) => {
  const all = findings();
  open(true);
  if (!all.length) panel.focus();
  else goTo(all[(at + by + all.length) % all.length]);
};

const mend = async (form) => {
  const values = new FormData(form);
  const id = form.dataset.mend;
  const seen = current().seen;
  await send(`${id}/mend/`, values);
  if (current().seen !== seen) await showProperties(current().chosen, true);
  clearTimeout(timer);
  document.activeElement?.blur();
  await refresh();
};

export const checks = () => {
  button.addEventListener("click", () => {
    open(panel.hidden);
    if (!panel.hidden) panel.focus();
  });
  panel.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-checks]")) {
      open(false);
      button.focus();
    }
    const finding = event.target.closest("[data-go-to]")?.closest("[data-severity]");
    if (finding) goTo(finding);
  });
  panel.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-mend]");
    if (!form) return;
    event.preventDefault();
    mend(form);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "F8") return;
    event.preventDefault();
    step(event.shiftKey ? -1 : 1);
  });
  root.addEventListener("fanfare:chosen", () => open(false));
  onMeasured(pin);
  onDocument.add((now, seen) => {
    markOutline();
    if (seen && seen !== now.seen) later();
  });
  refresh();
};
