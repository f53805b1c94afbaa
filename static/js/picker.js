// Choosing among many: what is chosen stands as chips, and a search field (a combobox) adds to them and takes away. HTMX
// fetches what is found; without JavaScript the form is sent and comes back with it.
(() => {
  "use strict";

  const searchOf = (picker) => picker.querySelector("[role=combobox]");
  const foundOf = (picker) => picker.querySelector(".picker-found");
  const optionsOf = (picker) => [...picker.querySelectorAll("[role=option]")];
  const chipsOf = (picker) => [...picker.querySelectorAll("[data-chosen] > li")];
  const chipWith = (picker, value) =>
    chipsOf(picker).find((chip) => chip.querySelector("input").value === value);
  const activeOf = (picker) => picker.querySelector("[role=option].is-active");
  const nameOf = (element) => element.textContent.trim();
  const isOpen = (picker) => !foundOf(picker).hidden;

  const on = (type, selector, act, capture = false) =>
    document.addEventListener(
      type,
      (event) => {
        const element = event.target.closest?.(selector);
        const picker = element?.closest("[data-picker]");
        if (picker) act(picker, event, element);
      },
      capture,
    );

  const activate = (picker, option) => {
    for (const one of optionsOf(picker)) one.classList.toggle("is-active", one === option);
    if (option) searchOf(picker).setAttribute("aria-activedescendant", option.id);
    else searchOf(picker).removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  };

  const mark = (picker) => {
    for (const option of optionsOf(picker)) {
      option.setAttribute("aria-selected", String(Boolean(chipWith(picker, option.dataset.value))));
    }
  };

  const open = (picker) => {
    const list = picker.querySelector("[role=listbox]");
    foundOf(picker).hidden = false;
    searchOf(picker).setAttribute("aria-expanded", String(Boolean(list)));
    if (list) searchOf(picker).setAttribute("aria-controls", list.id);
    activate(picker, null);
    mark(picker);
  };

  const close = (picker) => {
    activate(picker, null);
    foundOf(picker).hidden = true;
    searchOf(picker).setAttribute("aria-expanded", "false");
  };

  // The form hears of it as of any field.
  const tell = (picker, what, name) => {
    const status = picker.querySelector("[role=status]");
    status.textContent = `${status.dataset[what]} ${name}`;
    mark(picker);
    picker.querySelector("[data-chosen]").dispatchEvent(new Event("change", { bubbles: true }));
  };

  const add = (picker, option) => {
    const chip = picker.querySelector("template").content.firstElementChild.cloneNode(true);
    chip.querySelector("input").value = option.dataset.value;
    for (const place of chip.querySelectorAll("[data-name]")) place.textContent = nameOf(option);
    for (const place of chip.querySelectorAll("[data-kind]")) place.textContent = option.dataset.kind;
    if (picker.hasAttribute("data-one")) {
      for (const other of chipsOf(picker)) other.remove();
      close(picker);
    }
    const chosen = picker.querySelector("[data-chosen]");
    chosen.append(chip);
    chosen.scrollTop = chosen.scrollHeight;
    tell(picker, "added", nameOf(option));
  };

  const remove = (picker, chip) => {
    chip.remove();
    tell(picker, "removed", nameOf(chip.querySelector("[data-name]")));
  };

  const toggle = (picker, option) => {
    const chip = chipWith(picker, option.dataset.value);
    if (chip) remove(picker, chip);
    else add(picker, option);
    searchOf(picker).select(); // typing on begins the next search
  };

  const step = (picker, by) => {
    const options = optionsOf(picker);
    const at = options.indexOf(activeOf(picker));
    activate(
      picker,
      at < 0 ? options.at(by > 0 ? 0 : -1) : options[(at + by + options.length) % options.length],
    );
  };

  on("keydown", "[role=combobox]", (picker, event, search) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (isOpen(picker)) step(picker, event.key === "ArrowDown" ? 1 : -1);
      else search.dispatchEvent(new Event("ask"));
    } else if (event.key === "Enter") {
      event.preventDefault(); // never the form's: a search is not meant to save it
      if (isOpen(picker) && activeOf(picker)) toggle(picker, activeOf(picker));
    } else if (event.key === "Escape" && isOpen(picker)) {
      event.preventDefault();
      close(picker);
    }
  });
  on("htmx:afterSwap", ".picker-found", (picker) => {
    if (document.activeElement === searchOf(picker)) open(picker);
  });
  on("mousedown", ".picker-found", (picker, event) => event.preventDefault()); // the cursor stays in the search
  on("click", "[role=option]", (picker, event, option) => toggle(picker, option));
  on("click", "[data-remove]", (picker, event, button) => {
    const chip = button.closest("li");
    const next = chip.nextElementSibling ?? chip.previousElementSibling;
    remove(picker, chip);
    (next?.querySelector("[data-remove]") ?? searchOf(picker)).focus();
  });
  on("focusout", "[data-picker]", (picker, event) => {
    if (picker.contains(event.relatedTarget)) return;
    close(picker);
    searchOf(picker).value = "";
  });
  // What is typed to search is no change of the form.
  on("change", "[role=combobox]", (picker, event) => event.stopPropagation(), true);
})();
