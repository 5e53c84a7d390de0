// Creating, dragging and resizing with mouse, pen or finger. Says what the person meant; changes no event itself.

import { addDays, clock, dayOf, daysBetween, minutesOf } from "./dates.js";
import { element, HOUR } from "./grid.js";

const STEP = 15;
const SLACK = 4;
const [grid, allDay] = ["grid", "allday"].map((id) => document.getElementById(id));

const rounded = (minutes) => Math.round(minutes / STEP) * STEP;
const within = (value, low, high) => Math.min(high, Math.max(low, value));

function placeAt(x, y) {
  const days = [...grid.querySelectorAll(".day")];
  const column = days.findLast((day) => day.getBoundingClientRect().left <= x) ?? days[0];
  const box = column.getBoundingClientRect();
  return { column, day: column.dataset.day, minutes: ((y - box.top) / HOUR) * 60 };
}

/** `find` gives the event of a node; `open`, `created` and `moved` hear what was done. */
export function follow({ find, open, created, moved }) {
  grid.addEventListener("pointerdown", (down) => {
    if (down.button !== 0) return;
    const node = down.target.closest(".event");
    if (!node && !down.target.closest(".day")) return;
    const event = node && find(node.dataset.key);
    if (node && !event?.writable) return;
    if (node) dragTimed(down, node, event, moved);
    else if (down.pointerType === "mouse") dragNew(down, created);
  });
  grid.addEventListener("click", (click) => {
    const node = click.target.closest(".event");
    if (node && !node.dataset.dragged) open(find(node.dataset.key));
    else if (!node && lastPointer === "touch") tapNew(click, created);
  });
  grid.addEventListener("pointerup", (up) => { lastPointer = up.pointerType; });
  allDay.addEventListener("click", (click) => {
    const node = click.target.closest(".event");
    const slot = click.target.closest(".slot");
    if (node && !node.dataset.dragged) open(find(node.dataset.key));
    else if (slot) created({ start: { date: slot.dataset.day }, end: { date: addDays(slot.dataset.day, 1) } });
  });
  allDay.addEventListener("pointerdown", (down) => {
    const node = down.target.closest(".event");
    const event = node && find(node.dataset.key);
    if (down.button === 0 && event?.writable) dragAllDay(down, node, event, moved);
  });
}

let lastPointer = "mouse";
let gestures = 0;

/** Tell whether a finger or mouse holds something; the week must not be drawn anew under it. */
export const gesturing = () => gestures > 0;

function tapNew(click, created) {
  const { day, minutes } = placeAt(click.clientX, click.clientY);
  const from = Math.floor(minutes / 30) * 30;
  created({ day, from, to: from + 60 });
}

function track(down, node, { move, done }) {
  let going = false;
  gestures += 1;
  const onMove = (event) => {
    const far = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY);
    if (!going && far < SLACK) return;
    going = true;
    move(event);
  };
  const onEnd = (event) => {
    for (const [name, listener] of listeners) window.removeEventListener(name, listener);
    gestures -= 1;
    if (going && node) {
      node.dataset.dragged = "yes";
      setTimeout(() => delete node.dataset.dragged, 0);
    }
    done(going && event.type === "pointerup", going);
  };
  const listeners = [["pointermove", onMove], ["pointerup", onEnd], ["pointercancel", onEnd]];
  for (const [name, listener] of listeners) window.addEventListener(name, listener);
}

function dragNew(down, created) {
  const { column, day, minutes } = placeAt(down.clientX, down.clientY);
  const anchor = Math.floor(minutes / 30) * 30;
  const ghost = element("div", "event ghost");
  ghost.append(element("b", "", "(No title)"), element("span"));
  let [from, to] = [anchor, anchor + 60];
  const show = () => {
    ghost.style.top = `${(from / 60) * HOUR}px`;
    ghost.style.height = `${((to - from) / 60) * HOUR - 2}px`;
    ghost.style.left = "1px";
    ghost.style.right = "10px";
    ghost.lastChild.textContent = `${clock(from)} – ${clock(to)}`;
  };
  down.preventDefault();
  show();
  column.append(ghost);
  track(down, null, {
    move(event) {
      const here = within(rounded(placeAt(event.clientX, event.clientY).minutes), 0, 1440);
      [from, to] = here >= anchor ? [anchor, Math.max(here, anchor + STEP)] : [here, anchor + STEP];
      show();
    },
    done() {
      created({ day, from, to, settled: () => ghost.remove() });
    },
  });
}

function dragTimed(down, node, event, moved) {
  const resizing = down.target.classList.contains("grip");
  const [startDay, start] = [dayOf(event.start.dateTime), minutesOf(event.start.dateTime)];
  const length = daysBetween(startDay, dayOf(event.end.dateTime)) * 1440 + minutesOf(event.end.dateTime) - start;
  const grabbed = placeAt(down.clientX, down.clientY);
  const result = { day: startDay, from: start, to: start + length };
  const label = node.querySelector("span");
  track(down, node, {
    move(pointer) {
      const here = placeAt(pointer.clientX, pointer.clientY);
      const by = rounded(here.minutes - grabbed.minutes);
      node.classList.add("moving");
      if (resizing) {
        result.to = start + Math.max(STEP, rounded(length + here.minutes - grabbed.minutes));
        node.style.height = `${((result.to - start) / 60) * HOUR - 2}px`;
      } else {
        result.day = addDays(startDay, daysBetween(grabbed.day, here.day));
        result.from = within(start + by, 0, 1440 - STEP);
        result.to = result.from + length;
        node.style.top = `${(result.from / 60) * HOUR + 1}px`;
        node.style.left = "1px";
        node.style.width = "calc(100% - 10px)";
        if (node.parentElement !== here.column) here.column.append(node);
      }
      if (label) label.textContent = `${clock(result.from)} – ${clock(result.to)}`;
    },
    done(kept, went) {
      if (went) moved(event, kept ? result : null);
    },
  });
}

function dragAllDay(down, node, event, moved) {
  const grabbed = placeAt(down.clientX, down.clientY).day;
  let by = 0;
  track(down, node, {
    move(pointer) {
      by = daysBetween(grabbed, placeAt(pointer.clientX, pointer.clientY).day);
      node.classList.add("moving");
      node.style.transform = `translateX(${pointer.clientX - down.clientX}px)`;
    },
    done(kept, went) {
      if (went) moved(event, kept && by ? { start: addDays(event.start.date, by), end: addDays(event.end.date, by) } : null);
    },
  });
}
