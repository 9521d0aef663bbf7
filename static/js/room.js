// The meeting room: what is typed into the page's own forms is kept and sent by itself.
//
// The page works without this. A field that holds a cell says so in data-cell; a form
// that makes a new part, in data-draft. Offline the page is an empty shell, filled here
// from what this device has kept.

import { Keep, enter, openStore, whoIsHere } from "./keep.js";
import { Parts } from "./parts.js";
import { followQuorum } from "./quorum.js";
import { Line } from "./send.js";
import { edit, plain, rebase } from "./text.js";
import { followItems } from "./timer.js";

const KEEP_AFTER = 500;
const SEND_AFTER = 1500;

const bar = document.querySelector(".saved");
const main = document.querySelector("main");
const isShell = "shell" in bar.dataset;
let words = JSON.parse(document.getElementById("kata").textContent);

function say(name, values = {}) {
  return words[name].replace(/\{(\w+)\}/g, (_whole, key) => values[key]);
}

function make(tag, className, ...content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

function clock(at) {
  return new Date(at)
    .toLocaleTimeString("id-ID", {
      hour: "2-digit",
      minute: "2-digit",
      timeZone: "Asia/Jakarta",
    })
    .replace(":", ".");
}

class Field {
  constructor(room, input, state) {
    Object.assign(this, { room, input, cell: input.dataset.cell });
    this.isBox = input.type === "checkbox";
    // The version that the text on the page came of, and the text last kept.
    this.base = state?.version ?? 0;
    this.kept = state ? state.value : this.value;
    this.isWaiting = false;
    this.late = null;
    this.others = [];
    this.resolves = null;
    this.timer = 0;
  }

  get value() {
    return this.isBox ? this.input.checked : plain(this.input.value);
  }

  // Put a value in without moving the writer's place in the text.
  set value(value) {
    if (this.isBox) {
      this.input.checked = value;
      this.input.dispatchEvent(new Event("change", { bubbles: true }));
    } else if (value !== this.value) {
      const { from, to, text } = edit(this.value, value);
      this.input.setRangeText(text, from, to, "preserve");
    }
  }

  get isTouched() {
    return this.value !== this.kept || this.isWaiting || this.others.length > 0;
  }

  typed() {
    if (this.isBox) this.flush();
    else if (!this.timer) {
      this.timer = setTimeout(() => this.flush(), KEEP_AFTER);
      this.room.render();
    }
  }

  flush() {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.value === this.kept) return;
    this.write();
  }

  write() {
    this.kept = this.value;
    this.isWaiting = true;
    this.room.write(this);
  }

  left() {
    this.flush();
    if (this.late) this.arrived(this.late);
  }

  // The same user typed it in another tab.
  followed({ value, base }) {
    if (this.value !== this.kept) return;
    this.value = this.kept = value;
    Object.assign(this, { base, isWaiting: true });
  }

  arrived(state) {
    this.late = null;
    if (state.version <= this.base || this.isTouched) return;
    if (document.activeElement === this.input && !this.isBox) {
      this.late = state;
      return;
    }
    this.value = this.kept = state.value;
    this.base = state.version;
  }

  settled({ sent, state, outcome }) {
    if (outcome === "conflict") return;
    if (sent.resolves === this.resolves) this.resolves = null;
    const value = rebase(sent.value, this.value, state.value);
    const kept = rebase(sent.value, this.kept, state.value);
    if (value === null || kept === null) return;
    Object.assign(this, { value, kept, base: state.version });
    this.isWaiting = kept !== state.value;
  }

  clash(others) {
    this.others = others;
    this.box?.remove();
    this.box = null;
    if (!others.length) return;
    const current = this.room.states.get(this.cell) ?? { value: this.value };
    this.box = make("div", "clash", make("p", "", say("clash")));
    const sides = make("div", "sides");
    this.box.append(sides);
    const side = (state) => {
      const shown = this.isBox ? say(state.value ? "present" : "absent") : state.value;
      const who = state.author
        ? `${state.author}, ${clock(state.at)}`
        : say("at_portal");
      const button = make("button", "button outline", say("choose"));
      button.type = "button";
      button.addEventListener("click", () => this.choose(state.value));
      sides.append(
        make("section", "", make("h4", "", who), make("p", "said", String(shown)), button),
      );
    };
    for (const one of [current, ...others]) side(one);
    if (!this.isBox) {
      const both = make("button", "button quiet", say("choose_both"));
      both.type = "button";
      both.addEventListener("click", () =>
        this.choose([current, ...others].map((one) => one.value).join("\n")),
      );
      this.box.append(both);
    }
    (this.input.closest(".field, .tile") ?? this.input).after(this.box);
  }

  choose(value) {
    const [other, ...rest] = this.others;
    this.value = value;
    this.base = this.room.states.get(this.cell)?.version ?? this.base;
    this.resolves = other.id;
    this.write();
    this.clash(rest);
    this.room.line.call();
  }
}

