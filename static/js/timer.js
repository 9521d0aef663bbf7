// The clock of agenda items: a press begins or ends one, also without a line.

export function followItems(main, say, press) {
  const part = (key) => main.querySelector(`[data-ran="${key}"]`);
  const keyOf = (form) => form.dataset.press.slice(7, 43);

  function tick() {
    for (const shown of main.querySelectorAll("[data-since]")) {
      const n = Math.max(Math.floor((Date.now() - new Date(shown.dataset.since)) / 60000), 0);
      const text = say("running", { n });
      if (shown.textContent.trim() !== text) shown.textContent = text;
    }
  }

  function end(form, at) {
    const shown = part(keyOf(form));
    tick();
    delete shown.dataset.since;
    press(form.dataset.press, at);
    form.hidden = true;
  }

  main.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.press) return;
    event.preventDefault();
    const at = new Date().toISOString();
    if (form.dataset.press.endsWith("/ended")) return end(form, at);
    for (const other of main.querySelectorAll("form[data-press$='/ended']:not([hidden])")) {
      if (keyOf(other) !== form.dataset.parent) end(other, at);
    }
    press(form.dataset.press, at);
    const shown = part(keyOf(form));
    if (shown.previousSibling) shown.before(", ");
    shown.dataset.since = at;
    form.hidden = true;
    form.nextElementSibling.hidden = false;
    tick();
  });
  tick();
  setInterval(tick, 10000);
}
