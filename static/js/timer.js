// The clock of agenda items: a press begins or ends one, also without a line.

export function followItems(main, say, press) {
  const part = (key) => main.querySelector(`[data-ran="${key}"]`);
  const keyOf = (button) => button.dataset.press.slice(7, 43);

  function tick() {
    for (const shown of main.querySelectorAll("[data-since]")) {
      const n = Math.max(Math.floor((Date.now() - new Date(shown.dataset.since)) / 60000), 0);
      const text = say("running", { n });
      if (shown.textContent.trim() !== text) shown.textContent = text;
    }
  }

  function end(button, at) {
    const shown = part(keyOf(button));
    tick();
    delete shown.dataset.since;
    press(button.dataset.press, at);
    button.hidden = true;
  }

  main.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.dataset.press) return;
    event.preventDefault();
    const at = new Date().toISOString();
    if (button.dataset.press.endsWith("/ended")) return end(button, at);
    for (const other of main.querySelectorAll("[data-press$='/ended']:not([hidden])")) {
      if (keyOf(other) !== button.dataset.parent) end(other, at);
    }
    press(button.dataset.press, at);
    const shown = part(keyOf(button));
    if (shown.previousSibling) shown.before(", ");
    shown.dataset.since = at;
    button.hidden = true;
    button.nextElementSibling.hidden = false;
    tick();
  });
  tick();
  setInterval(tick, 10000);
}