class Room {
  constructor(keep) {
    this.keep = keep;
    this.fields = new Map();
    this.states = new Map();
    this.counts = { waiting: 0, lost: 0, clashes: 0 };
    this.writing = 0;
    this.parts = new Parts({ main, keep, say, make, mark, room: this });
    this.isFull = keep.store.kind === "memory";
    this.hasNews = false;
    keep.failed = () => {
      this.isFull = true;
      this.render();
    };
  }

  async open(page, kept) {
    for (const [cell, state] of Object.entries(page.cells)) this.states.set(cell, state);
    for (const input of main.querySelectorAll("[data-cell]")) this.watch(input, kept);
    for (const form of main.querySelectorAll("form")) this.#follow(form, kept);
    main.addEventListener("submit", (event) => {
      const isPress = event.target.id === "tekan" && !event.defaultPrevented;
      if (!isPress || this.line.state === "ok") return;
      event.preventDefault();
      this.notice = say("needs_line");
      this.render();
    });
    this.parts.restore(kept);
    // These stand beside their fields now.
    for (const row of main.querySelectorAll("[data-clash]")) {
      const list = row.closest("section");
      if (this.fields.has(row.dataset.clash)) row.remove();
      if (!list.querySelector("[data-clash]")) list.remove();
    }
    this.line = new Line({
      address: page.address,
      user: page.user,
      keep: this.keep,
      number: page.number,
      ballots: page.ballots,
      hear: this,
    });
    this.line.name = page.name;
    this.line.savedAt = page.savedAt;
    this.#showClashes(page.conflicts);
    followQuorum(main, say);
    followItems(main, say, (cell, value) => {
      const base = this.states.get(cell)?.version ?? 0;
      this.write({ cell, value, base, resolves: null });
    });
    addEventListener("pagehide", () => this.flush());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.flush();
    });
    main.classList.add("live"); // what saves by itself needs no button
    await this.count();
    this.line.run();
  }

  // A box that stands for a cell.
  watch(input, kept) {
    const field = new Field(this, input, this.states.get(input.dataset.cell));
    const { cell } = field;
    this.fields.set(cell, field);
    const waiting = kept.get(`open/${cell}`) ?? kept.get(`sent/${cell}`);
    const isTyped = !isShell && this.#isTyped(input);
    if (waiting && !isTyped) {
      field.value = field.kept = waiting.value;
      field.base = waiting.base;
      field.resolves = waiting.resolves;
      field.isWaiting = true;
    } else if (!isTyped) field.value = field.kept;
    input.addEventListener("input", () => field.typed());
    input.addEventListener("blur", () => field.left());
    if (isTyped) field.typed();
  }

  // Typed before this script had come.
  #isTyped(input) {
    if (input.type === "checkbox") return input.checked !== input.defaultChecked;
    return plain(input.value) !== plain(input.defaultValue);
  }

  #follow(form, kept) {
    const cells = [...form.elements].filter((input) => input.dataset.cell);
    if (cells.length) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        for (const input of cells) this.fields.get(input.dataset.cell).flush();
        this.line.call();
      });
    } else if (form.dataset.draft) this.#draft(form, kept.get(`draft/${form.dataset.draft}`));
  }

  // What has to be asked for: kept while it is typed. A new part becomes cells; what
  // only the portal can answer is sent by its own form, under one form key.
  #draft(form, draft) {
    const key = `draft/${form.dataset.draft}`;
    let timer = 0;
    const once = (draft ?? []).filter(([name]) => name === "form_key");
    const read = () => {
      const typed = [...new FormData(form)];
      const own = typed.filter(([name]) => name !== "csrfmiddlewaretoken");
      return isShell ? [...own, ...once] : own;
    };
    const keep = () => {
      clearTimeout(timer);
      timer = 0;
      return this.keep.put(key, read());
    };
    for (const [name, value] of draft ?? []) {
      for (const input of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (["radio", "checkbox"].includes(input.type)) {
          input.checked = input.value === value;
        } else input.value = value;
      }
    }
    form.addEventListener("input", () => {
      timer ||= setTimeout(keep, KEEP_AFTER);
    });
    this.drafts.push(() => timer && keep());
    if (form.querySelector("[data-field]")) {
      this.parts.follow(form);
      return;
    }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await keep();
      this.flush();
      await this.#sent();
      try {
        const answer = await fetch(form.action, {
          method: "POST",
          body: new FormData(form),
          redirect: "manual",
        });
        if (answer.type === "opaqueredirect") {
          await this.keep.put(key, null);
          location.reload();
        } else form.submit();
      } catch {
        this.notice = say("draft_waits");
        this.render();
      }
    });
  }

  // What a new part is judged by, such as who is present, goes first.
  async #sent() {
    for (let tries = 0; tries < 30; tries += 1) {
      if (!this.writing && !(await this.keep.counts()).waiting) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  drafts = [];
  notice = "";

  flush() {
    for (const field of this.fields.values()) field.flush();
    for (const keep of this.drafts) keep();
    this.keep.stash();
    this.line?.call();
  }

  async write({ cell, value, base, resolves }) {
    this.writing += 1;
    const kept = this.keep.write(cell, value, base, resolves);
    this.render();
    await kept;
    this.writing -= 1;
    this.line.tell("typed", { cell, value, base });
    this.timer ||= setTimeout(() => {
      this.timer = 0;
      this.line.call();
    }, SEND_AFTER);
    await this.count();
  }

  // A part made on this device; its form is empty again.
  async writePart(form, cells) {
    this.writing += 1;
    const kept = this.keep.writePart(form.dataset.draft, cells);
    this.render();
    await kept;
    this.writing -= 1;
    this.line.call();
    await this.count();
  }

  // The portal has parts that this page does not show as it does. Who is typing goes on.
  async #refresh() {
    const isTyping = document.activeElement?.matches("main :is(input, textarea, select)");
    if (isTyping || isShell || (await this.keep.counts()).lost) {
      this.hasNews = true;
      this.render();
    } else {
      this.flush();
      location.reload();
    }
  }

  async count() {
    this.counts = await this.keep.counts();
    this.render();
    if (this.counts.lost !== this.shownLost) await this.#showLost();
  }

  isClash(cell) {
    return (this.fields.get(cell)?.others.length ?? 0) > 0;
  }

  typed(change) {
    this.fields.get(change.cell)?.followed(change);
    this.count();
  }

  async settled(list) {
    for (const answer of list) {
      if (answer.outcome !== "refused") this.states.set(answer.cell, answer.state);
      this.fields.get(answer.cell)?.settled(answer);
    }
    const hasCome = await this.parts.settled(list, this.line.isFinal);
    await this.count();
    if (hasCome) await this.#refresh();
  }

  arrived(cells) {
    for (const [cell, state] of Object.entries(cells)) {
      const known = this.states.get(cell);
      if (known && known.version >= state.version) continue;
      this.states.set(cell, state);
      const field = this.fields.get(cell);
      if (field) field.arrived(state);
      else this.hasNews = true;
    }
    this.render();
  }

  news() {
    this.hasNews = true;
    this.render();
  }

  clashes(list) {
    this.#showClashes(list);
    this.count();
  }

  said({ isFinal }) {
    if (isFinal) {
      for (const { input, isBox } of this.fields.values()) {
        input[isBox ? "disabled" : "readOnly"] = true;
      }
    }
    this.count();
  }

  #showClashes(list) {
    const byCell = new Map([...this.fields.keys()].map((cell) => [cell, []]));
    for (const { cell, current, other } of list) {
      if (current) this.states.set(cell, current);
      byCell.get(cell)?.push(other);
    }
    for (const [cell, others] of byCell) {
      const field = this.fields.get(cell);
      if (others.length || field.others.length) field.clash(others);
    }
  }

  async #showLost() {
    this.shownLost = this.counts.lost;
    for (const old of main.querySelectorAll(".lost")) old.remove();
    for (const [key, { value, reason }] of await this.keep.all()) {
      if (!key.startsWith("lost/")) continue;
      const text = make("textarea", "", String(value));
      text.readOnly = true;
      text.setAttribute("aria-label", say("lost_text"));
      const button = make("button", "button outline", say("lost_copied"));
      button.type = "button";
      const box = make("section", "lost card", make("p", "", reason), text, button);
      button.addEventListener("click", async () => {
        await this.keep.put(key, null);
        await this.count();
      });
      main.prepend(box);
    }
  }

  render() {
    const { waiting, clashes, lost } = this.counts;
    const { state, reason, savedAt } = this.line ?? {};
    const isTyping = this.writing || [...this.fields.values()].some(({ timer }) => timer);
    const n = waiting;
    let status;
    const hints = [];
    if (this.isFull && (waiting || isTyping)) status = ["stop", say("full")];
    else if (isTyping && !waiting) status = ["wait", say("keeping")];
    else if (state === "signin") status = ["stop", say("signin", { n })];
    else if (state === "other") status = ["stop", say("other", { n })];
    else if (state === "refused") status = ["stop", reason];
    else if (waiting && state === "offline") status = ["wait", say("waiting", { n })];
    else if (waiting && waiting === clashes) status = ["wait", say("held", { n })];
    else if (waiting) status = ["wait", say("kept", { n })];
    else if (savedAt) status = ["good", say("saved", { time: clock(savedAt) })];
    else status = ["good", say("nothing_waits")];
    if (state === "offline" && !waiting) hints.push(say("offline"));
    if (this.isFull) hints.push(say("full_hint"));
    if (clashes) hints.push(say("clashes", { n: clashes }));
    if (lost) hints.push(say("lost", { n: lost }));
    if (!navigator.serviceWorker) hints.push(say("no_worker"));
    if (this.line?.isFinal) hints.push(say("final"));
    if (this.notice) hints.push(this.notice);
    showStatus(...status, hints, {
      signin: state === "signin",
      reload: this.hasNews || (isShell && state === "ok"),
    });
    if (!waiting && !isTyping && state === "ok") takeOver();
  }
}

