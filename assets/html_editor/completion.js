// What can be written inside a merge tag: names between {{ and }}, filters behind |, keywords behind {%. CodeMirror
// itself completes HTML and CSS.
import { EditorState } from "@codemirror/state";

const MOST = 300; // characters that a merge tag is looked for in

// The merge tag that the cursor stands in: its opening braces and what is written of it.
const openTag = (context) => {
  const start = Math.max(0, context.pos - MOST);
  const before = context.state.sliceDoc(start, context.pos);
  const at = Math.max(before.lastIndexOf("{{"), before.lastIndexOf("{%"));
  if (at < 0) return null;
  const written = before.slice(at + 2);
  return /[}%]\}/.test(written) ? null : { braces: before.slice(at, at + 2), written };
};

const closing = (context, braces) => {
  const after = context.state.sliceDoc(context.pos, context.pos + 3).trimStart();
  if (braces === "{{") return after.startsWith("}") ? "" : " }}";
  return after.startsWith("%") ? "" : " %}";
};

const option = (one, kind, end) => ({
  label: one.label,
  detail: one.detail,
  type: kind,
  apply: `${one.write ?? one.label}${end}`,
});

const source = (known) => (context) => {
  const tag = openTag(context);
  if (!tag) return null;
  const word = context.matchBefore(/[\w.]*/);
  const from = word?.from ?? context.pos;
  const before = tag.written.slice(0, tag.written.length - (context.pos - from));
  if (/\|\s*$/.test(before)) {
    return { from, options: known.filters.map((one) => option(one, "function", "")), validFor: /^\w*$/ };
  }
  if (tag.braces === "{%" && !before.trim()) {
    const end = closing(context, tag.braces);
    const space = before ? "" : " ";
    const options = known.keywords.map((one) => ({
      ...option(one, "keyword", end),
      apply: `${space}${one.write}${end}`,
    }));
    return { from, options, validFor: /^\w*$/ };
  }
  if (before.trim() && tag.braces === "{{") return null;
  const end = tag.braces === "{{" ? closing(context, tag.braces) : "";
  const space = before || tag.braces !== "{{" ? "" : " ";
  const options = known.names.map((one) => ({
    ...option(one, "variable", end),
    apply: `${space}${one.label}${end}`,
  }));
  return { from, options, validFor: /^[\w.]*$/ };
};

export const completion = (known) => {
  const autocomplete = source({ names: [], filters: [], keywords: [], ...known });
  return EditorState.languageData.of(() => [{ autocomplete }]);
};
