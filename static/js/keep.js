// What this device keeps of a meeting, apart for each user.
//
//   <user>/<meeting>/room         the device's name and count, how far it has read
//   <user>/<meeting>/cell/<cell>  the last known value and version at the portal
//   <user>/<meeting>/open/<cell>  typed, not sent yet: replaced by what is typed next
//   <user>/<meeting>/sent/<cell>  on its way: never touched until it is answered
//   <user>/<meeting>/clash/<cell> open conflicts: nothing of the cell is sent meanwhile
//   <user>/<meeting>/lost/<id>    refused by the portal, to be copied elsewhere; of a
//                                 new part as a whole under the name of the part
//   <user>/<meeting>/draft/<form> a new part being typed
//   who                           who was last in a room in this browser

import { plain, rebase } from "./text.js";

const NAME = "leksono-rapat";
const MOST = 200;
const LARGEST = 200 * 1024;

// Without https crypto.randomUUID is missing.
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

class Database {
  kind = "database";

  static open() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("kept");
      asked.onsuccess = () => resolve(new Database(asked.result));
      asked.onerror = () => reject(asked.error);
      asked.onblocked = () => reject(new Error("blocked"));
    });
  }

  constructor(database) {
    this.database = database;
    database.onversionchange = () => database.close();
  }

  // One transaction: `work` gets what is kept under `prefixes`, gives what to write.
  change(prefixes, work) {
    return this.#transact("readwrite", (store, done) => {
      const found = new Map();
      let left = prefixes.length;
      for (const prefix of prefixes) {
        const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
        store.openCursor(range).onsuccess = ({ target: { result: cursor } }) => {
          if (cursor) {
            found.set(cursor.key, cursor.value);
            cursor.continue();
          } else if ((left -= 1) === 0) {
            const [writes, answer] = work(found);
            done(answer);
            for (const [key, value] of writes) {
              if (value === null) store.delete(key);
              else store.put(value, key);
            }
          }
        };
      }
    });
  }

  // Sent off before this function returns: a page being closed still gets it through.
  put(writes) {
    return this.#transact("readwrite", (store) => {
      for (const [key, value] of writes) {
        if (value === null) store.delete(key);
        else store.put(value, key);
      }
      store.transaction.commit?.();
    });
  }

  read(prefix) {
    return this.#transact("readonly", (store, done) => {
      const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
      const keys = store.getAllKeys(range);
      store.getAll(range).onsuccess = ({ target }) =>
        done(new Map(keys.result.map((key, at) => [key, target.result[at]])));
    });
  }

  keys(prefix) {
    return this.#transact("readonly", (store, done) => {
      const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
      store.getAllKeys(range).onsuccess = ({ target }) => done(target.result);
    });
  }

  #transact(mode, work) {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction("kept", mode, {
        durability: "strict",
      });
      let answer;
      transaction.oncomplete = () => resolve(answer);
      transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
      work(transaction.objectStore("kept"), (value) => {
        answer = value;
      });
    });
  }
}

class Shelf {
  kind = "shelf";

  async change(prefixes, work) {
    const found = new Map();
    for (const prefix of prefixes) {
      for (const [key, value] of await this.read(prefix)) found.set(key, value);
    }
    const [writes, answer] = work(found);
    await this.put(writes);
    return answer;
  }

  async put(writes) {
    for (const [key, value] of writes) {
      if (value === null) localStorage.removeItem(`${NAME}:${key}`);
      else localStorage.setItem(`${NAME}:${key}`, JSON.stringify(value));
    }
  }

  async keys(prefix) {
    return [...(await this.read(prefix)).keys()];
  }

  async read(prefix) {
    const start = `${NAME}:`;
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(start + prefix));
    return new Map(
      keys.map((key) => [key.slice(start.length), JSON.parse(localStorage.getItem(key))]),
    );
  }
}

// Only while the page is open: where the device has no room left.
class Memory extends Shelf {
  kind = "memory";
  #map;

  constructor(map, full) {
    super();
    this.#map = map;
    this.full = full;
  }

  async put(writes) {
    for (const [key, value] of writes) {
      if (value === null) this.#map.delete(key);
      else this.#map.set(key, value);
    }
    const gone = writes.filter(([, value]) => value === null);
    if (gone.length) this.full.put(gone).catch(() => {});
  }

  async read(prefix) {
    return new Map([...this.#map].filter(([key]) => key.startsWith(prefix)));
  }
}

function stash(work) {
  try {
    return work(localStorage);
  } catch {
    return null; // full or forbidden: the database has it, or nothing has
  }
}

// Null where the browser keeps nothing at all.
export async function openStore() {
  try {
    return await Database.open();
  } catch {
    try {
      localStorage.setItem(`${NAME}:try`, "1");
      localStorage.removeItem(`${NAME}:try`);
      return new Shelf();
    } catch {
      return null;
    }
  }
}

// A sign-in gives the browser another token: its trace tells one sign-in from the next.
async function trace() {
  const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16)).join(".");
}

