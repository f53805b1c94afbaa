// The message as it is read, in a frame that runs nothing; above it what is chosen, and where something would land.
import { choose } from "./choosing.js";
import { current, onDocument, send } from "./changes.js";
import { flush } from "./properties.js";
import { remove } from "./removing.js";

const root = document.getElementById("block-editor");
const sheet = document.getElementById("sheet");
const frame = document.getElementById("message-frame");
const overlay = document.getElementById("overlay");
const hover = document.getElementById("block-hover");
const chosenBox = document.getElementById("block-chosen");
const line = document.getElementById("block-drop");
let asked = 0; // times that the message was asked for
let places = []; // {id, top, bottom} of each block, in pixels of the sheet

let isRevealing = false; // the chosen block is to be scrolled to as soon as it is in the message
const measured = []; // called when blocks may have moved

export const placeOf = (id) => places.find((place) => place.id === id);
export const onMeasured = (listener) => measured.push(listener);

const refresh = async () => {
  asked += 1;
  const number = asked;
  const answer = await fetch(frame.src);
  const text = await answer.text();
  if (!answer.ok || number !== asked) return; // a later one is on its way
  // Written into the frame's own document, whose policy lets the styles of the message be.
  frame.contentDocument.documentElement.innerHTML = text;
  measure();
};

export const setDark = (isDark) => {
  const address = new URL(frame.src);
  if (isDark) address.searchParams.set("dark", "1");
  else address.searchParams.delete("dark");
  frame.src = address;
};

const measure = () => {
  const page = frame.contentDocument;
  if (!page?.body) return;
  page.body.inert = true; // the outline is the way through the blocks for keys and screen readers
  page.documentElement.style.overflow = "hidden";
  places = [...page.querySelectorAll("[data-block]")].map((element) => {
    const box = element.getBoundingClientRect();
    return { id: element.dataset.block, top: box.top, bottom: box.bottom, left: box.left, width: box.width };
  });
  frame.style.height = `${page.body.scrollHeight}px`;
  mark();
  if (isRevealing) reveal();
  measured.forEach((listener) => listener());
};

// Scroll to the chosen block. A new one is in the message a moment later.
export const reveal = () => {
  isRevealing = !placeOf(current().chosen);
  if (!isRevealing) chosenBox.scrollIntoView({ block: "nearest", behavior: "smooth" });
};

const revealWhenDrawn = () => {
  isRevealing = true;
};

const lay = (box, place) => {
  box.hidden = !place;
  if (!place) return;
  box.style.top = `${place.top}px`;
  box.style.height = `${place.bottom - place.top}px`;
  box.style.left = `${place.left}px`;
  box.style.width = `${place.width}px`;
};

const mark = () => {
  const chosen = current().chosen;
  const row = document.getElementById(`outline-${chosen}`);
  lay(
    chosenBox,
    places.find((place) => place.id === chosen),
  );
  if (!row) return;
  chosenBox.querySelector(".block-label").textContent = row.dataset.label;
  for (const tool of root.querySelectorAll("[data-tool=remove], [data-tool=duplicate]")) {
    tool.hidden = row.hasAttribute("data-fixed");
  }
};

const at = (y) => places.find((place) => y >= place.top && y < place.bottom);
const height = (event) => event.clientY - overlay.getBoundingClientRect().top;

// Where something that is dropped at this height goes: the index among the blocks.
const landing = (y) => places.filter((place) => (place.top + place.bottom) / 2 < y).length;

const showLanding = (index) => {
  const before = places[index - 1];
  const after = places[index];
  const some = after ?? before;
  line.hidden = !some;
  if (!some) return;
  line.style.top = `${after ? after.top : before.bottom}px`;
  line.style.left = `${some.left}px`;
  line.style.width = `${some.width}px`;
};

const watchPointer = () => {
  overlay.addEventListener("pointermove", (event) => {
    const found = at(height(event));
    lay(hover, found && found.id !== current().chosen ? found : null);
  });
  overlay.addEventListener("pointerleave", () => lay(hover, null));
  overlay.addEventListener("click", (event) => {
    if (event.target.closest("button")) return;
    const found = at(height(event));
    if (found) choose(found.id);
  });
};

const watchTools = () => {
  root.addEventListener("click", async (event) => {
    const tool = event.target.closest("[data-tool]")?.dataset.tool;
    if (!tool) return;
    const id = current().chosen;
    const place = places.findIndex((one) => one.id === id);
    await flush();
    if (tool !== "remove") revealWhenDrawn();
    if (tool === "up") send(`${id}/move/`, { place: Math.max(place - 1, 0) });
    if (tool === "down") send(`${id}/move/`, { place: place + 1 });
    if (tool === "duplicate") send(`${id}/duplicate/`);
    if (tool === "remove") remove();
  });
};

const watchHandle = () => {
  const handle = chosenBox.querySelector(".block-handle");
  let index = null;
  handle.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    chosenBox.dataset.dragged = "";
    index = null;
  });
  handle.addEventListener("pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    index = landing(height(event));
    showLanding(index);
  });
  handle.addEventListener("lostpointercapture", () => {
    line.hidden = true;
    delete chosenBox.dataset.dragged;
    if (index === null) return;
    const id = current().chosen;
    const from = places.findIndex((one) => one.id === id);
    const place = index > from ? index - 1 : index;
    if (place !== from) send(`${id}/move/`, { place });
  });
};

const watchDrops = () => {
  overlay.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("text/x-fanfare-kind")) return;
    event.preventDefault();
    showLanding(landing(height(event)));
  });
  overlay.addEventListener("dragleave", () => {
    line.hidden = true;
  });
  overlay.addEventListener("drop", (event) => {
    const kind = event.dataTransfer.getData("text/x-fanfare-kind");
    line.hidden = true;
    if (!kind) return;
    event.preventDefault();
    const index = landing(height(event));
    // Before the first block there is none to stand after: it is added, and then moved there.
    const after = places[index - 1]?.id ?? "";
    flush()
      .then(() => send("add/", { kind, after }))
      .then(() => {
        if (!after) send(`${current().chosen}/move/`, { place: 0 });
      });
  });
};

export const canvas = () => {
  frame.addEventListener("load", () => {
    measure();
    // Pictures that arrive later make the message longer.
    frame.contentDocument.addEventListener("load", measure, true);
  });
  if (frame.contentDocument?.readyState === "complete") measure();
  new ResizeObserver(measure).observe(sheet);
  watchPointer();
  watchTools();
  watchHandle();
  watchDrops();
  onDocument.add((now, seen) => {
    mark();
    if (seen && seen !== now.seen) refresh();
  });
};
