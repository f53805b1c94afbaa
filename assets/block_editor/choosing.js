// Which block is chosen: its properties beside the message, its place in the outline and above the message.
import { reveal } from "./canvas.js";
import { current, onDocument } from "./changes.js";
import { flush, wakeProperties } from "./properties.js";

const root = document.getElementById("block-editor");
let shown = ""; // the block whose properties are shown

// `keepsChecks`: the checks stay open in the place of the properties.
export const choose = async (id, { keepsChecks = false } = {}) => {
  if (!keepsChecks) root.dispatchEvent(new CustomEvent("fanfare:chosen"));
  await flush();
  document.getElementById("outline").dataset.chosen = id;
  for (const row of document.querySelectorAll("#block-list [role=option]")) {
    row.setAttribute("aria-selected", String(row.dataset.block === id));
  }
  onDocument.start();
  if (!keepsChecks) openSheet();
  reveal();
  await showProperties(id);
};

// On a phone the properties come up over the message, and go down again.
export const openSheet = () => {
  root.dataset.hasProperties = "";
};
export const closeSheet = () => {
  delete root.dataset.hasProperties;
};

export const showProperties = async (id, isAgain = false) => {
  if (!id || (id === shown && !isAgain)) return;
  shown = id;
  const answer = await fetch(`${root.dataset.base}${id}/`);
  if (!answer.ok || id !== shown) return;
  const panel = document.getElementById("properties");
  panel.innerHTML = await answer.text();
  wakeProperties();
  scrollToWords(panel);
};

// What a block says is changed more often than the address of its picture, which stands above.
const scrollToWords = (panel) => {
  panel.scrollTop = 0;
  const words = firstWords();
  const place = words?.closest(".field, .rich-text");
  if (!place || !matchMedia("(max-width: 60rem)").matches) return;
  const head = panel.querySelector("header").offsetHeight;
  panel.scrollTop += place.getBoundingClientRect().top - panel.getBoundingClientRect().top - head;
};

const isShown = (field) => field.offsetParent && !field.closest(".rich-text-bar");
const fields = (which) => [...document.querySelectorAll(`#properties-form :is(${which})`)].filter(isShown);

// Of a text with formats, the text itself: its textarea is hidden, and its toolbar comes before it.
export const firstWords = () =>
  fields(".ProseMirror, input[type=text], textarea").find(
    (field) => !field.matches("[inputmode=url], [name$=alt]"),
  );
export const firstProperty = () => firstWords() ?? fields(".ProseMirror, input, textarea, select")[0];

export const watchChoice = () => {
  onDocument.add((now, seen) => {
    if (seen) showProperties(now.chosen);
  });
};

export const chosenRow = () => document.getElementById(`outline-${current().chosen}`);