// A state in words behind its sign.
function mark(kind, text) {
  const signs = document.getElementById("tanda").content;
  const made = signs.querySelector(`.${kind}`).cloneNode(true);
  made.lastChild.data = text;
  return made;
}

let shown = "";

function showStatus(kind, text, hints, links) {
  const now = JSON.stringify([kind, text, hints, links]);
  if (now === shown) return;
  shown = now;
  const line = bar.querySelector("[role=status]");
  const content = [mark(kind, text)];
  if (links.signin) {
    const link = make("a", "", say("signin_link"));
    Object.assign(link, { href: bar.dataset.signin, target: "_blank" });
    content.push(link);
  }
  if (links.reload) {
    const link = make("a", "", say(isShell ? "open_full" : "reload"));
    link.href = location.pathname;
    content.push(link);
  }
  if (hints.length) content.push(make("span", "note", hints.join(" ")));
  line.replaceChildren(...content);
  bar.classList.toggle("loud", kind === "stop");
}

// A newer portal's files take over once nothing waits here.
let registration = null;

function takeOver() {
  registration?.waiting?.postMessage("takeover");
}

async function register() {
  if (!navigator.serviceWorker) return;
  registration = await navigator.serviceWorker.register("/sw.js").catch(() => null);
}

// A meeting of two hours is long: what is off the screen costs no keystroke. Each row
// keeps its height, so that nothing jumps.
function drawWhatIsSeen() {
  const rows = [...main.querySelectorAll(".list > li")];
  const heights = rows.map((row) => {
    const style = getComputedStyle(row);
    const around = ["paddingTop", "paddingBottom", "borderTopWidth", "borderBottomWidth"];
    return around.reduce((rest, side) => rest - parseFloat(style[side]), row.getBoundingClientRect().height);
  });
  for (const [n, row] of rows.entries()) {
    row.style.containIntrinsicHeight = `auto ${heights[n]}px`;
    row.classList.add("measured");
  }
}

