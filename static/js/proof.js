// A proof of work for public forms: find a number so that SHA-256 over stamp and number begins with enough zero bits.
// Without JavaScript, or without a secure context, the server shows a page with one button instead.
(() => {
  "use strict";

  if (!window.crypto?.subtle) return;
  const encoder = new TextEncoder();

  const zeroBits = (digest) => {
    let bits = 0;
    for (const byte of new Uint8Array(digest)) {
      if (byte) return bits + Math.clz32(byte) - 24;
      bits += 8;
    }
    return bits;
  };
  const find = async (challenge, wanted) => {
    for (let n = 1; ; n += 1) {
      const digest = await crypto.subtle.digest("SHA-256", encoder.encode(`${challenge}:${n}`));
      if (zeroBits(digest) >= wanted) return String(n);
    }
  };

  for (const form of document.querySelectorAll("form[data-proof]")) {
    const found = find(form.elements.stamp.value, Number(form.dataset.proof));
    found.then((answer) => {
      form.elements.proof.value = answer;
    });
    form.addEventListener("submit", async (event) => {
      const button = form.querySelector("button");
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = "yes";
      if (form.elements.proof.value) return undefined;
      event.preventDefault();
      button.textContent = form.dataset.working;
      await found;
      return form.submit();
    });
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) delete form.dataset.sent;
    });
  }
})();