export async function enter(store, user) {
  if (crypto.subtle) await store.put([["who", { user, trace: await trace() }]]);
}

// The user whose room may be shown without asking the portal, or null.
export async function whoIsHere(store) {
  const who = (await store.read("who")).get("who");
  return who && who.trace === (await trace()) ? who.user : null;
}

// Rooms of `user` with changes that have not reached the portal: {meeting: how many}.
export async function waitingOf(store, user) {
  const rooms = {};
  for (const key of await store.keys(`${user}/`)) {
    const [, meeting, kind] = key.split("/");
    if (kind === "open" || kind === "sent") rooms[meeting] = (rooms[meeting] ?? 0) + 1;
  }
  return rooms;
}

// On leaving: what was read goes, what was typed and not yet sent stays for its writer.
export async function leave(store, user) {
  const waiting = await waitingOf(store, user);
  const gone = (await store.keys(`${user}/`)).filter((key) => {
    const [, meeting, kind] = key.split("/");
    return !(meeting in waiting) && kind !== "lost" && kind !== "draft";
  });
  await store.put([["who", null], ...gone.map((key) => [key, null])]);
}

export class Keep {
  constructor(store, user, meeting) {
    this.store = store;
    this.at = `${user}/${meeting}/`;
    this.failed = () => {};
    this.pending = new Map();
  }

