// Which block is chosen: its properties beside the message, its place in the outline and above the message.
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
  await showProperties(id);
};

export const showProperties = async (id, isAgain = false) => {
  if (!id || (id === shown && !isAgain)) return;
  shown = id;
  root.dataset.hasProperties = "";
  const answer = await fetch(`${root.dataset.base}${id}/`);
  if (!answer.ok || id !== shown) return;
  document.getElementById("block-chosen").scrollIntoView({ block: "nearest", behavior: "smooth" });
  document.getElementById("properties").innerHTML = await answer.text();
  wakeProperties();
};

export const watchChoice = () => {
  onDocument.add((now, seen) => {
    if (seen) showProperties(now.chosen);
  });
};

export const chosenRow = () => document.getElementById(`outline-${current().chosen}`);
