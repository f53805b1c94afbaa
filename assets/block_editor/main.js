// The block editor: the message in the middle, what can be added and the outline on one side, the properties of the
// chosen block on the other. The server makes and keeps everything; this says what was pressed and shows what came back.
import { canvas } from "./canvas.js";
import { checks } from "./checks.js";
import { onDocument } from "./changes.js";
import { history } from "./history.js";
import { keys } from "./keys.js";
import { outline } from "./outline.js";
import { palette } from "./palette.js";
import { properties } from "./properties.js";
import { bar } from "./bar.js";

const root = document.getElementById("block-editor");
if (root) {
  bar(root);
  palette(root);
  outline();
  properties();
  canvas();
  keys();
  history();
  checks();
  onDocument.start();
}
