// The properties of the chosen block: what is typed is saved a moment later.
import { current, onDocument, send } from "./changes.js";
import { closeSheet, showProperties } from "./choosing.js";
import { insertIntoRichText, leaveRichText, richTexts } from "./rich_text.js";

const PAUSE = 600; // milliseconds after the last key
let timer = null;
let field = null; // the text field that had the cursor last

const form = () => document.getElementById("block-form");

const save = (press) => {
  clearTimeout(timer);
  timer = null;
  const sent = form();
  if (!sent) return Promise.resolve();
  return send(`${sent.dataset.block}/`, () => {
    const values = new FormData(sent);
    if (press) values.append(press.name, press.value);
    return values;
  });
};

// Save at once what waits to be saved.
export const flush = () => (timer ? save() : Promise.resolve());
export const isTyped = () => Boolean(timer);

const later = () => {
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
};

const insert = (source) => {
  if (insertIntoRichText(source)) return;
  const target = field?.isConnected ? field : form()?.querySelector("input[type=text], textarea");
  if (!target) return;
  target.focus();
  target.setRangeText(source, target.selectionStart, target.selectionEnd, "end");
  target.dispatchEvent(new Event("input", { bubbles: true }));
};

const fillMergeMenu = () => {
  const list = document.getElementById("merge-list");
  if (!list || list.children.length) return;
  const search = document.createElement("input");
  search.type = "search";
  search.setAttribute("aria-label", document.querySelector("#merge-menu summary").textContent.trim());
  list.append(search);
  for (const name of JSON.parse(document.getElementById("merge-tags").textContent)) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", () => {
      document.getElementById("merge-menu").open = false;
      insert(`{{ ${name} }}`);
    });
    list.append(button);
  }
  search.addEventListener("input", () => {
    for (const button of list.querySelectorAll("button")) {
      button.hidden = !button.textContent.includes(search.value.toLowerCase());
    }
  });
};

export const wakeProperties = () => {
  richTexts(document.getElementById("properties"), later);
  fillMergeMenu();
};

// A picture chosen in the library: its address, and its alt text unless that of the block was written for the block.
const takePicture = ({ target, detail }) => {
  const place = target.closest("[data-picture-of]");
  const name = place?.dataset.pictureOf;
  const sent = form();
  if (!name || !sent) return;
  const alt = sent.elements[name.replace(/picture$/, "alt")];
  const isThePictures = !alt?.value || alt.value === place.dataset.pictureAlt;
  sent.elements[name].value = detail.address;
  if (alt && isThePictures) alt.value = detail.alt;
  place.dataset.pictureAlt = detail.alt;
  save();
};

export const properties = () => {
  const panel = document.getElementById("properties");
  panel.addEventListener("input", (event) => {
    if (event.target.closest("#block-form")) later();
  });
  panel.addEventListener("focusin", (event) => {
    if (!event.target.matches("#block-form :is(input, textarea)") || event.target.closest(".rich-text"))
      return;
    field = event.target;
    leaveRichText();
  });
  panel.addEventListener("submit", (event) => {
    event.preventDefault();
    const press = event.submitter?.name ? event.submitter : null;
    save(press);
  });
  panel.addEventListener("click", (event) => {
    if (event.target.closest("[data-show-theirs]")) {
      clearTimeout(timer);
      timer = null;
      showProperties(current().chosen, true);
    }
    if (event.target.closest("[data-close-properties]")) closeSheet();
  });
  window.addEventListener("beforeunload", (event) => {
    if (timer) event.preventDefault();
    flush();
  });
  document.addEventListener("fanfare:picture", takePicture);
  onDocument.add(wakeProperties);
};
