// The message beside the text, made by the server some time after the last change. Each one is a frame of its own, put in
// the place of the one before when it is there: so nothing flickers, and the browser's history stays as it was. A later
// change takes the frame of the earlier away, which ends its request.
const AFTER = 500; // ms without a change

const stage = document.getElementById("stage");
const state = document.getElementById("preview-state");

export const frame = () => stage.querySelector("iframe[data-shown]");

let number = 0;
let pending = null;

const field = (name, value) => {
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = name;
  input.value = value;
  return input;
};

const ask = (form, area) => {
  pending?.remove();
  number += 1;
  const next = document.createElement("iframe");
  next.name = `message-${number}`;
  next.title = stage.dataset.title;
  next.tabIndex = -1;
  next.dataset.waiting = "";
  stage.append(next);
  pending = next;
  state.textContent = state.dataset.making;
  const post = document.createElement("form");
  post.method = "post";
  post.action = form.dataset.message;
  post.target = next.name;
  post.hidden = true;
  post.append(
    field("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value),
    field("html", area.value),
    field("text", form.elements.text.value),
    field("contact", new URLSearchParams(location.search).get("contact") ?? ""),
    field("dark", stage.dataset.mode === "dark" ? "1" : ""),
  );
  document.body.append(post);
  next.addEventListener("load", () => arrived(next));
  post.submit();
  post.remove();
};

const arrived = (next) => {
  if (next !== pending || next.contentWindow?.location.href === "about:blank") return;
  pending = null;
  const page = next.contentDocument;
  if (!page?.body) {
    next.remove(); // an error page of the browser, or one that must not stand in a frame
    state.textContent = state.dataset.failed;
    return;
  }
  const before = frame();
  if (before && page.body.hasAttribute("data-problem")) {
    state.textContent = page.body.textContent.trim(); // half a tag is no reason to take the message away
    next.remove();
    return;
  }
  state.textContent = "";
  const top = before?.contentDocument?.scrollingElement?.scrollTop ?? 0;
  page.scrollingElement.scrollTop = top;
  // Links lead away from the editor: they open beside it.
  for (const link of page.links) link.target = "_blank";
  delete next.dataset.waiting;
  next.dataset.shown = "";
  before?.remove();
  stage.dispatchEvent(new CustomEvent("fanfare:shown"));
};

const empty = (form) => {
  pending?.remove();
  pending = null;
  frame()?.remove();
  state.textContent = form.dataset.empty;
};

export const preview = (form, area) => {
  let timer = 0;
  const make = () => (area.value.trim() ? ask(form, area) : empty(form));
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(make, AFTER);
  });
  for (const button of document.querySelectorAll("[data-stage-width]")) {
    button.addEventListener("click", () => {
      stage.dataset.width = button.dataset.stageWidth;
      for (const other of document.querySelectorAll("[data-stage-width]")) {
        other.setAttribute("aria-pressed", String(other === button));
      }
    });
  }
  const dark = document.getElementById("stage-dark");
  dark.addEventListener("click", () => {
    stage.dataset.mode = stage.dataset.mode === "dark" ? "" : "dark";
    dark.setAttribute("aria-pressed", String(stage.dataset.mode === "dark"));
    make();
  });
  make();
};
