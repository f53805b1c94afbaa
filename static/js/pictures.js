// The library of pictures: uploads by choosing, dropping and pasting, each with its own tile; the dialog in which a form's
// picture is chosen. Without JavaScript the page uploads by its form, and there is no dialog.
(() => {
  "use strict";

  const RETRY_AFTER = 2000; // ms, where the server reads another picture of the workspace
  const MOST_RETRIES = 20;

  const on = (type, selector, act) =>
    document.addEventListener(type, (event) => {
      const element = event.target.closest?.(selector);
      if (element) act(event, element);
    });
  const openDialog = () => document.querySelector("#picture-dialog[open]");
  const library = () => openDialog() ?? document.querySelector("[data-pictures]");
  const words = (root) => root.querySelector("[data-picture-words]").dataset;
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));

  // Uploads, one at a time: the server reads one picture of a workspace at once.
  const queue = [];
  let isWorking = false;

  const put = (root, name) => {
    const tile = root.querySelector(`template[${name}]`).content.firstElementChild.cloneNode(true);
    return tile;
  };

  const add = (root, files) => {
    const form = root.querySelector("[data-picture-upload]");
    if (!form) return;
    const isAlone = files.length === 1;
    let before = form.closest("li");
    for (const file of files) {
      const tile = put(root, "data-picture-waiting");
      tile.querySelector("[data-name]").textContent = file.name;
      before.after(tile);
      before = tile;
      queue.push({ root, form, file, tile, isAlone });
    }
    work();
  };

  const work = async () => {
    if (isWorking) return;
    isWorking = true;
    while (queue.length) await send(queue.shift());
    isWorking = false;
  };

  const send = async (job) => {
    if (job.file.size > Number(words(job.root).mostBytes)) {
      fail(job, words(job.root).large, { again: false });
      return;
    }
    for (let n = 0; n < MOST_RETRIES; n += 1) {
      const answer = await post(job);
      if (answer.status === 503 && n < MOST_RETRIES - 1) {
        say(job, words(job.root).queued);
        await wait(RETRY_AFTER);
        continue;
      }
      finish(job, answer);
      return;
    }
  };

  const post = ({ root, form, file, tile }) =>
    new Promise((done) => {
      const progress = tile.querySelector("progress");
      const data = new FormData();
      data.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
      data.append("pictures", file, file.name);
      const request = new XMLHttpRequest();
      request.open("POST", form.action + (root.matches("dialog") ? "?choosing=1" : ""));
      request.setRequestHeader("HX-Request", "true");
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) progress.value = event.loaded / event.total;
      });
      request.upload.addEventListener("load", () => {
        progress.removeAttribute("value");
        say({ tile }, words(root).making);
      });
      for (const type of ["error", "abort", "timeout"])
        request.addEventListener(type, () => done({ status: 0, text: "" }));
      request.addEventListener("load", () => done({ status: request.status, text: request.responseText }));
      say({ tile }, words(root).uploading);
      request.send(data);
    });

  const say = ({ tile }, text) => {
    const state = tile.querySelector("[data-state]");
    if (state) state.textContent = text;
  };

  const finish = (job, { status, text }) => {
    if (status === 200 || status === 503) {
      const fresh = document.createElement("template");
      fresh.innerHTML = text;
      const tile = fresh.content.querySelector("li");
      const filters = fresh.content.querySelector("[data-picture-filters]");
      if (filters) {
        const shown = job.root.querySelectorAll("[data-picture-filters] b");
        filters.querySelectorAll("b").forEach((count, n) => (shown[n].textContent = count.textContent));
      }
      if (tile) {
        show(job, tile);
        return;
      }
    }
    const told = words(job.root);
    fail(job, { 0: told.offline, 204: told.signedOut, 403: told.signedOut }[status] ?? told.broken);
  };

  const show = (job, tile) => {
    const link = tile.querySelector("[data-picture-tile]");
    // A file that is in the library already has one tile, not two.
    const same = link && job.root.querySelector(`[data-picture-tile][href="${link.getAttribute("href")}"]`);
    if (same) same.closest("li").remove();
    job.tile.replaceWith(tile);
    htmx.process(tile);
    if (!link) againFor(tile, job);
    else if (job.isAlone) link.click(); // its alt text is asked for
  };

  const fail = (job, text, { again = true } = {}) => {
    const tile = put(job.root, "data-picture-failed");
    tile.querySelector("[data-name]").textContent = job.file.name;
    tile.querySelector("[data-state]").textContent = text;
    job.tile.replaceWith(tile);
    if (again) againFor(tile, job);
    else tile.querySelector("[data-picture-retry]").remove();
  };

  // The file is in the page still, so nothing is lost where the connection was.
  const againFor = (tile, job) => {
    tile.querySelector("[data-picture-retry]")?.addEventListener("click", () => {
      const waiting = put(job.root, "data-picture-waiting");
      waiting.querySelector("[data-name]").textContent = job.file.name;
      tile.replaceWith(waiting);
      queue.push({ ...job, tile: waiting });
      work();
    });
  };

  on("click", "[data-picture-dismiss]", (event, button) => button.closest("li").remove());
  on("change", "[data-picture-upload] input[type=file]", (event, input) => {
    add(input.closest("[data-pictures]"), [...input.files]);
    input.value = "";
  });
  on("submit", "[data-picture-upload]", (event) => event.preventDefault());

  const filesOf = (transfer) => [...(transfer?.files ?? [])];
  for (const type of ["dragover", "dragenter"])
    document.addEventListener(type, (event) => {
      const root = library();
      if (!root || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault(); // a file beside the library must not replace the page
      root.classList.add("is-over");
    });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) library()?.classList.remove("is-over");
  });
  document.addEventListener("drop", (event) => {
    const root = library();
    const files = filesOf(event.dataTransfer);
    root?.classList.remove("is-over");
    if (!root || !files.length) return;
    event.preventDefault();
    add(root, files);
  });
  document.addEventListener("paste", (event) => {
    const root = library();
    const files = filesOf(event.clipboardData);
    if (!root || !files.length) return;
    event.preventDefault();
    add(root, files);
  });

  // Choosing one of them.
  const tiles = (root) => [...root.querySelectorAll("[data-picture-tile]")];
  const mark = (root, chosen) => {
    for (const tile of tiles(root)) {
      if (tile === chosen) tile.setAttribute("aria-current", "true");
      else tile.removeAttribute("aria-current");
    }
  };
  on("click", "[data-picture-tile]", (event, tile) => mark(tile.closest("[data-pictures]"), tile));
  document.addEventListener("htmx:afterSwap", (event) => {
    const root = event.target.closest?.("[data-pictures]");
    if (!root) return;
    const sheet = root.querySelector("[data-picture]");
    const use = root.querySelector("[data-picture-use]");
    if (use) use.disabled = !sheet;
    if (!sheet) return;
    if (event.target.id === "picture-detail" && matchMedia("(max-width: 60rem)").matches) {
      sheet.scrollIntoView({ block: "start" }); // it stands above the pictures
    }
    const chosen = tiles(root).find((tile) => tile.pathname.endsWith(`/${sheet.dataset.picture}/`));
    if (!chosen) return;
    mark(root, chosen);
    // What was said in the sheet shows on the tile.
    chosen.querySelector(".truncate").textContent = sheet.dataset.name;
    const lacks = Boolean(sheet.querySelector(".picture-ask"));
    if (!lacks) chosen.querySelector(".picture-mark:not([data-kind])")?.remove();
  });

  const STEPS = { ArrowRight: 1, ArrowLeft: -1 };
  on("keydown", "[data-picture-tile]", (event, tile) => {
    const root = tile.closest("[data-pictures]");
    const all = tiles(root);
    const here = all.indexOf(tile);
    const row = all.filter((other) => other.offsetTop === all[0].offsetTop);
    const columns = Math.max(1, all.findIndex((other) => other.offsetTop > all[0].offsetTop) + 1, row.length);
    const step = STEPS[event.key] ?? { ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (step) {
      event.preventDefault();
      all[Math.min(all.length - 1, Math.max(0, here + step))].focus();
    } else if (event.key === " ") {
      event.preventDefault();
      tile.click();
    } else if (event.key === "Enter" && root.matches("dialog") && tile.hasAttribute("aria-current")) {
      event.preventDefault();
      use(root);
    }
  });

  // The dialog.
  let opener = null;
  // The page may have drawn the button anew while the dialog was open.
  const openerNow = () => (opener?.id && document.getElementById(opener.id)) || opener;
  on("click", "[data-choose-picture]", async (event, button) => {
    opener = button;
    button.classList.add("is-working");
    try {
      const answer = await fetch(button.dataset.choosePicture, { headers: { "HX-Request": "true" } });
      if (!answer.ok || answer.status === 204) throw new Error("no library");
      const fresh = document.createElement("template");
      fresh.innerHTML = await answer.text();
      document.getElementById("picture-dialog")?.remove();
      const dialog = fresh.content.querySelector("dialog");
      document.body.append(dialog);
      htmx.process(dialog);
      dialog.addEventListener("close", () => {
        dialog.remove();
        openerNow()?.focus();
      });
      dialog.showModal();
    } catch {
      location.assign(button.dataset.choosePicture.replace(/choose\/$/, ""));
    } finally {
      button.classList.remove("is-working");
    }
  });
  on("click", "[data-picture-close]", (event, button) => button.closest("dialog").close());
  on("click", "[data-picture-use]", (event, button) => use(button.closest("dialog")));

  const use = async (dialog) => {
    const sheet = dialog.querySelector("[data-picture]");
    if (!sheet) return;
    const { picture, name, address, width, height } = sheet.dataset;
    const form = sheet.querySelector("[data-picture-form]");
    const alt =
      form?.elements.alt.value.trim().replace(/\s+/g, " ") ?? sheet.querySelector(".picture-large").alt;
    const detail = { id: Number(picture), name, address, width: Number(width), height: Number(height), alt };
    if (form && !(await isKept(dialog, form))) return;
    dialog.close();
    openerNow().dispatchEvent(new CustomEvent("fanfare:picture", { bubbles: true, detail }));
  };

  // What was typed about the picture is saved before the dialog closes. False where something can't be saved: the sheet
  // says what. Without a connection the picture is used, and its text goes with it.
  const isKept = async (dialog, form) => {
    const isTyped = [...form.elements].some(
      (field) =>
        field.matches("input, textarea") &&
        (field.value !== field.defaultValue || field.checked !== field.defaultChecked),
    );
    if (!isTyped) return true;
    const button = dialog.querySelector("[data-picture-use]");
    button.classList.add("is-working");
    try {
      const address = form.getAttribute("hx-post");
      const body = new FormData(form);
      const answer = await fetch(address, { method: "POST", body, headers: { "HX-Request": "true" } });
      const fresh = document.createElement("template");
      if (answer.ok) fresh.innerHTML = await answer.text();
      if (!fresh.content.querySelector(".errorlist")) return true;
      const detail = dialog.querySelector("#picture-detail");
      detail.replaceChildren(fresh.content);
      htmx.process(detail);
      return false;
    } catch {
      return true;
    } finally {
      button.classList.remove("is-working");
    }
  };

  // As HTML, where the cursor stands in the form's editor.
  const escaped = (text) => text.replace(/[&<>"{}]/g, (letter) => `&#${letter.charCodeAt(0)};`); // braces would be merge tags
  on("fanfare:picture", "[data-insert-picture]", (event) => {
    const { address, width, alt } = event.detail;
    const html =
      `<img src="${escaped(address)}" width="${width}" alt="${escaped(alt)}" ` +
      'style="display:block;max-width:100%;height:auto;border:0">';
    document.dispatchEvent(new CustomEvent("fanfare:insert", { detail: html }));
  });
})();
