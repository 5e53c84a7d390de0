// One task, open: its form, filled from the record and read back whole. Knows nothing of the rest of the page.

import { button, element, place } from "./dom.js";
import { ANSWERS, COLORS, stateWord } from "./words.js";

const form = place("form");
const fields = form.elements;
const NAMES = [
  "title", "type", "status", "priority", "sync", "start_date", "start_time", "end_date", "end_time", "calendar_id",
  "location", "zoom_url", "guests", "contact_name", "contact_email", "deal", "description", "notes", "url", "reminding", "repeats",
];
const BOXES = ["all_day", "meet", "private", "busy"];
const WHEN = ["all_day", "start_date", "start_time", "end_date", "end_time"];
/** Which input shows the fault of a field of the contract. */
const FAULTS = {
  start: "start_date", end: "end_date", time_zone: "start_date", attendees: "guests", conference: "meet",
  contact: "contact_email", reminders: "reminding", recurrence: "repeats",
};

let filled = "";
let span = 3_600_000;

/** The form's values as the server takes them. */
export function readForm() {
  const read = Object.fromEntries(NAMES.map((name) => [name, fields[name].value]));
  for (const name of BOXES) read[name] = fields[name].checked;
  read.color = form.querySelector("#colors input:checked")?.value ?? "";
  read.reminders = [...place("reminders").querySelectorAll("li")].map((line) => ({
    method: line.querySelector("select").value,
    minutes: Math.max(0, Math.round(Number(line.querySelector("input").value) || 0)),
  }));
  return read;
}

/** Something was typed that is not saved. */
export const isEdited = () => JSON.stringify(readForm()) !== filled;

/** The whole record to save: what was changed here, over what the record says by now. When it is counts as one. */
export function readOver(latest) {
  const [before, read] = [JSON.parse(filled), readForm()];
  const same = (name) => JSON.stringify(before[name]) === JSON.stringify(read[name]);
  const kept = Object.keys(read).filter((name) => (WHEN.includes(name) ? WHEN.every(same) : same(name)));
  return { ...read, ...Object.fromEntries(kept.map((name) => [name, latest[name]])) };
}

export function fillForm(values, task, calendars) {
  fillCalendars(calendars, values.calendar_id);
  ensureOption(fields.type, values.type);
  ensureOption(fields.repeats, values.repeats, "As its rule says");
  for (const name of NAMES) fields[name].value = values[name] ?? "";
  for (const name of BOXES) fields[name].checked = values[name];
  drawColors(values.color);
  drawReminders(values.reminders);
  place("form-title").textContent = task ? task.title : "New task";
  place("form-delete").hidden = !task;
  drawStanding(task);
  showFaults([]);
  arrange();
  filled = JSON.stringify(readForm());
}

/** What the form says of the task without being part of it: state, Meet link, guests' answers. */
export function drawStanding(task) {
  const chip = place("form-state");
  chip.textContent = task ? stateWord(task) : "";
  chip.dataset.state = task?.fields.status === "cancelled" ? "off" : (task?.state ?? "");
  const link = task?.sync.meet_url;
  place("meet-link").replaceChildren(...(link ? [meetLink(link)] : []));
  const answers = task?.sync.responses ?? [];
  place("answers").replaceChildren(...answers.map(({ email, response }) =>
    element("li", "", "", element("b", "", email), ANSWERS[response] ?? response)));
}

function meetLink(address) {
  const link = element("a", "", address.replace("https://", ""));
  link.href = address;
  link.target = "_blank";
  link.rel = "noopener";
  return link;
}

/** Each fault of an answer beside its input, the others above the form. */
export function showFaults(faults) {
  form.querySelectorAll(".problem").forEach((node) => node.remove());
  form.querySelectorAll("[aria-invalid]").forEach((node) => node.removeAttribute("aria-invalid"));
  const left = [];
  for (const { pointer, detail } of faults) {
    const name = pointer.split("/")[1] ?? "";
    const input = fields[FAULTS[name] ?? name];
    if (!input?.closest) left.push(detail);
    else {
      input.setAttribute("aria-invalid", "true");
      (input.closest("label") ?? input).append(element("span", "problem", detail));
    }
  }
  place("form-fault").textContent = left.join(" ");
  place("form-fault").hidden = !left.length;
  (form.querySelector("[aria-invalid]") ?? (left.length ? place("form-back") : null))?.focus();
}

