// The dialog of one event: fills it, reads it, and says what to save. Start at `edit`.

import { addDays, clock, dayOf, daysBetween, minutesOf, wall } from "./dates.js";
import { element, paint } from "./grid.js";

const field = (id) => document.getElementById(id);
const dialog = field("editor");
const zone = document.body.dataset.zone;
const palette = JSON.parse(document.body.dataset.colors);
let present = null;
let length = 0;

for (const [id, { name, background }] of [["", { name: "Calendar’s colour", background: "" }], ...Object.entries(palette)]) {
  const choice = element("input");
  Object.assign(choice, { type: "radio", name: "color", value: id, title: name });
  choice.setAttribute("aria-label", name);
  if (background) paint(choice, background);
  field("colors").append(choice);
}

/** Open the dialog on an event, or on a draft without id; `actions` has save, remove, answer, meet and closed. */
export function edit(event, calendars, actions) {
  present = { event, actions };
  const mine = !event.id || event.organizer?.self;
  fill(event, calendars, mine);
  dialog.showModal();
  (event.id ? field("save") : field("summary")).focus();
}

export const openEvent = () => (dialog.open ? present.event : null);

function fill(event, calendars, mine) {
  const own = event.attendees?.find((guest) => guest.self && !guest.organizer);
  const allDay = Boolean(event.start.date);
  const value = (id, text) => { field(id).value = text ?? ""; };
  value("summary", event.summary);
  value("location", event.location);
  value("description", event.description);
  value("guests", event.attendees?.filter((guest) => !guest.organizer).map((guest) => guest.email).join(", "));
  field("all-day").checked = allDay;
  value("start-date", allDay ? event.start.date : dayOf(event.start.dateTime));
  value("end-date", allDay ? addDays(event.end.date, -1) : dayOf(event.end.dateTime));
  value("start-time", allDay ? "09:00" : clock(minutesOf(event.start.dateTime)));
  value("end-time", allDay ? "10:00" : clock(minutesOf(event.end.dateTime)));
  field("private").checked = event.visibility === "private" || event.visibility === "confidential";
  field("free").checked = event.transparency === "transparent";
  field("notify").checked = false;
  field("repeats").value = "";
  field("repeats").hidden = Boolean(event.recurringEventId);
  field("scope").value = "";
  field("scope").hidden = !event.recurringEventId;
  paint(field("colors").firstElementChild, event.calendar.tint);
  for (const choice of field("colors").children) choice.checked = choice.value === (event.colorId ?? "");
  field("calendar").replaceChildren(...calendars.filter((each) => each.writable).map((each) => new Option(each.name, each.id)));
  if (!event.calendar.writable) field("calendar").append(new Option(event.calendar.name, event.calendar.id));
  field("calendar").value = event.calendar.id;
  field("calendar").disabled = Boolean(event.recurringEventId);
  field("fields").disabled = !mine || !event.calendar.writable;
  field("summary").readOnly = field("fields").disabled;
  field("invitation").hidden = !own;
  field("invited-by").textContent = own ? `${event.organizer.email} asks: going?` : "";
  for (const button of document.querySelectorAll("[data-answer]")) {
    button.setAttribute("aria-pressed", String(own?.responseStatus === button.dataset.answer));
  }
  field("answers").replaceChildren(...(event.attendees ?? []).map(answerLine));
  field("meet-link").hidden = !event.hangoutLink;
  field("meet-link").href = event.hangoutLink ?? "";
  field("meet-link").textContent = event.hangoutLink?.replace("https://", "") ?? "";
  field("add-meet").hidden = Boolean(event.hangoutLink) || !event.id;
  field("add-meet").closest(".row").hidden = !event.id;
  field("delete").hidden = !event.id || !event.calendar.writable;
  field("save").hidden = field("fields").disabled;
  field("fault").hidden = true;
  field("cancel").textContent = field("save").hidden ? "Close" : "Cancel";
  length = spanMinutes();
  arrange();
  present.filled = read();
}

const WORDS = { accepted: "✓ yes", declined: "✕ no", tentative: "? maybe", needsAction: "… no answer" };

