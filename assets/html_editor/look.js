// The product's own colours: they keep their contrast in both themes.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

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

const theme = {
  "&": { color: "var(--text-primary)", fontSize: "13px", height: "100%" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { overflow: "auto", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--text-primary)", fontFamily: "var(--mono)" },
  ".cm-gutters": { backgroundColor: "var(--bg-sunken)", color: "var(--text-muted)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--accent-soft)" },
  "&.cm-focused .cm-cursor": { borderLeftColor: "var(--text-primary)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": {
    backgroundColor: "var(--bg-hover) !important",
  },
  ".cm-panels, .cm-tooltip": {
    backgroundColor: "var(--bg-card)",
    color: "var(--text-primary)",
    border: "1px solid var(--border)",
    fontFamily: "var(--font)",
  },
  ".cm-tooltip": { borderRadius: "6px", boxShadow: "var(--shadow)", overflow: "hidden" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "3px 8px", fontFamily: "var(--mono)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent-strong)",
    color: "#fff",
  },
  ".cm-completionDetail": { fontFamily: "var(--font)", fontStyle: "normal", opacity: "0.75" },
  ".cm-diagnostic": { maxWidth: "32rem", padding: "8px 12px", whiteSpace: "normal" },
  ".cm-diagnosticAction": {
    backgroundColor: "var(--accent-strong)",
    color: "#fff",
    padding: "4px 8px",
    marginLeft: "0",
    display: "block",
    marginTop: "6px",
  },
  ".cm-textfield": {
    backgroundColor: "var(--bg-primary)",
    color: "inherit",
    border: "1px solid var(--border-strong)",
  },
  ".cm-button": {
    backgroundImage: "none",
    backgroundColor: "var(--bg-hover)",
    color: "inherit",
    border: "1px solid var(--border)",
  },
};

export const look = () => [
  syntaxHighlighting(colours),
  EditorView.theme(theme, { dark: getComputedStyle(document.documentElement).colorScheme === "dark" }),
];
