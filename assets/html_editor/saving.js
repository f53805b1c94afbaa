// Ctrl+S saves; who leaves with something unsaved is asked.
export const saving = (form) => {
  const state = document.getElementById("save-state");
  let isChanged = form.querySelector(".html-editor-problems") !== null;
  let isSent = false;
  const note = () => {
    isChanged = true;
    state.textContent = form.dataset.unsaved;
    state.dataset.state = "unsaved";
  };
  if (isChanged) note();
  form.addEventListener("input", (event) => {
    if (event.target.name) note();
  });
  form.addEventListener("submit", () => {
    isSent = true;
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
      event.preventDefault();
      form.requestSubmit(document.getElementById("save"));
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (isChanged && !isSent) event.preventDefault();
  });
  window.addEventListener("pageshow", () => {
    isSent = false;
  });
};