function answerLine(guest) {
  const line = element("li");
  line.append(element("span", "", WORDS[guest.responseStatus] ?? ""), element("span", "", guest.email));
  return line;
}

function spanMinutes() {
  const days = daysBetween(field("start-date").value, field("end-date").value);
  return days * 1440 + toMinutes("end-time") - toMinutes("start-time");
}

const toMinutes = (id) => minutesOf(`0000-00-00T${field(id).value || "00:00"}`);

function arrange() {
  const allDay = field("all-day").checked;
  const oneDay = field("start-date").value === field("end-date").value;
  for (const id of ["start-time", "end-time"]) field(id).hidden = allDay;
  field("end-date").hidden = oneDay && !allDay;
  field("notify-row").hidden = !field("guests").value.trim();
}

function keepLength() {
  if (!field("start-date").value) return;
  const end = wall(field("start-date").value, toMinutes("start-time") + length);
  field("end-date").value = dayOf(end);
  field("end-time").value = clock(minutesOf(end));
  arrange();
}

function read() {
  const allDay = field("all-day").checked;
  const text = (id) => field(id).value.trim() || null;
  const moment = (day, time) => ({ dateTime: wall(field(day).value, toMinutes(time)), timeZone: zone });
  const { event } = present;
  const known = new Map((event.attendees ?? []).map((guest) => [guest.email, guest]));
  const emails = field("guests").value.split(/[,;\s]+/).map((email) => email.toLowerCase()).filter(Boolean);
  const host = (event.attendees ?? []).filter((guest) => guest.organizer);
  const guests = [...host, ...emails.map((email) => known.get(email) ?? { email })];
  return {
    summary: text("summary"),
    location: text("location"),
    description: text("description"),
    start: allDay ? { date: field("start-date").value } : moment("start-date", "start-time"),
    end: allDay ? { date: addDays(field("end-date").value, 1) } : moment("end-date", "end-time"),
    attendees: guests.map(({ email, displayName, optional, responseStatus, comment }) => ({
      email, ...(displayName && { displayName }), ...(optional && { optional }), ...(comment && { comment }), ...(responseStatus && { responseStatus }),
    })),
    colorId: field("colors").querySelector(":checked")?.value || null,
    visibility: field("private").checked ? "private" : null,
    transparency: field("free").checked ? "transparent" : null,
    ...(field("repeats").value && { recurrence: [field("repeats").value] }),
  };
}

/** What was changed since the dialog opened; of more than one event nothing else may be said. */
function changed() {
  const { filled } = present;
  return Object.fromEntries(Object.entries(read()).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(filled[name])));
}

async function attempt(action) {
  try {
    await action();
    dialog.close();
  } catch (fault) {
    field("fault").textContent = fault.message;
    field("fault").hidden = false;
  }
}

field("form").addEventListener("submit", (submit) => {
  submit.preventDefault();
  const { event, actions } = present;
  const scope = field("scope").value;
  const how = { calendar: field("calendar").value, notify: field("notify").checked, scope };
  attempt(() => actions.save(event, scope ? changed() : read(), how));
});
field("delete").addEventListener("click", () => attempt(() => present.actions.remove(present.event, field("notify").checked, field("scope").value)));
field("add-meet").addEventListener("click", () => attempt(() => present.actions.meet(present.event)));
field("cancel").addEventListener("click", () => dialog.close());
for (const button of document.querySelectorAll("[data-answer]")) {
  button.addEventListener("click", () => attempt(() => present.actions.answer(present.event, button.dataset.answer)));
}
for (const id of ["start-date", "start-time"]) field(id).addEventListener("change", keepLength);
for (const id of ["end-date", "end-time", "all-day"]) {
  field(id).addEventListener("change", () => {
    if (field("end-date").hidden && spanMinutes() < 0) field("end-date").value = addDays(field("start-date").value, 1);
    length = Math.max(0, spanMinutes());
    arrange();
  });
}
field("guests").addEventListener("input", arrange);
dialog.addEventListener("close", () => present.actions.closed());
