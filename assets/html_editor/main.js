// The editor of a template's HTML: the text in CodeMirror, beside it the message as the server makes it. The textareas stay
// the form's fields: without this script they are the editor.
import { code } from "./code.js";
import { formatting } from "./formatting.js";
import { parts } from "./parts.js";
import { preview } from "./preview.js";
import { problems } from "./problems.js";
import { saving } from "./saving.js";
import { scrolling } from "./scrolling.js";

const form = document.getElementById("html-editor");
if (form) {
  const area = form.elements.html;
  const view = code(area);
  problems(view, area.name);
  formatting(form, view);
  parts(form);
  preview(form, area);
  scrolling(view);
  saving(form);
}
