// New parts of a meeting: agenda items, decisions, follow-up, also without a line.
//
// A part is its cells under a new name, kept and sent together. Until the portal has
// them, it stands in its list with what it says, and may be taken back into its form.

import { uuid } from "./keep.js";

const nameOf = (cell) => cell.slice(0, cell.indexOf("/"));

export class Parts {
  // mark(kind, text): a state in words, with its sign.
  constructor({ main, keep, say, make, mark, room }) {
    Object.assign(this, { main, keep, say, make, mark, room });
    this.rows = new Map(); // what is not on the portal's page, by name
    this.forms = new Map();
  }

  follow(form) {
    this.forms.set(form.dataset.draft, form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#add(form);
    });
  }

  // What was kept before the page was opened, and is not in it.
  restore(kept) {
    const found = new Map();
    for (const [key, change] of kept) {
      if (!/^(open|sent)[/]/.test(key)) continue;
      const name = nameOf(change.cell);
      const isOurs = this.forms.has(name.split(":")[0]);
      if (!isOurs || this.main.querySelector(`[data-part="${name}"]`)) continue;
      found.set(name, [...(found.get(name) ?? []), change]);
    }
    const first = ([, [{ typed_at }]]) => typed_at;
    for (const [name, changes] of [...found].sort((a, b) => (first(a) < first(b) ? -1 : 1))) {
      this.#show(name, [...changes, ...this.#known(name, changes, kept)], kept, changes);
    }
  }

  // What the portal has of a part already, while more of it waits here.
  #known(name, changes, kept) {
    const waiting = new Set(changes.map(({ cell }) => cell));
    return this.#fields(this.#formOf(name))
      .map((input) => `${name}/${input.dataset.field}`)
      .filter((cell) => !waiting.has(cell) && kept.get(`cell/${cell}`)?.value)
      .map((cell) => ({ cell, value: kept.get(`cell/${cell}`).value, told: null }));
  }

  #formOf(name) {
    return this.forms.get(name.split(":")[0]);
  }

  async #add(form) {
    const name = `${form.dataset.draft}:${uuid()}`;
    const cells = this.#fields(form)
      .map((input) => ({ cell: `${name}/${input.dataset.field}`, ...this.#read(input) }))
      .filter(({ value }) => value !== "" && value !== null && value !== false);
    form.querySelector(".error.late")?.remove();
    this.#show(name, cells);
    this.rows.get(name).row.scrollIntoView({ block: "nearest" });
    form.reset();
    await this.room.writePart(form, cells);
  }

  #fields(form) {
    return [...form.querySelectorAll("[data-field]")];
  }

  #read(input) {
    const label = input.closest(".field").querySelector("label").firstChild.data?.trim();
    const told = (text) => (label ? `${label}: ${text}` : text);
    if (input.type === "checkbox") {
      return { value: input.checked, told: input.closest("label").textContent.trim() };
    }
    if (input.options) {
      const [chosen] = input.selectedOptions;
      return { value: this.#keyOf(chosen), told: told(chosen.text) };
    }
    const text = input.value.trim();
    if (input.type === "number") {
      return { value: text ? Math.round(Number(text)) : null, told: told(text) };
    }
    if (input.type === "date") {
      const long = { day: "numeric", month: "long", year: "numeric" };
      const day = new Date(`${text}T00:00`);
      const words = day.toLocaleDateString(document.documentElement.lang, long);
      return { value: text, told: told(words) };
    }
    return { value: text, told: input.required ? text : told(text) };
  }

  // What an option of a list stands for in cells; null for none.
  #keyOf(option) {
    const kind = option.parentElement.dataset.lists;
    if (option.dataset.key || !option.value || !kind) return option.dataset.key ?? null;
    const row = this.main.querySelector(`[data-part^="${kind}:"][data-id="${option.value}"]`);
    return row.dataset.part.slice(kind.length + 1);
  }

  #show(name, cells, kept = new Map(), waiting = cells) {
    const { make, say } = this;
    const form = this.#formOf(name);
    const [title, ...rest] = this.#fields(form)
      .map((input) => cells.find(({ cell }) => cell === `${name}/${input.dataset.field}`))
      .filter((change) => change);
    if (!title) return;
    const list = this.#list(form);
    const back = make("button", "button quiet", say("take_back"));
    back.type = "button";
    const state = make("span", "", this.mark("wait", say("part_waits")));
    const row = make("li", "", make("p", "said", String(title.value)));
    const told = rest.map((change) => change.told).filter((words) => words);
    if (told.length) row.append(make("p", "note said", told.join(" · ")));
    row.append(make("p", "row", state, back));
    row.dataset.part = name;
    list.append(row);
    if (name.startsWith("agenda:")) this.#takeNotes(name, row, kept);
    back.addEventListener("click", () => this.#takeBack(name));
    const left = new Set(waiting.map(({ cell }) => cell));
    this.rows.set(name, { row, state, back, cells, left, refused: [] });
    if (waiting.length < cells.length) back.remove(); // some of it is at the portal
    // Its number comes from the portal.
    for (const head of form.querySelectorAll("[data-next]")) head.textContent = head.dataset.next;
    this.#offer(name, title.value);
  }

  // What is said on a new agenda item is written down at once.
  #takeNotes(name, row, kept) {
    const note = this.make("textarea");
    note.dataset.cell = `${name}/note`;
    note.maxLength = this.main.querySelector("[data-cell$='/note']")?.maxLength ?? 20000;
    note.id = `id_${name}`;
    const label = this.make("label", "", this.say("note"));
    label.htmlFor = note.id;
    row.append(this.make("div", "field", label, note));
    this.room.watch(note, kept);
  }

  #list(form) {
    const before = form.previousElementSibling;
    if (before?.matches(".list")) return before;
    const list = this.make("ul", "list");
    form.before(list);
    return list;
  }

  // Let other new parts refer to this one.
  #offer(name, title) {
    const [kind, key] = name.split(":");
    for (const select of this.main.querySelectorAll(`[data-lists="${kind}"]`)) {
      const option = new Option(String(title).slice(0, 80), key);
      option.dataset.key = key;
      select.append(option);
    }
  }

  #gone(name) {
    this.rows.get(name).row.remove();
    this.rows.delete(name);
    const key = name.split(":")[1];
    for (const option of this.main.querySelectorAll(`[data-key="${key}"]`)) option.remove();
  }

  #fill(form, cells) {
    for (const input of this.#fields(form)) {
      const change = cells.find(({ cell }) => cell.endsWith(`/${input.dataset.field}`));
      if (!change) continue;
      if (input.type === "checkbox") input.checked = change.value;
      else if (input.options) {
        for (const option of input.options) {
          if (this.#keyOf(option) === change.value) option.selected = true;
        }
      } else input.value = change.value;
    }
    form.dispatchEvent(new Event("input"));
    const first = this.#fields(form)[0];
    first.scrollIntoView({ block: "center" });
    first.focus();
  }

  #isEmpty(form) {
    return this.#fields(form).every(
      ({ options, type, value }) => options || type === "checkbox" || !value.trim(),
    );
  }

  async #takeBack(name) {
    const form = this.#formOf(name);
    const { cells, row } = this.rows.get(name);
    if (!this.#isEmpty(form)) return this.#sayIn(row, this.say("form_busy"));
    if (row.querySelector("textarea")?.value) return this.#sayIn(row, this.say("has_note"));
    if (!(await this.keep.drop(name))) return this.#sayIn(row, this.say("under_way"));
    this.#gone(name);
    this.#fill(form, cells);
    this.room.count();
  }

  #sayIn(place, sentence) {
    place.querySelector(".late")?.remove();
    const said = this.make("p", "error late", sentence);
    said.setAttribute("role", "alert");
    place.prepend(said);
  }

  // Answers of the portal; true where a part has come to it.
  async settled(list, isFinal) {
    const answered = new Set();
    for (const { cell, outcome, reason } of list) {
      const part = this.rows.get(nameOf(cell));
      if (!part?.left.delete(cell)) continue;
      if (outcome === "refused") part.refused.push(reason);
      if (!part.left.size) answered.add(nameOf(cell));
    }
    let hasCome = false;
    for (const name of answered) {
      const { cells, refused, state, back } = this.rows.get(name);
      if (refused.length < cells.length) {
        state.replaceChildren(this.mark("good", this.say("part_arrived")));
        back.remove();
        hasCome = true;
        continue;
      }
      this.#gone(name);
      const form = this.#formOf(name);
      if (isFinal || !this.#isEmpty(form)) continue; // it is shown to be copied
      await this.keep.forget(name);
      this.#fill(form, cells);
      this.#sayIn(form, [...new Set(refused)].join(" "));
    }
    return hasCome;
  }
}
