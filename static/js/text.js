// Changes of a text as one piece: what stood between two places, and what stands there.

export function edit(before, after) {
  const most = Math.min(before.length, after.length);
  let from = 0;
  while (from < most && before[from] === after[from]) from += 1;
  let end = 0;
  while (
    end < most - from &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end += 1;
  }
  return { from, to: before.length - end, text: after.slice(from, after.length - end) };
}

function applied(text, { from, to, text: put }) {
  return text.slice(0, from) + put + text.slice(to);
}

// `mine` and `theirs` both came of `was`: the value with both changes, or null where
// they touch and a person has to choose.
export function rebase(was, mine, theirs) {
  if (mine === was || mine === theirs) return theirs;
  if (theirs === was) return mine;
  if (typeof was !== "string" || typeof mine !== "string" || typeof theirs !== "string") {
    return null;
  }
  const [first, last] = [edit(was, mine), edit(was, theirs)].sort(
    (a, b) => a.from - b.from || a.to - b.to,
  );
  return first.to < last.from ? applied(applied(was, last), first) : null;
}

// Browsers and forms write the end of a line in two ways.
export function plain(value) {
  return typeof value === "string" ? value.replace(/\r\n?/g, "\n") : value;
}
