// The bar above: name, width, light or dark.
import { setDark } from "./canvas.js";
import { everythingSent, isWaiting, toast } from "./changes.js";
import { flush, isTyped } from "./properties.js";

// What was typed a moment ago is saved before one leaves. Where that fails, the page says so and stays.
const saveFirst = async (event, leave) => {
  if (!isTyped() && !isWaiting()) return;
  event.preventDefault();
  event.stopPropagation();
  flush();
  if (await everythingSent()) leave();
};

const watchWaysOut = (bar) => {
  bar.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const opensElsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
    if (link && !opensElsewhere) saveFirst(event, () => location.assign(link.href));
  });
  bar.addEventListener("submit", (event) => {
    const form = event.target;
    saveFirst(event, () => form.requestSubmit());
  });
};

export const bar = (root) => {
  const name = document.getElementById("template-name");
  name.addEventListener("change", async () => {
    const body = new FormData();
    body.append("name", name.value);
    const headers = JSON.parse(document.body.getAttribute("hx-headers"));
    const answer = await fetch(`${root.dataset.base}rename/`, { method: "POST", body, headers });
    if (answer.ok) name.value = (await answer.json()).name;
    name.setAttribute("aria-invalid", String(answer.status === 422));
    if (answer.status === 422) toast((await answer.json()).problem);
  });
  watchWaysOut(root.querySelector(".block-editor-bar"));
  const widths = [...root.querySelectorAll("[data-sheet-width]")];
  for (const button of widths) {
    button.addEventListener("click", () => {
      document.getElementById("sheet").dataset.width = button.dataset.sheetWidth;
      for (const one of widths) one.setAttribute("aria-pressed", String(one === button));
    });
  }
  const dark = document.getElementById("sheet-dark");
  dark.addEventListener("click", () => {
    const isDark = dark.getAttribute("aria-pressed") !== "true";
    dark.setAttribute("aria-pressed", String(isDark));
    setDark(isDark);
  });
};
