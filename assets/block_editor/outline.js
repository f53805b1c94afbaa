// The outline: all blocks as a list that keys go through, and that can be put in another order.
import Sortable from "sortablejs";
import { choose, chosenRow, firstProperty, watchChoice } from "./choosing.js";
import { current, onDocument, say, send } from "./changes.js";
import { remove } from "./removing.js";

const root = document.getElementById("block-editor");
const list = () => document.getElementById("block-list");
const rows = () => [...list().children];

const sayPlace = () => {
  const row = chosenRow();
  if (!row) return;
  const place = rows().indexOf(row) + 1;
  const words = root.dataset.place.replace("%(place)s", place).replace("%(count)s", rows().length);
  say(`${row.dataset.label}: ${words}`);
};

export const move = async (step) => {
  const at = rows().indexOf(chosenRow());
  const place = at + step;
  if (at < 0 || place < 0 || place >= rows().length) return;
  await send(`${current().chosen}/move/`, { place });
  sayPlace();
};

const onKey = (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && event.altKey) {
    event.preventDefault();
    move(step);
  } else if (step) {
    event.preventDefault();
    const at = rows().indexOf(chosenRow());
    const next = rows()[Math.max(0, Math.min(at + step, rows().length - 1))];
    if (next) choose(next.dataset.block).then(sayPlace);
  } else if (event.key === "Home" || event.key === "End") {
    event.preventDefault();
    choose(rows().at(event.key === "Home" ? 0 : -1).dataset.block).then(sayPlace);
  } else if (event.key === "Enter") {
    event.preventDefault();
    firstProperty()?.focus();
  } else if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault();
    remove();
  }
};

// Each change brings a new list.
const wake = (hadFocus) => {
  list().setAttribute("aria-activedescendant", chosenRow()?.id ?? "");
  // On a phone the outline stands below the message: going there would take the message out of sight.
  const scrolls = getComputedStyle(list().closest(".block-editor-side")).overflowY === "auto";
  if (scrolls) chosenRow()?.scrollIntoView({ block: "nearest" });
  if (hadFocus) list().focus();
  if (list().dataset.awake) return;
  list().dataset.awake = "yes";
  list().addEventListener("keydown", onKey);
  list().addEventListener("click", (event) => {
    const row = event.target.closest("[data-block]");
    if (row) choose(row.dataset.block);
  });
  Sortable.create(list(), {
    animation: 120,
    delay: 150,
    delayOnTouchOnly: true,
    onEnd: ({ item, newIndex, oldIndex }) => {
      if (newIndex !== oldIndex) send(`${item.dataset.block}/move/`, { place: newIndex });
    },
  });
};

export const outline = () => {
  let hasFocus = false;
  document.addEventListener("focusin", (event) => {
    hasFocus = Boolean(event.target.closest("#block-list"));
  });
  onDocument.add(() =>
    wake(hasFocus && (document.activeElement === document.body || document.activeElement === list())),
  );
  watchChoice();
};
