// Draws the week: heads, all-day row, day columns, events, the line of now. Reads state, changes nothing.

import { clock, dayName, dayOf, longDay, minutesOf } from "./dates.js";
import { columns, pieces, rows } from "./layout.js";

export const HOUR = 48;
const eventColors = JSON.parse(document.body.dataset.colors);
const calendarColors = JSON.parse(document.body.dataset.calendarColors);
const [heads, allDay, grid, scroll] = ["heads", "allday", "grid", "scroll"].map((id) => document.getElementById(id));

export function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

export const calendarTint = (calendar) => calendarColors[calendar.colorId] ?? calendar.backgroundColor;
export const tint = (event) => eventColors[event.colorId]?.background ?? calendarTint(event.calendar);
export const key = (event) => `${event.calendar.id} ${event.id}`;

function ink(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return red * 0.299 + green * 0.587 + blue * 0.114 > 165 ? "#1f2329" : "#ffffff";
}

export function paint(node, color) {
  node.style.setProperty("--tint", color);
  const light = ink(color) === "#ffffff";
  node.style.setProperty("--ink", ink(color));
  node.style.setProperty("--depth", light ? "88%" : "100%");
}

export function draw(state) {
  document.documentElement.style.setProperty("--days", state.days.length);
  const focused = document.activeElement?.dataset?.key;
  drawHeads(state);
  const visible = state.events.filter((event) => !state.hidden.has(event.calendar.id));
  drawAllDay(state, visible.filter((event) => event.start.date));
  drawDays(state, visible.filter((event) => event.start.dateTime));
  drawNow(state);
  const bar = `${scroll.offsetWidth - scroll.clientWidth}px`;
  document.documentElement.style.setProperty("--bar", bar);
  if (focused) document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function drawHeads({ days, today }) {
  heads.replaceChildren(element("span"));
  for (const day of days) {
    const head = element("div", day === today ? "head today" : "head", dayName(day));
    head.append(element("b", "", String(Number(day.slice(8)))));
    heads.append(head);
  }
}

function drawAllDay(state, events) {
  allDay.replaceChildren(allDay.firstElementChild);
  state.days.forEach((day, index) => {
    const slot = element("button", "slot");
    slot.type = "button";
    slot.dataset.day = day;
    slot.setAttribute("aria-label", `All day on ${longDay(day)}`);
    slot.style.gridColumn = String(index + 2);
    slot.style.left = "0";
    slot.style.right = "0";
    allDay.append(slot);
  });
  for (const { event, from, to, row } of rows(events, state.days)) {
    const node = eventNode(state, event, "");
    node.style.gridColumn = `${from + 2} / ${to + 2}`;
    node.style.gridRow = String(row + 1);
    allDay.append(node);
  }
}

function drawDays(state, events) {
  const hours = element("div", "hours");
  hours.setAttribute("aria-hidden", "true");
  for (let hour = 1; hour < 24; hour += 1) {
    const label = element("span", "", clock(hour * 60));
    label.style.top = `${hour * HOUR}px`;
    hours.append(label);
  }
  const found = pieces(events, state.days);
  const made = state.days.map((day) => {
    const column = element("div", "day");
    column.dataset.day = day;
    for (const piece of columns(found.filter((each) => each.day === day))) column.append(timedNode(state, piece));
    return column;
  });
  grid.replaceChildren(hours, ...made);
}

function timedNode(state, piece) {
  const { event, from, to } = piece;
  const narrow = piece.columns > 1 || grid.clientWidth / state.days.length < 125;
  const height = Math.max(((to - from) / 60) * HOUR, 20) - 2;
  const times = `${clock(minutesOf(event.start.dateTime))} – ${clock(minutesOf(event.end.dateTime))}`;
  const node = eventNode(state, event, narrow || height < 36 ? times.slice(0, 5) : times);
  const width = 100 / piece.columns;
  node.classList.toggle("short", height < 36);
  node.style.setProperty("--room", `${height}px`);
  node.classList.toggle("narrow", piece.columns > 1);
  node.style.setProperty("--lines", Math.max(1, Math.floor((height - 8) / 16) - 1));
  node.style.top = `${(from / 60) * HOUR + 1}px`;
  node.style.height = `${height}px`;
  node.style.left = `calc(${piece.column * width}% + 1px)`;
  node.style.width = `calc(${width * piece.span}% - ${piece.column + piece.span === piece.columns ? 10 : 3}px)`;
  if (height >= 66 && event.location) node.append(element("span", "", event.location));
  if (piece.last && event.writable) node.append(element("i", "grip"));
  return node;
}

function eventNode(state, event, times) {
  const node = element("button", "event");
  const own = event.attendees?.find((guest) => guest.self);
  node.type = "button";
  node.dataset.key = key(event);
  node.append(element("b", "", event.summary || (event.visibility === "private" ? "Busy" : "(No title)")));
  if (times) node.append(element("span", "", times));
  const day = event.start.date ?? dayOf(event.start.dateTime);
  const where = event.location ? `, ${event.location}` : "";
  node.setAttribute("aria-label", `${event.summary || "No title"}, ${longDay(day)} ${times}${where}`);
  paint(node, tint(event));
  const end = event.end.date ? `${event.end.date}T00:00:00` : event.end.dateTime.slice(0, 19);
  node.classList.toggle("past", end <= state.now());
  if (own?.responseStatus === "needsAction") node.classList.add("asked");
  if (own?.responseStatus === "declined") node.classList.add("declined");
  if (own?.responseStatus === "tentative") node.classList.add("tentative");
  node.classList.toggle("fresh", state.fresh.has(node.dataset.key));
  return node;
}

export function drawNow(state) {
  grid.querySelector(".now")?.remove();
  const now = state.now();
  const column = grid.querySelector(`.day[data-day="${dayOf(now)}"]`);
  if (!column) return;
  const line = element("div", "now");
  line.style.top = `${(minutesOf(now) / 60) * HOUR}px`;
  column.append(line);
}

export function showMorning(state) {
  const earliest = state.events.filter((event) => event.start.dateTime).map((event) => minutesOf(event.start.dateTime));
  const minutes = Math.min(8 * 60, ...earliest);
  scroll.scrollTop = Math.max(0, (minutes / 60 - 0.5) * HOUR);
}
