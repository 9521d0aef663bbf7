// Brings what is kept to the portal, and from there what others wrote.

import { plain } from "./text.js";

const SOONEST = 1000;
const LATEST = 60_000;
const LISTEN = 4000;
const PATIENCE = 30_000;

class Refused extends Error {}
class SignedOut extends Error {}
class SomeoneElse extends Error {}

export class Line {
  // address: of the meeting's changes. hear: what to do with what comes,
  //   settled(list), arrived({cell: state}), clashes(list), typed(change), said(),
  //   news() of what is no cell, and
  //   isClash(cell): whether an open conflict of the cell is known.
  constructor({ address, user, keep, number, ballots, hear }) {
    Object.assign(this, { address, user, keep, number, ballots, hear });
    // "ok", "offline", "signin", "other", "refused": how the last try went.
    this.state = navigator.onLine ? "ok" : "offline";
    this.reason = "";
    this.token = "";
    this.name = "";
    this.savedAt = null;
    this.isFinal = false;
    this.delay = 0;
    this.wakeUp = () => {};
    this.channel = new BroadcastChannel(`${keep.at}`);
    this.channel.onmessage = ({ data }) => this.#overhear(data);
    addEventListener("online", () => this.wake());
    addEventListener("offline", () => this.#say("offline"));
    addEventListener("focus", () => this.wake());
    addEventListener("pageshow", () => this.wake());
    document.addEventListener("visibilitychange", () => this.wake());
  }

  // One tab of the browser does this; should it close, the next one takes over.
  async run() {
    const work = () => this.#work();
    if (navigator.locks) await navigator.locks.request(this.keep.at, work);
    else await work();
  }

  // Something waits here, or the line may be back.
  wake() {
    this.delay = 0;
    this.isWoken = true;
    this.wakeUp();
  }

  // Another tab may be the one that sends.
  call() {
    this.channel.postMessage({ kind: "wake" });
    this.wake();
  }

  tell(kind, data) {
    this.channel.postMessage({ kind, data });
  }

  async #work() {
    for (;;) {
      this.isWoken = false;
      try {
        await this.#once();
        this.delay = 0;
        this.#say("ok");
      } catch (error) {
        this.#fail(error);
      }
      await this.#pause();
    }
  }

  async #once() {
    const isSeen = document.visibilityState === "visible";
    const { waiting } = await this.keep.counts();
    if (waiting || isSeen || !this.token) await this.#listen();
    while ((await this.keep.counts()).waiting) {
      const batch = await this.keep.take();
      if (!batch.changes.length) return;
      const answer = await this.#ask("", {
        method: "POST",
        body: JSON.stringify(batch),
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.token },
      });
      const settled = await this.keep.settle(answer.answers, this.name);
      this.savedAt = new Date();
      this.#pass("settled", settled);
      if (settled.some(({ outcome }) => outcome === "conflict")) await this.#readClashes();
      if (!settled.length) return;
    }
  }

  async #listen() {
    let more = true;
    while (more) {
      const heard = await this.#ask(`?sejak=${this.number}`);
      this.token = heard.token;
      this.name = heard.name;
      this.isFinal = heard.final;
      if ("ballots" in heard && heard.ballots !== this.ballots) this.#pass("news");
      this.ballots = heard.ballots;
      const cells = {};
      let isClash = false;
      for (const change of heard.changes) {
        const { cell, version, author, at, outcome } = change;
        isClash ||= outcome === "conflict" || this.hear.isClash(cell);
        if (outcome === "applied" || outcome === "merged") {
          cells[cell] = { version, value: plain(change.value), author, at };
        }
      }
      const last = heard.changes.at(-1)?.number ?? heard.number;
      more = heard.more;
      this.number = more ? last : heard.number;
      if (heard.changes.length) {
        await this.keep.remember(cells, { number: this.number });
        this.#pass("arrived", cells);
      }
      if (isClash) await this.#readClashes();
    }
  }

  async #readClashes() {
    const { conflicts } = await this.#ask("?sejak=semua");
    await this.keep.setClashes(conflicts);
    this.#pass("clashes", conflicts);
  }

  async #ask(query, options = {}) {
    const answer = await fetch(this.address + query, {
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
      ...options,
    });
    const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
    const said = isJson ? await answer.json() : {};
    if (answer.status === 401) throw new SignedOut();
    if (!answer.ok || !isJson) {
      this.token = "";
      if (said.refused) throw new Refused(said.refused);
      throw new Error(answer.status);
    }
    if (said.user !== this.user) throw new SomeoneElse();
    return said;
  }

  #fail(error) {
    this.delay = Math.min(Math.max(this.delay * 2, SOONEST), LATEST);
    if (error instanceof SignedOut) this.#say("signin");
    else if (error instanceof SomeoneElse) this.#say("other");
    else if (error instanceof Refused) this.#say("refused", error.message);
    else this.#say("offline");
  }

  #pause() {
    return new Promise((resolve) => {
      if (this.isWoken) return resolve();
      const jitter = 0.5 + Math.random() / 2;
      const timer = setTimeout(resolve, (this.delay || LISTEN) * jitter);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #say(state, reason = "") {
    this.#pass("said", { state, reason, savedAt: this.savedAt, isFinal: this.isFinal });
  }

  // To this tab and to the others.
  #pass(kind, data) {
    this.#take(kind, data);
    this.tell(kind, data);
  }

  #overhear({ kind, data }) {
    if (kind === "wake") this.wake();
    else this.#take(kind, data);
  }

  #take(kind, data) {
    if (kind === "said") Object.assign(this, data);
    this.hear[kind](data);
  }
}
