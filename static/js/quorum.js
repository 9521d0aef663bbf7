// Quorum and attendance, in words and bars, counted anew from the ticks on the page.

export function followQuorum(main, say) {
  const { dataset: needed } = main.querySelector("#kuorum") ?? {};
  if (!needed) return;
  const boxes = [...main.querySelectorAll("[data-village]")];
  const invited = boxes.filter((box) => box.dataset.village).length;
  let frame = 0;

  function count() {
    frame = 0;
    const here = boxes.filter((box) => box.checked);
    const delegates = here.filter((box) => box.dataset.village);
    const villages = new Set(delegates.map((box) => box.dataset.village)).size;
    const isReached =
      villages >= needed.villages && delegates.length >= needed.delegates;
    const sentence = say("quorum", {
      delegates: delegates.length,
      delegates_needed: needed.delegates,
      villages,
      villages_needed: needed.villages,
      state: say(isReached ? "quorum_reached" : "quorum_missing"),
    });
    for (const badge of main.querySelectorAll("#kuorum .badge")) {
      badge.lastChild.data = sentence;
    }
    for (const part of main.querySelectorAll("[data-reached]")) part.hidden = !isReached;
    for (const part of main.querySelectorAll("[data-missing]")) part.hidden = isReached;
    const meters = main.querySelectorAll("#hadir .meter");
    show(meters[0], villages, needed.members);
    show(meters[1], delegates.length, invited);
    const women = here.filter((box) => box.dataset.sex === "P").length;
    const told = main.querySelector("[data-count]");
    told.textContent = say("attendance", {
      invited: boxes.length,
      present: here.length,
      men: here.length - women,
      women,
    });
  }

  function show(meter, value, total) {
    meter.querySelector("b").textContent = value;
    const width = total > 0 ? (100 * value) / total : 0;
    meter.querySelector(".fill").setAttribute("width", `${Math.min(width, 100)}%`);
  }

  main.addEventListener("change", ({ target }) => {
    if ("village" in target.dataset) frame ||= requestAnimationFrame(count);
  });
  count();
}