  // Where the device is full, go on in memory and say so.
  async #try(work) {
    try {
      return await work(this.store);
    } catch (error) {
      if (this.store.kind === "memory") throw error;
      const full = this.store;
      const kept = await full.read(this.at).catch(() => new Map());
      if (this.store === full) this.store = new Memory(kept, full);
      this.failed(error);
      return work(this.store);
    }
  }

  #change(kinds, work) {
    const prefixes = kinds.map((kind) => this.at + kind);
    const ours = (writes) => writes.map(([key, value]) => [this.at + key, value]);
    return this.#try((store) =>
      store.change(prefixes, (found) => {
        const all = new Map(
          [...found].map(([key, value]) => [key.slice(this.at.length), value]),
        );
        const [writes, answer] = work(all);
        return [ours(writes), answer];
      }),
    );
  }

  // All that is kept, with what a page that was closed in the middle left behind.
  async open() {
    const start = this.#stashed("");
    const left = stash((shelf) => Object.keys(shelf).filter((key) => key.startsWith(start)));
    for (const key of left ?? []) {
      const change = JSON.parse(localStorage.getItem(key));
      await this.#change([`open/${change.cell}`], (kept) => {
        const open = kept.get(`open/${change.cell}`);
        const isNewer = !open || open.typed_at < change.typed_at;
        return [isNewer ? [[`open/${change.cell}`, change]] : []];
      });
      localStorage.removeItem(key);
    }
    return this.all();
  }

  // A page being closed may not see the end of what it began to keep.
  stash() {
    for (const [cell, change] of this.pending) {
      stash((shelf) => shelf.setItem(this.#stashed(cell), JSON.stringify(change)));
    }
  }

  #stashed(cell) {
    return `${NAME}-stash:${this.at}${cell}`;
  }

  async all() {
    const kept = await this.store.read(this.at);
    return new Map([...kept].map(([key, value]) => [key.slice(this.at.length), value]));
  }

  put(key, value) {
    return this.#try((store) => store.put([[this.at + key, value]]));
  }

  // Kept when the promise is. `base`: the version that the writer saw.
  write(cell, value, base, resolves = null) {
    return this.#write([{ cell, value, base, resolves }]);
  }

  // A new part, all of it or nothing, and the draft it was made from gone with it.
  // cells: [{cell, value, told}], told: what the value says to people.
  writePart(draft, cells) {
    const whole = cells.map((cell) => ({ ...cell, base: 0, resolves: null }));
    return this.#write(whole, [[`draft/${draft}`, null]]);
  }

  async #write(list, more = []) {
    const typed_at = new Date().toISOString();
    const changes = list.map((change) => ({ ...change, id: uuid(), typed_at }));
    for (const change of changes) this.pending.set(change.cell, change);
    const writes = changes.map((change) => [`open/${change.cell}`, change]);
    const ours = [...writes, ...more].map(([key, value]) => [this.at + key, value]);
    await this.#try((store) => store.put(ours));
    for (const change of changes) {
      const { cell } = change;
      if (this.pending.get(cell) !== change) continue;
      this.pending.delete(cell);
      stash((shelf) => shelf.removeItem(this.#stashed(cell)));
    }
  }

  // Throw a new part away that has not gone out; false where some of it has.
  drop(part) {
    return this.#change([`open/${part}/`, `sent/${part}/`], (kept) => {
      if ([...kept.keys()].some((key) => key.startsWith("sent/"))) return [[], false];
      return [[...kept.keys()].map((key) => [key, null]), true];
    });
  }

  // A refused part is in its form again.
  forget(part) {
    return this.put(`lost/${part}`, null);
  }

  // What the page and the portal know, older versions left out.
  remember(cells, room = {}) {
    return this.#change(["room", "cell/"], (kept) => {
      const writes = [];
      for (const [cell, state] of Object.entries(cells)) {
        const known = kept.get(`cell/${cell}`);
        if (!known || known.version < state.version) writes.push([`cell/${cell}`, state]);
      }
      const old = kept.get("room") ?? { device: uuid(), seq: 0, number: 0 };
      const number = Math.max(old.number, room.number ?? 0);
      writes.push(["room", { ...old, ...room, number }]);
      return [writes];
    });
  }

  // The open conflicts, as the portal says them: all of them, or none is known.
  setClashes(clashes) {
    return this.#change(["clash/"], (kept) => {
      const gone = [...kept.keys()].map((key) => [key, null]);
      const now = new Map();
      for (const clash of clashes) {
        now.set(clash.cell, [...(now.get(clash.cell) ?? []), clash.other]);
      }
      return [[...gone, ...[...now].map(([cell, others]) => [`clash/${cell}`, others])]];
    });
  }

  // What to send now. What was under way before goes again under its old name.
  take() {
    return this.#change(["room", "open/", "sent/", "clash/"], (kept) => {
      const room = { ...kept.get("room") };
      const writes = [];
      const changes = [...kept].filter(([key]) => key.startsWith("sent/"));
      const taken = changes.map(([, change]) => change).sort((a, b) => a.seq - b.seq);
      let size = JSON.stringify(taken).length;
      const open = [...kept].filter(([key]) => key.startsWith("open/"));
      open.sort(([, a], [, b]) => (a.typed_at < b.typed_at ? -1 : 1));
      for (const [key, change] of open) {
        const { cell } = change;
        if (kept.has(`sent/${cell}`)) continue;
        if (kept.has(`clash/${cell}`) && !change.resolves) continue;
        size += JSON.stringify(change).length * 2;
        if (taken.length && (taken.length === MOST || size > LARGEST)) {
          // A new part goes out whole: nothing of it before all of it fits.
          while (change.told && taken.at(-1)?.typed_at === change.typed_at) {
            taken.pop();
            writes.splice(-2);
          }
          break;
        }
        room.seq += 1;
        const sent = { ...change, seq: room.seq };
        taken.push(sent);
        writes.push([key, null], [`sent/${cell}`, sent]);
      }
      writes.push(["room", room]);
      return [writes, { device: room.device, changes: taken }];
    });
  }

  // Answers to what was sent: [{cell, sent, state, outcome, reason}].
  settle(answers, name) {
    return this.#change(["open/", "sent/", "clash/", "cell/"], (kept) => {
      const writes = [];
      const settled = [];
      const lost = new Map();
      const byId = new Map(answers.map((answer) => [answer.id, answer]));
      for (const [key, sent] of kept) {
        const answer = key.startsWith("sent/") && byId.get(sent.id);
        if (!answer) continue;
        const { cell } = sent;
        const { outcome, reason } = answer;
        const at = new Date().toISOString();
        const author = outcome === "conflict" ? "" : name;
        // An answer given before tells the version of then, and the value of now.
        const version = Math.max(answer.version, kept.get(`cell/${cell}`)?.version ?? 0);
        const state = { version, value: plain(answer.value), author, at };
        writes.push([key, null]);
        if (outcome === "refused") {
          const place = sent.told ? cell.slice(0, cell.indexOf("/")) : sent.id;
          const before = lost.get(place)?.value;
          const value = [before ?? [], sent.told ?? sent.value].flat().join("\n");
          lost.set(place, { cell, value, reason, at });
          writes.push([`lost/${place}`, lost.get(place)]);
        } else {
          writes.push([`cell/${cell}`, state]);
        }
        const others = (kept.get(`clash/${cell}`) ?? []).filter(
          ({ id }) => id !== sent.resolves,
        );
        if (outcome === "conflict") {
          others.push({ id: sent.id, value: sent.value, author: name, at });
        }
        writes.push([`clash/${cell}`, others.length ? others : null]);
        const open = kept.get(`open/${cell}`);
        if (open && outcome !== "refused" && outcome !== "conflict") {
          const value = rebase(sent.value, open.value, state.value);
          if (value !== null) {
            writes.push([`open/${cell}`, { ...open, id: uuid(), value, base: version }]);
          }
        }
        settled.push({ cell, sent, state, outcome, reason });
      }
      return [writes, settled];
    });
  }

  async counts() {
    const keys = await this.store.keys(this.at);
    const of = (kind) => keys.filter((key) => key.startsWith(this.at + kind)).length;
    return { waiting: of("open/") + of("sent/"), lost: of("lost/"), clashes: of("clash/") };
  }
}
