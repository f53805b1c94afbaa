// The brand's page: palettes beside the fields of colours, logos from the library, and a preview that does not flash.
(() => {
  "use strict";

  const form = document.getElementById("brand-form");
  if (!form) return;
  const HEX = /^#?[0-9a-f]{6}$/i;

  const changed = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));
  const palette = (name) => document.querySelector(`[data-colour-of="${name}"]`);

  document.addEventListener("input", ({ target }) => {
    const name = target.dataset.colourOf;
    if (name) form.elements[name].value = target.value;
    else if (palette(target.name) && HEX.test(target.value)) {
      palette(target.name).value = `#${target.value.replace("#", "").toLowerCase()}`;
    }
  });

  document.addEventListener("click", ({ target }) => {
    const better = target.closest("[data-better]");
    if (better) {
      const field = form.elements[better.dataset.betterOf];
      field.value = better.dataset.better;
      field.focus(); // the button goes
      changed(field);
    }
    const clear = target.closest("[data-clear-logo]");
    if (clear) choose(clear, "");
  });

  const choose = (button, picture) => {
    const name = button.closest("[data-logo-of]")?.dataset.logoOf;
    if (!name) return;
    form.elements[name].value = picture;
    if (name === "logo" && !picture) form.elements.dark_logo.value = "";
    changed(form.elements[name]);
  };
  document.addEventListener("fanfare:picture", ({ target, detail }) => choose(target, detail.id));

  // Who leaves with something unsaved is asked. "Cancel" says it already.
  const isOfBrand = (field) => field.form === form && !field.closest(".brand-preview");
  let isChanged = form.hasAttribute("data-unsaved");
  document.addEventListener("input", ({ target }) => {
    if (isOfBrand(target) || target.dataset.colourOf) isChanged = true;
  });
  form.addEventListener("submit", () => {
    isChanged = false;
  });
  document.querySelector("[data-cancel]")?.addEventListener("click", () => {
    isChanged = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (isChanged) event.preventDefault();
  });

  // The next preview loads behind the one that is shown.
  const frame = document.getElementById("brand-frame");
  let coming = null;
  const show = (address) => {
    coming?.remove();
    const shown = frame.querySelector("iframe");
    const next = shown.cloneNode();
    coming = next;
    next.src = address;
    next.classList.add("is-coming");
    next.addEventListener("load", () => {
      if (coming !== next) return;
      coming = null;
      next.classList.remove("is-coming");
      shown.remove();
    });
    frame.append(next);
  };
  document.addEventListener("htmx:afterSwap", () => {
    const says = document.getElementById("brand-says");
    if (says?.dataset.preview) show(says.dataset.preview);
  });
})();
