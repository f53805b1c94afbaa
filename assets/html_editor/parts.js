// The tabs: HTML, the text made from it, the merchant's own text.
const panels = [...document.querySelectorAll("[data-panel]")];
const tabs = [...document.querySelectorAll("[data-tab]")];
const made = document.getElementById("made-text");

let asked = null;

const fetchMade = async (form) => {
  asked?.abort();
  asked = new AbortController();
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.append("html", form.elements.html.value);
  try {
    const answer = await fetch(form.dataset.text, { method: "POST", body, signal: asked.signal });
    made.textContent = await answer.text();
    made.dataset.ok = String(answer.ok);
  } catch (problem) {
    if (problem.name !== "AbortError")
      made.textContent = document.getElementById("preview-state").dataset.failed;
  }
};

const choose = (form, name) => {
  for (const panel of panels) panel.hidden = panel.dataset.panel !== name;
  for (const tab of tabs) {
    const isChosen = tab.dataset.tab === name;
    tab.setAttribute("aria-selected", String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
  }
  if (name === "made") fetchMade(form);
};

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

export const parts = (form) => {
  document.querySelector("[data-parts]").hidden = false;
  for (const panel of panels) {
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", `tab-${panel.dataset.panel}`);
  }
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => choose(form, tab.dataset.tab));
    tab.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      const next = tabs[(index + step + tabs.length) % tabs.length];
      next.focus();
      choose(form, next.dataset.tab);
    });
  });
  document.getElementById("take-made").addEventListener("click", () => {
    const own = form.elements.text;
    if (made.dataset.ok !== "true") return;
    if (!own.value.trim()) {
      own.value = made.textContent;
      own.dispatchEvent(new Event("input", { bubbles: true }));
    }
    choose(form, "own");
    own.focus();
  });
  document.addEventListener(
    "fanfare:goto",
    ({ detail }) => {
      choose(form, detail.part === "text" ? "own" : "html");
    },
    true,
  );
  const hasTextError = form.querySelector("[data-panel=own] [aria-invalid=true]");
  choose(form, hasTextError ? "own" : "html");
};
