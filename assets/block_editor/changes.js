// Everything that changes the message goes through here, one after the other, and comes back as the outline.
const root = document.getElementById("block-editor");
const listeners = [];
let queue = Promise.resolve();
let waiting = 0;

const RETRY = 3000; // milliseconds
const MOST_FAULTS = 5; // of the server, before a change is given up
let isUnsaved = false;

export const current = () => {
  const outline = document.getElementById("outline");
  return {
    chosen: outline.dataset.chosen,
    seen: outline.dataset.seen,
    before: outline.dataset.before ?? "",
    stored: document.getElementById("document").textContent,
    problem: outline.dataset.problem ?? "",
  };
};

export const block = (id) => JSON.parse(current().stored).blocks.find((one) => one.id === id);

// Called with what is current after each change, and once at the beginning.
export const onDocument = {
  add: (listener) => listeners.push(listener),
  start: () => listeners.forEach((listener) => listener(current(), "")),
};

export const say = (text) => {
  document.getElementById("announcement").textContent = text;
};

export const toast = (text, action) => {
  const box = document.createElement("div");
  box.className = "toast";
  const words = document.createElement("p");
  words.textContent = text;
  box.append(words);
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = action.label;
    button.addEventListener("click", () => {
      box.remove();
      action.act();
    });
    box.append(button);
  }
  document.getElementById("toasts").append(box);
  setTimeout(() => box.remove(), 8000);
};

const show = (state) => {
  const shown = document.getElementById("save-state");
  shown.textContent = root.dataset[state];
  shown.dataset.state = state;
};

// Each part of the answer takes the place of the one with its id. Not by htmx: it copies the attributes of what was there
// for a moment, among them the empty `style` that Sortable leaves behind, which the policy of this page refuses.
const replaceParts = (text) => {
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const part of [...page.body.children]) document.getElementById(part.id)?.replaceWith(part);
};

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const post = async (path, values) => {
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  for (let faults = 0; ;) {
    try {
      const answer = await fetch(new URL(path, location.origin + root.dataset.base), {
        method: "POST",
        body: values,
        headers: { ...headers, "HX-Request": "true" },
      });
      faults += 1;
      if (answer.status < 500 || faults === MOST_FAULTS) return answer;
    } catch {
      // No connection: what was typed stays here until there is one.
    }
    show("offline");
    await wait(RETRY);
  }
};

const perform = async (path, values) => {
  const body = values instanceof FormData ? values : new FormData();
  if (body !== values) Object.entries(values).forEach(([name, value]) => body.append(name, value));
  show("saving");
  const answer = await post(path, body);
  const text = await answer.text();
  isUnsaved = !answer.ok || !text.includes('id="outline"');
  if (isUnsaved) {
    show("unsaved");
    toast([204, 403].includes(answer.status) ? root.dataset.signedOut : root.dataset.refused);
    return false;
  }
  const seen = current().seen;
  replaceParts(text);
  const now = current();
  const isRefused = now.problem || document.querySelector("#block-notes")?.textContent.trim();
  show(isRefused ? "unsaved" : "saved");
  if (now.problem) toast(now.problem);
  const isForeign = now.before !== seen;
  listeners.forEach((listener) => listener(now, seen, isForeign));
  return true;
};

// Send a change after those before it. `values` is an object or FormData, or a function that makes it when it is time.
export const send = (path, values = {}) => {
  waiting += 1;
  queue = queue
    .then(() => perform(path, typeof values === "function" ? values() : values))
    .finally(() => {
      waiting -= 1;
    });
  return queue;
};

export const isWaiting = () => waiting > 0;
export const everythingSent = () => queue;

window.addEventListener("beforeunload", (event) => {
  if (waiting || isUnsaved) event.preventDefault();
});
