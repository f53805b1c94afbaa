// Undo and redo: earlier documents of this page, given back to the server. A change by somebody else ends the history:
// going back would take it away unseen.
import { current, onDocument, send } from "./changes.js";
import { showProperties } from "./choosing.js";

const MOST = 100;
let past = [];
let future = [];
let last = null;
let isTravelling = false;

const buttons = () => {
  document.getElementById("undo").disabled = !past.length;
  document.getElementById("redo").disabled = !future.length;
};

const note = (now, seen, isForeign) => {
  if (isForeign) [past, future] = [[], []];
  else if (last && last.stored !== now.stored && !isTravelling) {
    past = [...past, last].slice(-MOST);
    future = [];
  }
  last = { stored: now.stored, chosen: now.chosen };
  buttons();
};

const travel = async (from, to) => {
  const target = from.pop();
  if (!target) return;
  to.push(last);
  isTravelling = true;
  await send("restore/", () => ({ document: target.stored, seen: current().seen, block: target.chosen }));
  isTravelling = false;
  buttons();
  await showProperties(current().chosen, true);
};

export const undo = () => travel(past, future);
export const redo = () => travel(future, past);

export const history = () => {
  document.getElementById("undo").addEventListener("click", undo);
  document.getElementById("redo").addEventListener("click", redo);
  onDocument.add(note);
};
