// CodeMirror over the textarea of the HTML. What is typed goes into the textarea at once.
import { basicSetup, EditorView } from "codemirror";
import { html } from "@codemirror/lang-html";
import { indentWithTab } from "@codemirror/commands";
import { EditorState } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { lintGutter } from "@codemirror/lint";
import { completion } from "./completion.js";
import { look } from "./look.js";

const read = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "{}");

// In a shadow root CodeMirror uses constructed style sheets, which the strict content security policy allows; in the
// document it would insert a <style> element, which it does not.
const hostBeside = (area) => {
  const host = document.createElement("div");
  host.className = "editor-host";
  area.insertAdjacentElement("afterend", host);
  return host.attachShadow({ mode: "open" });
};

const writing = (area) =>
  EditorView.updateListener.of((update) => {
    if (!update.docChanged) return;
    area.value = update.state.doc.toString();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });

export const code = (area) => {
  const root = hostBeside(area);
  const view = new EditorView({
    doc: area.value,
    root,
    parent: root,
    extensions: [
      basicSetup,
      html({ autoCloseTags: true }),
      completion(read("completions")),
      lintGutter(),
      // CodeMirror lets Tab leave the editor after Escape.
      keymap.of([indentWithTab]),
      EditorState.phrases.of(read("editor-phrases")),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": area.labels[0]?.textContent.trim() ?? "HTML" }),
      writing(area),
      look(),
    ],
  });
  view.scrollDOM.tabIndex = 0;
  area.hidden = true;
  area.required = false;
  listen(view, area);
  keepCursorInSight(view);
  return view;
};

// What stands below grows and shrinks: the cursor stays in sight.
const keepCursorInSight = (view) => {
  let height = 0;
  new ResizeObserver(() => {
    const now = view.dom.clientHeight;
    if (view.hasFocus && now < height) {
      view.dispatch({ effects: EditorView.scrollIntoView(view.state.selection.main.head, { y: "nearest" }) });
    }
    height = now;
  }).observe(view.dom);
};

const listen = (view, area) => {
  document.addEventListener("fanfare:insert", (event) => {
    view.dispatch(view.state.replaceSelection(event.detail));
    view.focus();
  });
  document.addEventListener("fanfare:goto", ({ detail }) => {
    if (detail.part !== area.name) return;
    const line = view.state.doc.line(Math.min(Math.max(detail.line, 1), view.state.doc.lines));
    const anchor = Math.min(line.from + detail.column - 1, line.to);
    view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
    view.focus();
  });
  document.addEventListener("fanfare:replace", ({ detail }) => {
    if (detail.part === area.name) replaceAll(view, detail.old, detail.written);
  });
};

export const replaceAll = (view, old, written) => {
  const text = view.state.doc.toString();
  const changes = [];
  for (let at = text.indexOf(old); at >= 0; at = text.indexOf(old, at + old.length)) {
    changes.push({ from: at, to: at + old.length, insert: written });
  }
  view.dispatch({ changes });
};
