// Formats on demand. The library is large and seldom needed, so it is fetched when the button is pressed first.
const say = (words) => {
  document.getElementById("announcement").textContent = words;
  document.getElementById("save-state").textContent = words;
};

const fetched = (address) =>
  new Promise((done, failed) => {
    if (window.fanfareFormatter) {
      done(window.fanfareFormatter);
      return;
    }
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", () => done(window.fanfareFormatter));
    script.addEventListener("error", failed);
    document.head.append(script);
  });

const format = async (form, view) => {
  const before = view.state.doc.toString();
  try {
    const formatter = await fetched(form.dataset.formatter);
    const after = await formatter.format(before);
    if (view.state.doc.toString() !== before) return; // somebody went on writing
    if (after === before) {
      say(form.dataset.wellFormatted);
      return;
    }
    // One change, which undo takes back.
    view.dispatch({
      changes: { from: 0, to: view.state.doc.length, insert: after },
      selection: { anchor: 0 },
      userEvent: "input.format",
      scrollIntoView: true,
    });
    say(form.dataset.formatted);
  } catch (problem) {
    const line = problem.loc?.start?.line;
    say(line ? form.dataset.unreadable.replace("#", line) : form.dataset.unformattable);
  }
  view.focus();
};

export const formatting = (form, view) => {
  const button = document.getElementById("format");
  button.hidden = false;
  button.addEventListener("click", () => format(form, view));
  document.addEventListener("keydown", (event) => {
    if (event.shiftKey && event.altKey && event.code === "KeyF") {
      event.preventDefault();
      format(form, view);
    }
  });
};
