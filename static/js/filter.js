// A search field above a long <select>: typing leaves the options that contain the words, and Enter takes the first one.
// Without JavaScript the field stays hidden, and the list is whole.
(() => {
  "use strict";

  const wholeLists = new WeakMap(); // each list as the server sent it
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  const listOf = (field) => document.getElementById(field.dataset.filters);

  const reveal = (root) => {
    for (const field of root.querySelectorAll("[data-filters]")) field.hidden = false;
  };

  // The options that contain all words, in their own text or their group's. Options are taken out, because some
  // browsers show hidden ones.
  const narrow = (field) => {
    const list = listOf(field);
    if (!wholeLists.has(list)) wholeLists.set(list, list.cloneNode(true));
    const words = fold(field.value).split(/\s+/).filter(Boolean);
    const kept = wholeLists.get(list).cloneNode(true);
    for (const option of kept.querySelectorAll("option")) {
      const text = fold(`${option.closest("optgroup")?.label ?? ""} ${option.textContent}`);
      if (option.value && !words.every((word) => text.includes(word))) option.remove();
    }
    for (const group of kept.querySelectorAll("optgroup")) {
      if (!group.querySelector("option")) group.remove();
    }
    list.replaceChildren(...kept.children);
    list.size = words.length ? Math.min(8, Math.max(2, list.querySelectorAll("option, optgroup").length)) : 0;
  };

  const take = (field) => {
    const list = listOf(field);
    const first = [...list.options].find((option) => option.value);
    if (!first || !field.value.trim()) return;
    list.value = first.value;
    list.dispatchEvent(new Event("change", { bubbles: true }));
  };

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-filters]")) narrow(event.target);
  });
  // What is searched for is no answer of the form.
  document.addEventListener(
    "change",
    (event) => {
      if (event.target.matches("[data-filters]")) event.stopPropagation();
    },
    true,
  );
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches("[data-filters]")) return;
    if (event.key === "Enter") {
      event.preventDefault();
      take(event.target);
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      listOf(event.target).focus();
    }
  });
  document.addEventListener("htmx:load", (event) => reveal(event.target));
  reveal(document);
})();
