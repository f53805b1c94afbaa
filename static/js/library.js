// The library of templates: messages scaled to their mats, and keys. Without it, a mat shows a message's upper part.
(() => {
  "use strict";

  // A card's frame runs nothing, but its place may be measured: how high the message is that it shows.
  const WIDTH = 640;
  const HIGHEST = 12000;
  const MARGIN = 12;

  const fit = (frame) => {
    const page = frame.contentDocument;
    if (!page?.body || page.URL === "about:blank") return;
    frame.style.height = "1px"; // so that nothing is as high as the frame only because of the frame
    const height = Math.min(Math.max(page.documentElement.scrollHeight, page.body.scrollHeight, 80), HIGHEST);
    frame.style.height = `${height}px`;
    scale(frame);
    frame.toggleAttribute("data-fitted", true);
  };

  const scale = (frame) => {
    const { clientWidth, clientHeight } = frame.parentElement;
    const most = [(clientWidth - 2 * MARGIN) / WIDTH, (clientHeight - 2 * MARGIN) / frame.offsetHeight];
    frame.style.transform = `translate(-50%, -50%) scale(${Math.min(...most)})`;
  };

  const frames = () => document.querySelectorAll(".library-mat iframe");
  document.documentElement.classList.add("is-fitting");
  document.addEventListener(
    "load",
    (event) => event.target.matches?.(".library-mat iframe") && fit(event.target),
    true,
  );
  for (const frame of frames()) if (frame.contentDocument?.readyState === "complete") fit(frame);
  addEventListener("resize", () => {
    for (const frame of frames()) if (frame.hasAttribute("data-fitted")) scale(frame);
  });

  // Keys of one sign can be turned off: speech and switch input may press them by accident (WCAG 2.1.4).
  const STORED = "library-single-keys";
  const areOn = () => localStorage.getItem(STORED) !== "off";
  const box = document.getElementById("single-keys");
  if (box) {
    box.checked = areOn();
    box.addEventListener("change", () => localStorage.setItem(STORED, box.checked ? "on" : "off"));
  }

  const isTyping = (target) =>
    target.closest?.("input, textarea, select, [contenteditable], dialog, details[open]");
  const links = () => [...document.querySelectorAll("#cards .library-link")];

  const perform = {
    "/": () => document.getElementById("q")?.focus(),
    n: () => document.getElementById("new-template")?.click(),
    f: () => document.activeElement.closest?.(".library-card")?.querySelector(".library-star")?.click(),
  };

  // How many cards stand beside each other: those as high on the page as the first.
  const columns = (cards) => cards.filter((card) => card.offsetTop === cards[0].offsetTop).length;

  const goFrom = (link, key) => {
    const all = links();
    const row = columns(all.map((one) => one.closest(".library-card")));
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row }[key];
    return all[all.indexOf(link) + step];
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const link = event.target.closest?.(".library-card")?.querySelector(".library-link");
    if (key in perform && areOn()) {
      event.preventDefault();
      perform[key]();
    } else if (link && key.startsWith("Arrow")) {
      event.preventDefault();
      goFrom(link, key)?.focus();
    }
  });

  // From the search field down to what was found.
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "q" || event.key !== "ArrowDown") return;
    event.preventDefault();
    links()[0]?.focus();
  });
})();
