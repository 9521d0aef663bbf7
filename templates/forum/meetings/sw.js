// Keeps the meeting room's shell and files, and answers with them where the portal
// cannot be reached. Data of meetings and people never come in here.
const VERSION = "{{ version }}";
const FILES = {{ files|safe }};
const SHELL = "/rapat/luring/";
const ROOM = /^\/rapat\/\d+\/catat\/$/;
const PATIENCE = 8000;

addEventListener("install", (event) => event.waitUntil(fill()));
addEventListener("activate", (event) => event.waitUntil(sweep()));
addEventListener("message", ({ data }) => data === "takeover" && skipWaiting());
addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (origin !== location.origin || request.method !== "GET") return;
  if (request.mode === "navigate" && ROOM.test(pathname)) {
    event.respondWith(room(request));
  } else if (FILES.includes(pathname)) event.respondWith(file(request));
});

async function fill() {
  const cache = await caches.open(VERSION);
  const shell = new Request(SHELL, { credentials: "omit", cache: "reload" });
  await cache.addAll([...FILES, shell]);
}

async function sweep() {
  for (const name of await caches.keys()) {
    if (name !== VERSION) await caches.delete(name);
  }
  await clients.claim();
}

async function room(request) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status < 500) return answer;
  } catch {
    // Answered below.
  }
  return kept(SHELL);
}

async function file(request) {
  return (await kept(request)) ?? fetch(request);
}

async function kept(request) {
  return (await caches.open(VERSION)).match(request, { ignoreVary: true });
}
