// Indents HTML with Prettier. Merge tags, comments (Outlook reads them) and style sheets are kept as they are, byte for
// byte; the result is compared with what there was, and given up where a reader could see a difference.
import { format as prettier } from "prettier/standalone";
import * as htmlPlugin from "prettier/plugins/html";

const COMMENT = /<!--[\s\S]*?-->/g;
const KEPT = /<!\[(?:if|endif)[\s\S]*?>|\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/gi;
const SHEET = /(<style\b[^>]*>)([\s\S]*?)(<\/style>)/gi;
const WORD = "kept"; // begins what stands for something kept; followed by a number and WORD again
const SHOWS_SPACE = /white-space\s*:\s*(?:pre|break-spaces)/i;
const INLINE_BLOCKS =
  /<(?!a|span|img|b|i|u|em|strong|font|small|label|sup|sub)[\w-]+[^>]*style\s*=[^>]*display\s*:\s*inline/i;
const INLINE_RULE = /<style[\s\S]*?display\s*:\s*inline[\s\S]*?<\/style>/i;

export const format = async (source) => {
  if (SHOWS_SPACE.test(source)) throw new Error("white space is shown");
  const kept = [];
  const mark = /kept\d+kept/i.test(source) ? null : WORD;
  if (!mark) throw new Error("the text has our own marks in it");
  const keep = (found) => {
    kept.push(found);
    const name = `${WORD}${kept.length - 1}${WORD}`;
    return found.startsWith("<!--") ? `<!--${name}-->` : name;
  };
  const hidden = source
    .replace(COMMENT, keep)
    .replace(SHEET, (_whole, start, css, end) => `${start}${css.trim() ? keep(css.trim()) : ""}${end}`)
    .replace(KEPT, keep);
  const isLoose = INLINE_BLOCKS.test(source) || INLINE_RULE.test(source);
  const written = await prettier(hidden, {
    parser: "html",
    plugins: [htmlPlugin],
    printWidth: 120,
    embeddedLanguageFormatting: "off",
    htmlWhitespaceSensitivity: isLoose ? "strict" : "css",
  });
  // What was kept may have something kept in it.
  const show = (text) =>
    text
      .replace(/<!--\s*(kept\d+kept)\s*-->/g, "$1")
      .replace(/kept(\d+)kept/g, (_whole, number) => kept[Number(number)]);
  const after = show(show(written));
  if (String(seen(plain(source))) !== String(seen(plain(after)))) throw new Error("it would look different");
  return after;
};

const BLOCKS = new Set(
  (
    "html head body title meta link style base table tbody thead tfoot tr td th caption colgroup col div p h1 h2 h3 h4 h5 h6 ul ol " +
    "li dl dt dd center section article header footer main nav aside address blockquote figure hr br form"
  ).split(" "),
);
const RAW = new Set(["style", "pre", "textarea", "script"]);

// Between rows a browser would move a condition out of the table; a comment stays.
const plain = (source) => source.replace(/\{%([\s\S]*?)%\}/g, "<!--$1-->");

// Everything of a document that a reader sees, in order. White space counts where it is shown: between words and inline
// elements, not at the edges of blocks.
const seen = (source) => {
  const [found, comments] = [[], []];
  const edge = () => {
    const last = found[found.length - 1];
    if (last?.startsWith("t:")) found[found.length - 1] = last.trimEnd();
    found.push("|");
  };
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      if (node.parentNode.localName !== "head") addText(found, node.data);
    } else if (node.nodeType === Node.COMMENT_NODE) {
      comments.push(node.data);
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      const name = node.localName;
      const isBlock = BLOCKS.has(name) && !/display\s*:\s*inline/i.test(node.getAttribute("style") ?? "");
      if (isBlock) edge();
      found.push(`<${name} ${attributes(node)}`);
      if (isBlock) edge();
      if (RAW.has(name)) found.push(`r:${name === "style" ? node.textContent.trim() : node.textContent}`);
      else node.childNodes.forEach(walk);
      if (isBlock) edge();
      found.push("/");
      if (isBlock) edge();
    }
  };
  walk(new DOMParser().parseFromString(source, "text/html").documentElement);
  return [...found.filter((one) => one !== "t:" && one !== "|"), ...comments];
};

const addText = (found, data) => {
  const text = data.replace(/[ \t\n\r\f]+/g, " ");
  const last = found[found.length - 1];
  if (last?.startsWith("t:")) {
    found[found.length - 1] = last.endsWith(" ") ? last + text.trimStart() : last + text;
  } else {
    found.push(`t:${last === "|" ? text.trimStart() : text}`);
  }
};

const attributes = (node) =>
  [...node.attributes].map((one) => `${one.name}=${one.value.replace(/\s+/g, " ").trim()}`).join("\n");
