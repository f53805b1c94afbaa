// Text with bold, italic, links, lists and merge tags over a textarea, which stays the form's field.
import { Editor, Node } from "@tiptap/core";
import StarterKit from "@tiptap/starter-kit";

const TAG = /\{\{[^{}]*\}\}/g;
const SIMPLE = /^\{\{\s*([\w.]+)\s*(?:\|\s*default:\s*(?:"([^"]*)"|'([^']*)'))?\s*\}\}$/;
let focused = null; // the editor that had the cursor last

const MergeTag = Node.create({
  name: "mergeTag",
  group: "inline",
  inline: true,
  atom: true,
  addAttributes: () => ({ source: { default: "" } }),
  parseHTML: () => [{ tag: "span[data-merge]", getAttrs: (element) => ({ source: element.dataset.merge }) }],
  renderHTML: ({ node }) => [
    "span",
    { "data-merge": node.attrs.source, class: "merge-chip" },
    node.attrs.source.match(SIMPLE)?.[1] ?? node.attrs.source,
  ],
});

// "{{ name }}" in the text becomes a chip; in an address it stays as it is.
const withChips = (html) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    if (!text.data.includes("{{")) continue;
    const parts = document.createDocumentFragment();
    let end = 0;
    for (const found of text.data.matchAll(TAG)) {
      parts.append(text.data.slice(end, found.index));
      const chip = page.createElement("span");
      chip.dataset.merge = found[0];
      parts.append(chip);
      end = found.index + found[0].length;
    }
    parts.append(text.data.slice(end));
    text.replaceWith(parts);
  }
  return page.body.innerHTML;
};

const withoutChips = (html) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const chip of page.querySelectorAll("span[data-merge]")) chip.replaceWith(chip.dataset.merge);
  // What stands in a merge tag is the merge language's, not HTML.
  const plain = document.createElement("textarea");
  return page.body.innerHTML.replace(TAG, (tag) => {
    plain.innerHTML = tag;
    return plain.value;
  });
};

const ACTIONS = {
  bold: (chain) => chain.toggleBold(),
  italic: (chain) => chain.toggleItalic(),
  bullets: (chain) => chain.toggleBulletList(),
  numbers: (chain) => chain.toggleOrderedList(),
};
const NAMES = { bold: "bold", italic: "italic", bullets: "bulletList", numbers: "orderedList", link: "link" };

const toolbar = (host, editor) => {
  const bar = document.getElementById("rich-text-bar").content.firstElementChild.cloneNode(true);
  const address = bar.querySelector("[data-address]");
  const fallback = bar.querySelector("[data-fallback]");
  const show = () => {
    for (const button of bar.querySelectorAll("[data-act]")) {
      button.setAttribute("aria-pressed", String(editor.isActive(NAMES[button.dataset.act])));
    }
    const found = editor.isActive("mergeTag") && editor.getAttributes("mergeTag").source.match(SIMPLE);
    fallback.hidden = !found;
    if (found) fallback.querySelector("input").value = found[2] ?? found[3] ?? "";
  };
  bar.addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (!act) return;
    if (act !== "link") {
      ACTIONS[act](editor.chain().focus()).run();
      return;
    }
    address.hidden = !address.hidden;
    address.querySelector("input").value = editor.getAttributes("link").href ?? "";
    if (!address.hidden) address.querySelector("input").focus();
  });
  const setLink = () => {
    const href = address.querySelector("input").value.trim();
    const chain = editor.chain().focus().extendMarkRange("link");
    if (href) chain.setLink({ href }).run();
    else chain.unsetLink().run();
    address.hidden = true;
  };
  address.querySelector("button").addEventListener("click", setLink);
  address.querySelector("input").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    if (event.key === "Enter") setLink();
    else address.hidden = true;
  });
  fallback.querySelector("input").addEventListener("input", (event) => {
    const name = editor.getAttributes("mergeTag").source?.match(SIMPLE)?.[1];
    if (!name) return;
    const words = event.target.value.replaceAll('"', "");
    const source = words ? `{{ ${name} | default: "${words}" }}` : `{{ ${name} }}`;
    editor.commands.updateAttributes("mergeTag", { source });
  });
  // Fields of the toolbar are no fields of the block.
  bar.addEventListener("input", (event) => event.stopPropagation());
  editor.on("transaction", show);
  show();
  host.prepend(bar);
};

const wake = (area, changed) => {
  area.dataset.awake = "yes";
  area.hidden = true;
  const host = document.createElement("div");
  host.className = "rich-text";
  area.insertAdjacentElement("afterend", host);
  const editor = new Editor({
    element: host,
    injectCSS: false,
    content: withChips(area.value),
    extensions: [
      StarterKit.configure({
        heading: false,
        code: false,
        codeBlock: false,
        blockquote: false,
        strike: false,
        underline: false,
        horizontalRule: false,
        trailingNode: false,
        link: { openOnClick: false, defaultProtocol: "https", HTMLAttributes: { target: null, rel: null } },
      }),
      MergeTag,
    ],
    editorProps: {
      attributes: {
        "aria-label": area.labels[0]?.textContent.trim() ?? "",
        "aria-multiline": "true",
        role: "textbox",
      },
    },
    onFocus: () => {
      focused = editor;
    },
    onUpdate: () => {
      area.value = withoutChips(editor.getHTML());
      changed();
    },
  });
  toolbar(host, editor);
};

export const richTexts = (panel, changed) => {
  for (const area of panel.querySelectorAll("textarea[data-rich-text]:not([data-awake])"))
    wake(area, changed);
};

export const leaveRichText = () => {
  focused = null;
};

// Whether the cursor stood in such a text, and the merge tag is there now.
export const insertIntoRichText = (source) => {
  if (!focused?.view?.dom?.isConnected) return false;
  focused.chain().focus().insertContent({ type: "mergeTag", attrs: { source } }).run();
  return true;
};
