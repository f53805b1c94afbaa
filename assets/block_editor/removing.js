import { current, send, toast } from "./changes.js";
import { closeSheet } from "./choosing.js";
import { undo } from "./history.js";

const root = document.getElementById("block-editor");

// Remove the chosen block; for some seconds a press brings it back.
export const remove = async () => {
  const id = current().chosen;
  if (!id || document.getElementById(`outline-${id}`)?.hasAttribute("data-fixed")) return;
  const was = current().seen;
  await send(`${id}/remove/`);
  if (current().seen === was) return;
  closeSheet(); // another block is chosen now, which nobody asked for
  toast(root.dataset.removed, { label: root.dataset.undo, act: undo });
};