// The page writes keys in 22 letters, for it has one for each item and each person.
function spellOutKeys() {
  const spelt = (_, short) => {
    const bytes = atob(short.replaceAll("-", "+").replaceAll("_", "/"));
    const hex = Array.from(bytes, (byte) => byte.charCodeAt().toString(16).padStart(2, "0")).join("");
    return `:${hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")}`;
  };
  for (const { dataset } of main.querySelectorAll("[data-part], [data-cell]")) {
    for (const name of ["part", "cell"]) {
      if (dataset[name]) dataset[name] = dataset[name].replace(/:([\w-]{22})(?=\/|$)/, spelt);
    }
  }
}

// What the portal put into the page's fields, and which version that was.
function readCells() {
  const cells = {};
  for (const input of main.querySelectorAll("[data-cell]")) {
    const isBox = input.type === "checkbox";
    const value = isBox ? input.defaultChecked : plain(input.defaultValue);
    cells[input.dataset.cell] = { value, version: Number(input.dataset.v ?? 0) };
  }
  for (const { dataset } of main.querySelectorAll("[data-press]")) {
    cells[dataset.press] = { value: null, version: Number(dataset.v ?? 0) };
  }
  return cells;
}

// The page as it may be shown again offline: without what only this visit may use.
function outline() {
  const copy = main.cloneNode(true);
  for (const input of copy.querySelectorAll("input[type=hidden]")) input.remove();
  for (const part of copy.querySelectorAll(".clash, .lost, [role=alert], [role=status]")) {
    part.remove();
  }
  return copy.innerHTML;
}

