// The calendar page: one week of one account, live. Holds the state; the other modules draw it and report gestures.

import { addDays, clock, dayOf, minutesOf, monday, monthTitle, wall } from "./dates.js";
import { edit } from "./editor.js";
import { calendarTint, draw, drawNow, element, key, paint, showMorning } from "./grid.js";
import { follow, gesturing } from "./pointer.js";
import { listen, perform, readWeek } from "./server.js";

const place = (id) => document.getElementById(id);
const zone = document.body.dataset.zone;
const parameters = new URLSearchParams(location.search);
const sizes = [[480, 3], [680, 5], [Infinity, 7]];
const dayCount = () => sizes.find(([width]) => window.innerWidth <= width)[1];

const state = {
  first: null, days: [], today: "", events: [], calendars: [], hidden: new Set(), fresh: new Set(), seen: new Map(),
  readAt: 0, nowText: "", version: -1, stale: false, draft: null, own: new Set(), scrolled: false,
  now() {
    const minutes = minutesOf(this.nowText) + Math.floor((performance.now() - this.readAt) / 60_000);
    return wall(dayOf(this.nowText), minutes);
  },
};

/** Read and draw the week again, unless a gesture is under way. */
async function refresh() {
  if (gesturing()) {
    state.stale = true;
    return;
  }
  try {
    await reread();
    showLive(true);
  } catch {
    showLive(false); // The stream reconnects by itself, and its first message reads the week again.
  }
}

async function reread() {
  const first = state.first ?? parameters.get("day") ?? dayOf(new Date().toISOString());
  const count = dayCount();
  const start = count === 7 ? monday(first) : first;
  const read = await readWeek(start, addDays(start, count));
  state.nowText = read.now;
  state.readAt = performance.now();
  state.today = dayOf(read.now);
  if (state.first === null) {
    state.first = parameters.get("day") ?? state.today;
    if (state.first !== first) return reread();
  }
  state.version = read.version;
  state.days = Array.from({ length: count }, (_, index) => addDays(start, index));
  takeIn(read);
  place("month").textContent = monthTitle(state.days[0], state.days.at(-1));
  draw(state);
  drawCalendars();
  drawTrash();
  state.fresh.clear();
  if (!state.scrolled) showMorning(state);
  state.scrolled = true;
  return undefined;
}

function takeIn(read) {
  const before = state.seen;
  state.calendars = read.calendars.map((entry) => ({
    ...entry,
    name: entry.primary ? "Events" : (entry.summaryOverride ?? entry.summary),
    tint: calendarTint(entry),
    writable: ["owner", "writer"].includes(entry.accessRole),
  }));
  state.events = state.calendars.flatMap((calendar) =>
    calendar.events.map((event) => ({ ...event, calendar, writable: calendar.writable && Boolean(event.organizer?.self) })));
  state.seen = new Map(state.events.map((event) => [key(event), event.etag]));
  for (const [id, etag] of state.seen) {
    if (state.scrolled && before.span === state.days[0] && before.get(id) !== etag && !state.own.delete(id)) state.fresh.add(id);
  }
  state.seen.span = state.days[0];
}

function drawCalendars() {
  place("calendars").replaceChildren(...state.calendars.map((calendar) => {
    const [item, label, box] = [element("li"), element("label"), element("input")];
    box.type = "checkbox";
    box.checked = !state.hidden.has(calendar.id);
    paint(box, calendar.tint);
    box.addEventListener("change", () => {
      if (box.checked) state.hidden.delete(calendar.id);
      else state.hidden.add(calendar.id);
      draw(state);
    });
    label.append(box, element("span", "", calendar.primary ? calendar.summaryOverride ?? "My calendar" : calendar.name));
    item.append(label);
    return item;
  }));
}

function drawTrash() {
  const gone = state.calendars.flatMap((calendar) => calendar.trash.map((event) => ({ ...event, calendar })));
  place("trash-count").textContent = String(gone.length);
  place("trash-count").hidden = gone.length === 0;
  const lines = gone.map((event) => {
    const [line, text, restore] = [element("li"), element("div"), element("button", "pill", "Restore")];
    const when = event.start.date ?? `${dayOf(event.start.dateTime)} ${clock(minutesOf(event.start.dateTime))}`;
    text.append(element("strong", "", event.summary || "(No title)"), element("small", "", when));
    restore.type = "button";
    restore.addEventListener("click", () => act("restore", event));
    line.append(text, restore);
    return line;
  });
  place("trash-items").replaceChildren(...(lines.length ? lines : [element("p", "soft", "Nothing is in the trash.")]));
}

async function act(action, event, more = {}) {
  state.own.add(key(event));
  const done = await perform(action, { event_id: event.id, ...(action === "answer" ? {} : { calendar: event.calendar.id }), ...more });
  await refresh();
  return done;
}

