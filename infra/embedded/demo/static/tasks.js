// The list of tasks, by day. Draws it; says what was pressed.

import { element, place } from "./dom.js";
import { ANSWERS, dayWords, stateWord, TINTS } from "./words.js";

const list = place("tasks");
let versions = null;

/** `open` hears of a task to open, `finish` of one to finish or reopen. */
export function drawTasks(state, { open, finish }) {
  const focused = document.activeElement?.closest?.("#tasks [data-key]")?.dataset.key;
  const wasTick = document.activeElement?.classList.contains("tick");
  const fresh = new Set(state.tasks.filter((task) => versions && versions.get(task.id) !== task.version).map((task) => task.id));
  versions = new Map(state.tasks.map((task) => [task.id, task.version]));
  const node = (task) => taskNode(task, fresh.has(task.id), open, finish);
  const open_ = state.tasks.filter((task) => task.fields.status !== "cancelled");
  const gone = state.tasks.filter((task) => task.fields.status === "cancelled");
  const shown = [];
  let day;
  for (const task of open_) {
    if (task.day !== day) {
      day = task.day;
      shown.push(dayNode(day, state.today));
    }
    shown.push(node(task));
  }
  if (gone.length) {
    const folded = element("details", "folded", "", element("summary", "", `Cancelled (${gone.length})`), ...gone.map(node));
    folded.open = list.querySelector(".folded")?.open ?? gone.length < 4;
    shown.push(folded);
  }
  if (!state.tasks.length) {
    shown.push(element("p", "empty", "", element("strong", "", "No tasks yet"), "Make one here, or an event in the calendar."));
  }
  const scrolled = list.scrollTop;
  list.replaceChildren(...shown, element("div", "end"));
  list.scrollTop = scrolled;
  if (focused) list.querySelector(`[data-key="${CSS.escape(focused)}"] ${wasTick ? ".tick" : ".open"}`)?.focus({ preventScroll: true });
}

function dayNode(day, today) {
  const head = element("h2", "day", day ? dayWords(day) : "No time yet");
  if (day === today) head.prepend(element("b", "", "Today, "));
  return head;
}

function taskNode(task, fresh, open, finish) {
  const { status, type, priority } = task.fields;
  const box = element("input", "tick");
  box.type = "checkbox";
  box.checked = status === "done";
  box.disabled = status === "cancelled";
  box.setAttribute("aria-label", `${task.title}: done`);
  box.addEventListener("change", () => finish(task));
  const chip = element("span", "chip", stateWord(task));
  chip.dataset.state = status === "cancelled" ? "off" : task.state;
  const name = element("span", "name", "", element("b", "", task.title));
  if (priority === "high" && status === "open") name.append(element("span", "urgent", "high"));
  if (task.fields.private) name.append(element("span", "mark", "private"));
  if (task.repeats) name.append(element("span", "mark", task.repeats));
  const opener = element("button", "open", "", name, element("span", "line", lineOf(task)), chip);
  opener.type = "button";
  opener.addEventListener("click", () => open(task));
  const made = element("div", `task ${status ?? ""}`, "", box, opener);
  made.dataset.key = task.id;
  made.style.setProperty("--tint", task.fields.color ?? TINTS[type] ?? "#8a94a3");
  made.classList.toggle("fresh", fresh);
  return made;
}

/** A guest with the answer, once there is one: `Ben Okafor (comes)`. */
function guestWords({ name, email }, responses = []) {
  const said = responses.find((each) => each.email.toLowerCase() === email.toLowerCase())?.response ?? "needsAction";
  return `${name ?? email}${said === "needsAction" ? "" : ` (${ANSWERS[said] ?? said})`}`;
}

function lineOf(task) {
  const { contact, deal, location, attendees } = task.fields;
  const times = task.at ? `${task.at} – ${task.until}` : task.day ? "All day" : "";
  const who = contact?.name ?? (attendees?.length ? `with ${attendees.map((guest) => guestWords(guest, task.sync.responses)).join(", ")}` : "");
  return [times, who, deal ?? location].filter(Boolean).join(" · ") || (task.created_in === "google" ? "Made in Google" : "A task without a time");
}
