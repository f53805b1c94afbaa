// The text and the message scroll in step. Elements that stand in both are the marks: what is between two of them moves
// evenly. Where conditions leave some out, the two are compared by their whole height.
import { frame } from "./preview.js";

const MARKS = /<!--[\s\S]*?-->|<(?:img|h[1-6]|a)(?=[\s>])/gi;
const IN_MESSAGE = "img, h1, h2, h3, h4, h5, h6, a";
const QUIET = 250; // ms in which a scroll is an echo of ours
const [TEXT, MESSAGE] = [0, 1];

const stage = document.getElementById("stage");

const placesInText = (view) => {
  const places = [];
  for (const found of view.state.doc.toString().matchAll(MARKS)) {
    if (!found[0].startsWith("<!--")) places.push(view.lineBlockAt(found.index).top);
  }
  return places;
};

const placesInMessage = (page) =>
  [...page.querySelectorAll(IN_MESSAGE)].map(
    (element) => element.getBoundingClientRect().top + page.scrollingElement.scrollTop,
  );

// Pairs of heights that belong together, both rising.
const pairs = (view, page) => {
  const found = [[0, 0]];
  const [text, message] = [placesInText(view), placesInMessage(page)];
  if (text.length === message.length) {
    text.forEach((top, index) => {
      const last = found[found.length - 1];
      if (top > last[TEXT] && message[index] > last[MESSAGE]) found.push([top, message[index]]);
    });
  }
  found.push([view.scrollDOM.scrollHeight, page.scrollingElement.scrollHeight]);
  return found;
};

const across = (height, table, from) => {
  const to = 1 - from;
  const later = table.findIndex((pair) => pair[from] > height);
  const next = later < 1 ? table.length - 1 : later;
  const [before, after] = [table[next - 1], table[next]];
  const part = (height - before[from]) / Math.max(1, after[from] - before[from]);
  return before[to] + part * (after[to] - before[to]);
};

const isAtEnd = (element) =>
  element.scrollTop > 0 && element.scrollTop >= element.scrollHeight - element.clientHeight - 1;

export const scrolling = (view) => {
  let quiet = { side: null, until: 0 };
  let waiting = 0;
  const hush = (side) => {
    quiet = { side, until: performance.now() + QUIET };
  };
  const move = (from) => {
    const page = frame()?.contentDocument;
    if (!page?.scrollingElement) return;
    const ends = [view.scrollDOM, page.scrollingElement];
    const [source, target] = [ends[from], ends[1 - from]];
    hush(1 - from);
    target.scrollTop = isAtEnd(source)
      ? target.scrollHeight
      : across(source.scrollTop, pairs(view, page), from);
  };
  const follow = (from) => {
    if (quiet.side === from && performance.now() < quiet.until) return;
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => move(from));
  };
  view.scrollDOM.addEventListener("scroll", () => follow(TEXT));
  stage.addEventListener("fanfare:shown", () => {
    hush(MESSAGE); // the new frame was scrolled to where the one before was
    frame().contentDocument.addEventListener("scroll", () => follow(MESSAGE));
  });
};
