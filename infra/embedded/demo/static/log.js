// The log in plain words. Lines are kept and only what is new is added, so that a screen reader hears news once.

import { element, place } from "./dom.js";
import { clockOf, typeset } from "./words.js";

const list = place("entries");
const drawn = new Map();
const SIDES = { crm: "CRM", google: "Google", tandem: "Tandem", trouble: "Trouble" };
const SLOW_S = 2;

/** `open` hears of the id of a task whose line was pressed. Gives whether there was something new. */
export function drawLog(entries, open) {
  const first = drawn.size === 0;
  let news = false;
  const wanted = new Set(entries.map((entry) => entry.number));
  for (const [number, line] of drawn) {
    if (!wanted.has(number)) {
      line.node.remove();
      drawn.delete(number);
    }
  }
  for (const entry of [...entries].reverse()) {
    const text = JSON.stringify(entry);
    const known = drawn.get(entry.number);
    if (known?.text === text) continue;
    const node = entryNode(entry, open);
    if (known) known.node.replaceWith(node);
    else {
      list.prepend(node);
      node.classList.toggle("new", !first);
      news = true;
    }
    drawn.set(entry.number, { text, node });
  }
  const empty = list.querySelector(".empty");
  if (entries.length) empty?.remove();
  else if (!empty) list.append(element("li", "empty", "Nothing has happened yet. Connect Anna’s calendar, then change something on either side."));
  return news && !first;
}

function entryNode({ at, side, tone, text, why, details, task_id: task, took_s: took }, open) {
  const mark = element("span", "side", SIDES[side]);
  mark.dataset.side = side;
  const said = element("p", "said");
  if (task) {
    const opener = element("button", "", typeset(text));
    opener.type = "button";
    opener.addEventListener("click", () => open(task));
    said.append(opener);
  } else said.textContent = typeset(text);
  const time = element("time", "", clockOf(at));
  time.dateTime = at;
  const node = element("li", "entry", "", time, mark, said);
  node.dataset.tone = tone;
  if (took !== null) node.append(tookNode(took, side));
  const more = [...details, ...(why ? [`why: ${why}`] : [])];
  if (more.length) said.append(element("span", "more", typeset(more.join("  ·  "))));
  return node;
}

function tookNode(took, side) {
  const seconds = took < 0.1 ? "< 0.1" : took < 10 ? took.toFixed(1) : String(Math.round(took));
  const node = element("span", `took ${took > SLOW_S ? "slow" : ""}`, `after ${seconds} s`);
  node.title = side === "google" ? "From the edit in Google until the CRM was told" : "From the save in the CRM until it stood in Google";
  return node;
}
