// Before signing out: says what has not reached the portal, and forgets what may go.

import { leave, openStore, waitingOf } from "./keep.js";

const form = document.querySelector("form[data-user]");

async function start() {
  const store = await openStore();
  if (!store) return;
  const user = Number(form.dataset.user);
  const waiting = await waitingOf(store, user);
  const rooms = Object.keys(waiting);
  if (rooms.length) {
    const count = Object.values(waiting).reduce((sum, n) => sum + n, 0);
    const template = document.getElementById("menunggu");
    const notice = template.content.firstElementChild;
    notice.querySelector("b").textContent = count;
    for (const room of rooms) {
      const link = document.createElement("a");
      link.href = `/rapat/${room}/catat/`;
      link.textContent = `${template.dataset.room} ${room} (${waiting[room]})`;
      const item = document.createElement("li");
      item.append(link);
      notice.querySelector("ul").append(item);
    }
    form.before(notice);
    form.querySelector("button").textContent = template.dataset.leave;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await leave(store, user).catch(() => {});
    form.submit();
  });
}

start();
