// CodeMirror over textareas marked data-editor="html": the textarea stays the form's field.
import { basicSetup, EditorView } from "codemirror";
import { html } from "@codemirror/lang-html";

for (const area of document.querySelectorAll("textarea[data-editor=html]")) {
  const view = new EditorView({
    doc: area.value,
    extensions: [
      basicSetup,
      html(),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": area.labels[0]?.textContent ?? "HTML" }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) area.value = update.state.doc.toString();
      }),
      EditorView.theme(
        {
          "&": { color: "var(--text-primary)", fontSize: "13px" },
          ".cm-content": { caretColor: "var(--text-primary)", fontFamily: "var(--mono)" },
          ".cm-gutters": { backgroundColor: "var(--bg-sunken)", color: "var(--text-muted)", border: "none" },
          ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--accent-soft)" },
          "&.cm-focused .cm-cursor": { borderLeftColor: "var(--text-primary)" },
          ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": { backgroundColor: "var(--bg-hover) !important" },
        },
        { dark: getComputedStyle(document.documentElement).colorScheme === "dark" },
      ),
    ],
  });
  area.hidden = true;
  area.required = false;
  area.insertAdjacentElement("afterend", view.dom);
  document.addEventListener("fanfare:insert", (event) => {
    view.dispatch(view.state.replaceSelection(event.detail));
    view.focus();
  });
}