const actions = {
  async save(event, fields, { calendar, notify, scope }) {
    if (!event.id) {
      const filled = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
      const made = await perform("create", { ...filled, calendar, notify });
      state.own.add(`${calendar} ${made.id}`);
      await refresh();
      return;
    }
    await act(`edit${scope}`, event, { ...fields, notify });
    if (calendar !== event.calendar.id) await act("move_to_calendar", event, { destination: calendar });
  },
  async remove(event, notify, scope = "") {
    await act(`delete${scope}`, event, { notify });
    if (scope) toast("Events deleted");
    else toast("Event deleted", () => act("restore", event));
  },
  answer: (event, response) => act("answer", event, { response }),
  meet: (event) => act("add_meet", event),
  closed() {
    state.draft?.();
    state.draft = null;
    if (state.stale) refresh();
    state.stale = false;
  },
};

let toastEnds = 0;

function toast(text, undo) {
  const box = place("toast");
  box.firstElementChild.textContent = text;
  box.lastElementChild.hidden = !undo;
  box.lastElementChild.onclick = () => {
    box.hidden = true;
    undo();
  };
  box.hidden = false;
  clearTimeout(toastEnds);
  toastEnds = setTimeout(() => { box.hidden = true; }, 6000);
}

function open(event) {
  edit({ ...event, calendar: { ...event.calendar } }, state.calendars, actions);
}

function create({ day, from, to, start, end, settled }) {
  const calendar = state.calendars.find((each) => each.writable);
  const timed = (minutes) => ({ dateTime: wall(day, minutes), timeZone: zone });
  state.draft = settled;
  edit({ start: start ?? timed(from), end: end ?? timed(to), calendar }, state.calendars, actions);
}

async function move(event, result) {
  if (state.stale) {
    state.stale = false;
    setTimeout(refresh, 0);
  }
  if (result) {
    const timed = (minutes) => ({ dateTime: wall(result.day, minutes), timeZone: zone });
    const [start, end] = result.start ? [result.start, result.end] : [timed(result.from), timed(result.to)];
    try {
      await act("move", event, { start, end });
      return;
    } catch (fault) {
      toast(fault.message, refresh);
    }
  }
  draw(state);
}

function createNow() {
  const now = state.now();
  const day = state.days.includes(state.today) ? state.today : state.days[0];
  const from = Math.min(22 * 60, (Math.floor(minutesOf(now) / 60) + 1) * 60);
  create({ day, from, to: from + 60 });
}

function go(days) {
  state.first = days === null ? state.today : addDays(state.days[0], days);
  refresh();
}

place("today").addEventListener("click", () => go(null));
place("previous").addEventListener("click", () => go(-dayCount()));
place("next").addEventListener("click", () => go(dayCount()));
place("create").addEventListener("click", createNow);
place("create-small").addEventListener("click", createNow);
place("open-trash").addEventListener("click", () => place("trash").showModal());
place("close-trash").addEventListener("click", () => place("trash").close());
follow({ find: (id) => state.events.find((event) => key(event) === id), open, created: create, moved: move });

document.addEventListener("keydown", (press) => {
  if (press.target.matches("input, textarea, select") || document.querySelector("dialog[open]")) return;
  const event = state.events.find((each) => key(each) === press.target.dataset?.key);
  if (event?.writable && (press.key === "Delete" || press.key === "Backspace")) actions.remove(event, false);
  else if (event?.writable && event.start.dateTime && press.altKey && press.key.startsWith("Arrow")) nudge(press, event);
  else if (press.metaKey || press.ctrlKey || press.altKey) return;
  else if (press.key === "c") createNow();
  else if (press.key === "t") go(null);
  else return;
  press.preventDefault();
});

function nudge(press, event) {
  const by = { ArrowUp: -15, ArrowDown: 15, ArrowLeft: -1440, ArrowRight: 1440 }[press.key];
  const [day, from] = [dayOf(event.start.dateTime), minutesOf(event.start.dateTime)];
  const length = (Date.parse(event.end.dateTime) - Date.parse(event.start.dateTime)) / 60_000;
  move(event, { day, from: from + by, to: from + by + length });
}

function showLive(live) {
  place("live").classList.toggle("off", !live);
  place("live").textContent = live ? "Live" : "Reconnecting…";
}

window.addEventListener("resize", () => {
  if (state.days.length !== dayCount()) refresh();
});
setInterval(() => { if (state.nowText) drawNow(state); }, 30_000);

await refresh();
let queued = 0;
listen((version) => {
  if (version === state.version) return;
  clearTimeout(queued);
  queued = setTimeout(refresh, 60);
}, showLive);
const wanted = state.events.find((event) => event.id === parameters.get("event"));
if (wanted) open(wanted);
