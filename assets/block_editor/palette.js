// What can be added: pressed, it comes after the chosen block; dragged, where it is dropped.
import { reveal } from "./canvas.js";
import { current, send } from "./changes.js";
import { openSheet } from "./choosing.js";
import { flush } from "./properties.js";

const STEPS = { ArrowRight: 1, ArrowDown: 2, ArrowLeft: -1, ArrowUp: -2 };

export const palette = (root) => {
  const buttons = [...root.querySelectorAll("[data-add]")];
  root.addEventListener("click", async (event) => {
    const kind = event.target.closest("[data-add]")?.dataset.add;
    if (!kind) return;
    await flush();
    await send("add/", { kind, after: current().chosen });
    openSheet();
    reveal();
  });
  root.addEventListener("dragstart", (event) => {
    const kind = event.target.closest?.("[data-add]")?.dataset.add;
    if (kind) event.dataTransfer.setData("text/x-fanfare-kind", kind);
  });
  root.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(event.target);
    const step = STEPS[event.key];
    if (at < 0 || !step) return;
    event.preventDefault();
    buttons[Math.max(0, Math.min(at + step, buttons.length - 1))].focus();
  });
};
