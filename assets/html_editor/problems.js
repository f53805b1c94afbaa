// What the server finds is underlined at its place. The list beside the text has all that is said of each.
import { setDiagnostics } from "@codemirror/lint";
import { replaceAll } from "./code.js";

const list = document.getElementById("check-list");
const count = document.getElementById("check-count");

const rangeOf = (doc, line, column) => {
  const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const from = Math.min(at.from + column - 1, at.to);
  const rest = doc.sliceString(from, Math.min(from + 200, doc.length));
  const tag = /^\{\{[\s\S]*?\}\}|^\{%[\s\S]*?%\}|^<\/?[\w:-]+|^\*\|.*?\|\*|^[\w:-]+/.exec(rest);
  const to = Math.min(from + (tag ? tag[0].length : 1), doc.length);
  return { from: Math.min(from, to), to };
};

const diagnostic = (item, doc) => {
  const { line, column } = item.querySelector("[data-goto]").dataset;
  const button = item.querySelector("[data-replace]");
  const actions = button
    ? [
        {
          name: button.textContent.trim(),
          apply: (view) => replaceAll(view, button.dataset.old, button.dataset.new),
        },
      ]
    : [];
  return {
    ...rangeOf(doc, Number(line), Number(column)),
    severity: item.dataset.level === "warning" ? "warning" : "error",
    message: item.querySelector("[data-about]").textContent.trim(),
    actions,
  };
};

export const problems = (view, part) => {
  const show = () => {
    const items = [...list.querySelectorAll("li[data-level]")];
    const ours = items.filter((item) => item.querySelector("[data-goto]").dataset.goto === part);
    const found = ours.map((item) => diagnostic(item, view.state.doc));
    view.dispatch(setDiagnostics(view.state, found));
    count.hidden = items.length === 0;
    count.textContent = items.length;
    count.dataset.tone = items.some((item) => item.dataset.level !== "warning") ? "danger" : "warning";
  };
  list.addEventListener("htmx:afterSettle", show);
  show();
};
