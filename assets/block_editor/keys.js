// Keys that work everywhere on the page, except while a text is written.
import { block, current, send, toast } from "./changes.js";
import { redo, undo } from "./history.js";
import { flush } from "./properties.js";

const root = document.getElementById("block-editor");
const PARTS = ["[data-add]", "#block-list", "#main", ":is(#properties, #checks):not([hidden])"];

const isWriting = (target) => Boolean(target.closest?.("input, textarea, select, [contenteditable=true]"));

const nextPart = (step) => {
  const parts = PARTS.map((selector) => document.querySelector(selector));
  const at = parts.findIndex((part) => part.contains(document.activeElement));
  parts[(at + step + parts.length) % parts.length].focus();
};

const onKey = (event) => {
  if (event.key === "F6") {
    event.preventDefault();
    nextPart(event.shiftKey ? -1 : 1);
  }
  if (isWriting(event.target)) return;
  const isCommand = event.ctrlKey || event.metaKey;
  if (event.key === "/") {
    event.preventDefault();
    document.querySelector("[data-add]").focus();
  } else if (isCommand && event.key.toLowerCase() === "z") {
    event.preventDefault();
    if (event.shiftKey) redo();
    else undo();
  } else if (isCommand && event.key.toLowerCase() === "y") {
    event.preventDefault();
    redo();
  }
};

const onCopy = (event) => {
  const chosen = current().chosen && block(current().chosen);
  if (isWriting(event.target) || !chosen || String(getSelection())) return;
  event.clipboardData.setData("text/plain", JSON.stringify({ v: 1, blocks: [chosen] }));
  event.preventDefault();
  toast(root.dataset.copied);
};

const onPaste = async (event) => {
  if (isWriting(event.target)) return;
  const text = event.clipboardData.getData("text/plain");
  if (!text.startsWith('{"v":')) {
    toast(root.dataset.nothing);
    return;
  }
  event.preventDefault();
  await flush();
  send("paste/", { blocks: text, after: current().chosen });
};

export const keys = () => {
  document.addEventListener("keydown", onKey);
  document.addEventListener("copy", onCopy);
  document.addEventListener("paste", onPaste);
};