function fillCalendars(calendars, chosen) {
  const writable = calendars.filter((calendar) => ["owner", "writer"].includes(calendar.access_role));
  const [standard] = fields.calendar_id.options;
  fields.calendar_id.replaceChildren(standard, ...writable.map((calendar) => new Option(calendar.name || calendar.calendar_id, calendar.calendar_id)));
  ensureOption(fields.calendar_id, chosen);
}

function ensureOption(select, value, word = value) {
  if (value && ![...select.options].some((option) => option.value === value)) select.add(new Option(word, value));
}

function drawColors(chosen) {
  const known = { "": "By type", ...COLORS };
  const wanted = Object.keys(known).find((value) => value.toLowerCase() === (chosen ?? "").toLowerCase());
  if (wanted === undefined) known[chosen] = chosen;
  place("colors").replaceChildren(...Object.entries(known).map(([value, name]) => {
    const dot = element("input");
    dot.type = "radio";
    dot.name = "color";
    dot.value = value;
    dot.title = name;
    dot.checked = value === (wanted ?? chosen);
    dot.setAttribute("aria-label", name);
    if (value) dot.style.setProperty("--tint", value);
    return dot;
  }));
}

function drawReminders(reminders) {
  const lines = element("ul", "reminders", "", ...reminders.map(reminderLine));
  const add = button("Add a reminder", "", () => {
    lines.append(reminderLine({ method: "popup", minutes: 10 }));
    arrange();
  });
  add.id = "add-reminder";
  place("reminders").replaceChildren(lines, add);
}

function reminderLine({ method, minutes }) {
  const number = element("input");
  number.type = "number";
  number.min = 0;
  number.max = 40320;
  number.value = minutes;
  number.setAttribute("aria-label", "Minutes before the start");
  const way = element("select", "", "", new Option("Pop-up", "popup"), new Option("E-mail", "email"));
  way.value = method;
  way.setAttribute("aria-label", "Kind of reminder");
  const line = element("li", "", "", number, "min before", way);
  const gone = button("×", "plain", () => {
    line.remove();
    arrange();
  });
  gone.setAttribute("aria-label", "Remove this reminder");
  line.append(gone);
  return line;
}

function arrange() {
  const allDay = fields.all_day.checked;
  fields.start_time.hidden = allDay;
  fields.end_time.hidden = allDay;
  place("reminders").hidden = fields.reminding.value !== "own";
  place("add-reminder").hidden = place("reminders").querySelectorAll("li").length >= 5;
}

const moment = (which) => Date.parse(`${fields[`${which}_date`].value}T${fields[`${which}_time`].value || "00:00"}:00Z`);

function keepLength(event) {
  const [start, end] = [moment("start"), moment("end")];
  if (event.target.name.startsWith("start_") && !Number.isNaN(start)) {
    const text = new Date(start + (fields.all_day.checked ? Math.max(0, span) : span)).toISOString();
    fields.end_date.value = text.slice(0, 10);
    if (fields.start_time.value) fields.end_time.value = text.slice(11, 16);
  } else if (end >= start) span = end - start;
}

form.addEventListener("focusin", () => {
  const length = moment("end") - moment("start");
  if (length >= 0) span = length;
});
form.addEventListener("change", (event) => {
  if (["start_date", "start_time", "end_date", "end_time"].includes(event.target.name)) keepLength(event);
  if (event.target.name === "all_day" && !event.target.checked && fields.start_date.value && !fields.start_time.value) {
    [fields.start_time.value, fields.end_time.value] = ["09:00", "10:00"];
    fields.end_date.value ||= fields.start_date.value;
  }
  arrange();
});