function fillShell(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  main.replaceChildren(...parsed.body.childNodes);
  // What only the portal can answer waits for it.
  for (const form of main.querySelectorAll("form[data-draft]:not(:has([data-field]))")) {
    for (const button of form.querySelectorAll("button")) button.disabled = true;
  }
}

async function start() {
  const store = await openStore();
  if (!store) {
    showStatus("stop", say("nowhere"), [], {});
    return;
  }
  const meeting = location.pathname.split("/")[2];
  if (isShell) {
    const user = await whoIsHere(store);
    const keep = user && new Keep(store, user, meeting);
    const kept = user ? await keep.open() : new Map();
    const room = kept.get("room");
    if (!room?.outline) {
      showStatus("wait", say("unknown"), [], {});
      return;
    }
    words = room.words;
    document.title = room.title;
    fillShell(room.outline);
    const ofKind = (kind) =>
      [...kept]
        .filter(([key]) => key.startsWith(kind))
        .map(([key, value]) => [key.slice(kind.length), value]);
    await new Room(keep).open(
      {
        user,
        address: room.address,
        name: room.name,
        number: room.number,
        ballots: room.ballots,
        cells: Object.fromEntries(ofKind("cell/")),
        conflicts: ofKind("clash/").flatMap(([cell, others]) =>
          others.map((other) => ({ cell, other })),
        ),
        savedAt: null,
      },
      kept,
    );
    return;
  }
  const page = JSON.parse(document.getElementById("keadaan").textContent);
  const { address, saved } = bar.dataset;
  const { user, name, number, ballots } = page;
  const cells = readCells();
  const keep = new Keep(store, user, meeting);
  const room = new Room(keep);
  const seen = { number, name, ballots, address, words, title: document.title };
  await keep.remember(cells, { ...seen, outline: outline() });
  await keep.setClashes(page.conflicts);
  await room.open({ ...page, cells, address, savedAt: saved }, await keep.open());
  drawWhatIsSeen();
  await enter(store, user);
  await register();
}

spellOutKeys();
start();
