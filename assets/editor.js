// CodeMirror over textareas marked data-editor="html": the textarea stays the form's field.
import { basicSetup, EditorView } from "codemirror";
import { html } from "@codemirror/lang-html";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { tags } from "@lezer/highlight";

// The product's own colours: they keep their contrast in both themes.
const colours = HighlightStyle.define([
  { tag: [tags.tagName, tags.keyword, tags.className], color: "var(--accent-text)" },
  { tag: [tags.attributeName, tags.propertyName], color: "var(--warning-text)" },
  {
    tag: [tags.attributeValue, tags.string, tags.number, tags.atom, tags.unit, tags.color],
    color: "var(--success-text)",
  },
  {
    tag: [tags.comment, tags.documentMeta, tags.meta, tags.processingInstruction],
    color: "var(--text-muted)",
  },
  { tag: tags.invalid, color: "var(--danger-text)" },
]);

for (const area of document.querySelectorAll("textarea[data-editor=html]")) {
  // In a shadow root CodeMirror uses constructed style sheets, which the strict content security policy allows; in the
  // document it would insert a <style> element, which it does not.
  const host = document.createElement("div");
  host.className = "editor-host";
  const root = host.attachShadow({ mode: "open" });
  area.insertAdjacentElement("afterend", host);
  const view = new EditorView({
    doc: area.value,
    root,
    parent: root,
    extensions: [
      basicSetup,
      html(),
      syntaxHighlighting(colours),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": area.labels[0]?.textContent.trim() ?? "HTML" }),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        area.value = update.state.doc.toString();
        area.dispatchEvent(new Event("input", { bubbles: true }));
      }),
      EditorView.theme(
        {
          "&": { color: "var(--text-primary)", fontSize: "13px", height: "34rem", maxHeight: "70vh" },
          "&.cm-focused": { outline: "none" },
          ".cm-scroller": { overflow: "auto" },
          ".cm-content": { caretColor: "var(--text-primary)", fontFamily: "var(--mono)" },
          ".cm-gutters": { backgroundColor: "var(--bg-sunken)", color: "var(--text-muted)", border: "none" },
          ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--accent-soft)" },
          "&.cm-focused .cm-cursor": { borderLeftColor: "var(--text-primary)" },
          ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": {
            backgroundColor: "var(--bg-hover) !important",
          },
        },
        { dark: getComputedStyle(document.documentElement).colorScheme === "dark" },
      ),
    ],
  });
  view.scrollDOM.tabIndex = 0;
  area.hidden = true;
  area.required = false;
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
    if (detail.part !== area.name) return;
    const text = view.state.doc.toString();
    const changes = [];
    for (let at = text.indexOf(detail.old); at >= 0; at = text.indexOf(detail.old, at + detail.old.length)) {
      changes.push({ from: at, to: at + detail.old.length, insert: detail.written });
    }
    view.dispatch({ changes });
  });
}
