// Small behaviours, attached to attributes. Every page works without them, except where a note says so.
(() => {
  "use strict";

  const on = (type, selector, act) =>
    document.addEventListener(type, (event) => {
      const element = event.target.closest?.(selector);
      if (element) act(event, element);
    });

  // The sidebar on small screens.
  on("click", "[data-menu-toggle]", () => {
    const open = document.body.toggleAttribute("data-menu-open");
    const button = document.querySelector(".menu-button");
    button?.setAttribute("aria-expanded", String(open));
    if (open) document.querySelector("#sidebar a")?.focus();
    else button?.focus();
  });

  // Menus close on Escape and on a click elsewhere.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (document.body.hasAttribute("data-menu-open")) document.querySelector(".menu-button").click();
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  // With the arrows one moves through a menu, from its search field on. Opened with a mouse or a key, the field is ready;
  // on a phone the keyboard would cover the names.
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details.menu[open]");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!menu || !step) return;
    event.preventDefault();
    const stops = [...menu.querySelectorAll("summary, input[type=search], .menu-list :is(a, button)")];
    stops[(stops.indexOf(event.target) + step + stops.length) % stops.length].focus();
  });
  document.addEventListener(
    "toggle",
    (event) => {
      if (!event.target.open || matchMedia("(pointer: coarse)").matches) return;
      event.target.querySelector?.(".switcher-search input")?.focus();
    },
    true,
  );

  // A list that would begin left of the screen begins at its button instead.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      const list = target.matches?.("details.menu[open]") && target.querySelector(".menu-list");
      if (list && list.getBoundingClientRect().left < 0) list.classList.add("start");
    },
    true,
  );

  // A form that came back shows what is wrong with it, also where that is far down the page.
  const error = document.querySelector("main .errorlist");
  error?.scrollIntoView({ block: "center" });
  error?.closest(".field")?.querySelector("[aria-invalid=true]")?.focus({ preventScroll: true });

  // Of an area's many pages, the one that is open is in view.
  document.querySelector(".subnav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

  // Toasts.
  on("click", "[data-dismiss]", (event, button) => button.parentElement.remove());

  // Forms that ask first. The dialog's words come from the form.
  on("submit", "form[data-confirm]", (event, form) => {
    if (form.dataset.confirmed) return;
    event.preventDefault();
    const dialog = document.getElementById("confirm");
    dialog.querySelector("h2").textContent = form.dataset.confirm;
    const yes = dialog.querySelector("[data-confirm-yes]");
    if (form.dataset.yes) yes.textContent = form.dataset.yes;
    const isMainAction = form.querySelector("button").dataset.variant === "primary";
    yes.dataset.variant = isMainAction ? "primary" : "danger-solid"; // red is for what takes something away
    dialog.returnValue = "no";
    dialog.showModal();
    dialog.addEventListener(
      "close",
      () => {
        if (dialog.returnValue !== "yes") return;
        form.dataset.confirmed = "yes";
        form.requestSubmit();
      },
      { once: true },
    );
  });

  // A submitted form shows that it is working, and is not sent twice.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    (event.submitter ?? form.querySelector("button"))?.classList.add("is-working");
  });
  // A page taken from the browser's back cache is fresh again.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    for (const button of document.querySelectorAll(".is-working")) button.classList.remove("is-working");
  });

  // Copy what stands in the field beside the button.
  on("click", "[data-copy]", async (event, button) => {
    const field = button.parentElement.querySelector("input, textarea");
    field.select();
    await navigator.clipboard?.writeText(field.value);
    button.textContent = button.dataset.copy;
  });

  // Selects and boxes that submit their form at once (filters, formats).
  on("click", "[data-leave-out-new]", (event, button) => {
    for (const chosen of button.closest("form").querySelectorAll('.column option[value^="new:"]:checked')) {
      chosen.closest("select").value = "";
    }
  });
  on("change", "[data-autosubmit]", (event, element) => element.form.requestSubmit());

  // Names to choose from while typing: the server's <option>s fill the input's list.
  const askForOptions = async (input) => {
    const base = input.closest("[data-options-base]")?.dataset.optionsBase;
    if (!base) return;
    const one = input.hasAttribute("data-one") ? "&one=1" : "";
    const answer = await fetch(
      `${base}${input.dataset.options}/?text=${encodeURIComponent(input.value)}${one}`,
    );
    if (!answer.ok) return;
    let list = document.getElementById(`${input.id}-options`);
    if (!list) {
      list = document.createElement("datalist");
      list.id = `${input.id}-options`;
      input.after(list);
      input.setAttribute("list", list.id);
    }
    list.innerHTML = await answer.text();
  };
  let asking;
  on("focusin", "input[data-options]", (event, input) => askForOptions(input));
  on("input", "input[data-options]", (event, input) => {
    clearTimeout(asking);
    asking = setTimeout(() => askForOptions(input), 200);
  });

  // Fields that only some choices need.
  const showFields = (form) => {
    const chooser = form.querySelector(
      "select[data-shows], [data-shows] :checked, input[data-shows]:checked",
    );
    for (const field of form.querySelectorAll("[data-shown-for]")) {
      field.closest(".field").hidden = !field.dataset.shownFor.split(" ").includes(chooser?.value ?? "");
    }
  };
  on("change", "[data-shows]", (event, chooser) => showFields(chooser.form ?? chooser.closest("form")));
  for (const form of document.querySelectorAll("form:has([data-shows])")) showFields(form);

  // Tick everyone on the page, and say how many are ticked.
  const ticks = (all) => [
    ...document.querySelectorAll(`input[type=checkbox][name="${all.dataset.checkAll}"]`),
  ];
  const countTicks = () => {
    const all = document.querySelector("[data-check-all]");
    if (!all) return;
    const boxes = ticks(all);
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    const label = document.querySelector("[data-checked-count]");
    label.dataset.words ??= label.textContent.trim();
    const words = ticked === 1 ? label.dataset.checkedOne : label.dataset.checkedCount;
    label.textContent = ticked ? `${ticked} ${words}` : label.dataset.words;
  };
  on("change", "[data-check-all]", (event, all) => {
    for (const box of ticks(all)) box.checked = all.checked;
    countTicks();
  });
  on("change", "input[type=checkbox][form=chosen]", countTicks);

  // Drop a file.
  const size = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "kilobyte" });
  for (const zone of document.querySelectorAll(".dropzone")) {
    const input = zone.querySelector("input[type=file]");
    const chosen = zone.querySelector(".chosen");
    const most = Number(zone.dataset.mostBytes || 0);
    for (const type of ["dragover", "dragenter"])
      zone.addEventListener(type, () => zone.classList.add("is-over"));
    for (const type of ["dragleave", "drop"])
      zone.addEventListener(type, () => zone.classList.remove("is-over"));
    input.addEventListener("change", () => {
      const file = input.files[0];
      const large = Boolean(file && most && file.size > most);
      chosen.textContent = file ? `${file.name} (${size.format(Math.ceil(file.size / 1000))})` : "";
      input.setCustomValidity(large ? zone.dataset.tooLarge : "");
      if (large) input.reportValidity();
    });
  }

  // Previews: width and colour scheme of the frame.
  on("click", "[data-preview-width]", (event, button) => {
    const preview = document.getElementById(button.dataset.for);
    preview.dataset.width = button.dataset.previewWidth;
    press(button);
  });
  on("click", "[data-preview-mode]", (event, button) => {
    const preview = document.getElementById(button.dataset.for);
    const frame = preview.querySelector("iframe");
    const address = new URL(frame.src);
    const dark = preview.dataset.mode !== "dark";
    preview.dataset.mode = dark ? "dark" : "";
    if (dark) address.searchParams.set("dark", "1");
    else address.searchParams.delete("dark");
    frame.src = address;
    button.setAttribute("aria-pressed", String(dark));
  });
  on("click", "[data-preview-pictures]", (event, button) => {
    const frame = document.getElementById(button.dataset.for).querySelector("iframe");
    const address = new URL(frame.src);
    const isOff = button.getAttribute("aria-pressed") !== "true";
    if (isOff) address.searchParams.set("pictures", "off");
    else address.searchParams.delete("pictures");
    frame.src = address;
    button.setAttribute("aria-pressed", String(isOff));
  });
  const press = (button) => {
    for (const other of button.parentElement.querySelectorAll("[data-preview-width]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
  };

  // Insert a merge tag where the cursor stands.
  on("click", "[data-insert]", (event, chip) => {
    document.dispatchEvent(new CustomEvent("fanfare:insert", { detail: chip.dataset.insert }));
  });
  document.addEventListener("fanfare:insert", (event) => {
    if (document.querySelector(".editor-host")) return; // the HTML editor answers
    const area = document.querySelector("textarea[data-editor]");
    if (area) area.setRangeText(event.detail, area.selectionStart, area.selectionEnd, "end");
  });

  // What was found in a text: go to its place, or write what is meant. The area is named after the part.
  const shownArea = (part) => [...document.getElementsByName(part)].find((area) => !area.hidden);
  on("click", "[data-goto]", (event, button) => {
    const { goto: part, line, column } = button.dataset;
    const detail = { part, line: Number(line), column: Number(column) };
    document.dispatchEvent(new CustomEvent("fanfare:goto", { detail }));
    const area = shownArea(part);
    if (!area) return; // the HTML editor answers
    const before = area.value.split("\n").slice(0, detail.line - 1);
    const at = before.reduce((length, text) => length + text.length + 1, 0) + detail.column - 1;
    area.focus();
    area.setSelectionRange(at, at);
  });
  const replace = (button) => {
    const { replace: part, old, new: written } = button.dataset;
    document.dispatchEvent(new CustomEvent("fanfare:replace", { detail: { part, old, written } }));
    const area = shownArea(part);
    if (!area || !area.value.includes(old)) return;
    area.value = area.value.replaceAll(old, () => written);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  on("click", "[data-replace]", (event, button) => replace(button));
  on("click", "[data-replace-all]", (event, button) => {
    for (const one of button.parentElement.querySelectorAll("[data-replace]")) replace(one);
  });
})();
