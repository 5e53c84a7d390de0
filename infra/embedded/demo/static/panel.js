// The open task: opens and closes the form, saves, deletes, settles a conflict, tells the task's history.

import { button, element, place, toast } from "./dom.js";
import { drawDates } from "./dates.js";
import { drawStanding, fillForm, isEdited, readForm, readOver, showFaults } from "./form.js";
import { act, readHistory } from "./server.js";
import { clockOf, FIELD_WORDS, valueWords } from "./words.js";

const form = place("form");
let opened = null;
let opener = null;
let calendars = [];
let drawnConflict = "";

const EMPTY = {
  type: "task", status: "open", busy: true, sync: "auto", reminding: "calendar", reminders: [], color: "", all_day: false,
  meet: false, private: false, repeats: "",
};

export const openedId = () => (form.hidden ? null : opened?.id ?? null);

/** Shows a task, or a new one with these values. */
export function openTask(task, state, values = {}) {
  if (form.hidden) opener = document.activeElement;
  opened = task ?? null;
  calendars = state.connection?.calendars ?? [];
  form.hidden = false;
  drawnConflict = "";
  fillForm(task ? task.form : { ...EMPTY, ...values }, task, calendars);
  drawConflict(task);
  place("dates").hidden = true;
  drawDates(task);
  place("meanwhile").hidden = true;
  place("history").hidden = !task;
  place("history").open = false;
  form.querySelector(".scroll").scrollTop = 0;
  (task ? place("form-back") : form.elements.title).focus({ preventScroll: true });
}

export function closeTask() {
  if (form.hidden) return;
  form.hidden = true;
  opened = null;
  if (opener?.isConnected) opener.focus({ preventScroll: true });
}

/** Follows the record while its form is open: an untouched form is filled anew, a touched one is left as it was typed. */
export function followTask(state) {
  if (form.hidden || !opened) return;
  const now = state.tasks.find((task) => task.id === opened.id);
  if (!now) {
    toast("This task is gone.");
    closeTask();
    return;
  }
  const news = now.version !== opened.version;
  if (news && isEdited()) {
    place("meanwhile").textContent = "This task changed in Google while you were typing. Save anyway: what you did not touch stays as it is there.";
    place("meanwhile").hidden = false;
  } else if (news) fillForm(now.form, now, state.connection?.calendars ?? calendars);
  opened = news && isEdited() ? { ...now, version: opened.version } : now;
  drawStanding(now);
  drawConflict(now);
  if (news) drawDates(now);
  if (news && place("history").open) drawHistory();
}

function drawConflict(task) {
  const conflict = task?.sync.conflict?.fields ?? {};
  const names = Object.keys(conflict);
  const box = place("conflict");
  box.hidden = !names.length;
  if (JSON.stringify(conflict) === drawnConflict) return;
  drawnConflict = JSON.stringify(conflict);
  if (!names.length) return;
  const title = element("h3", "", "Both sides changed this");
  title.id = "conflict-title";
  const alone = names.length === 1;
  const lines = names.map((name) => element("div", "", "",
    element("dt", "", FIELD_WORDS[name] ?? name),
    element("dd", "versions", "", 
      version(name, "crm", "CRM", conflict[name].crm, { first: true, alone }),
      version(name, "google", "Google", conflict[name].google, { first: false, alone }))));
  box.replaceChildren(
    title,
    element("p", "", "Tandem kept both versions and wrote neither over the other. Which one is right?"),
    element("dl", "", "", ...lines),
    element("div", "actions", "",
      button("Keep the CRM’s", "", () => settle({ resolution: "crm" })),
      button("Take Google’s", "", () => settle({ resolution: "google" })),
      ...(alone ? [] : [button("As chosen above", "strong", () => settle({ resolution: "fields", fields: chosen(names) }))])),
  );
}

/** One side's version of a field; with several fields in conflict it can be chosen by itself. */
function version(name, side, word, value, { first, alone }) {
  const label = element("label", "", "", element("span", "", word), element("span", "", valueWords(value)));
  label.dataset.side = side;
  if (alone) return label;
  const pick = element("input");
  pick.type = "radio";
  pick.name = `settle-${name}`;
  pick.value = side;
  pick.checked = first;
  label.prepend(pick);
  return label;
}

const chosen = (names) =>
  Object.fromEntries(names.map((name) => [name, form.querySelector(`[name="settle-${name}"]:checked`).value]));

async function settle(choice) {
  await attempt(() => act("settle", { id: opened.id, choice }), "Settled.");
}

async function attempt(deed, done) {
  try {
    const answer = await deed();
    if (done) toast(done);
    return answer;
  } catch (fault) {
    showFaults([{ pointer: "", detail: fault.message }]);
    return null;
  }
}

async function drawHistory() {
  const lines = place("history-lines");
  try {
    const found = await readHistory(opened.id);
    lines.replaceChildren(...found.map(historyLine));
    if (!found.length) lines.replaceChildren(element("li", "soft", "Nothing yet."));
  } catch (fault) {
    lines.replaceChildren(element("li", "soft", fault.message));
  }
}

function historyLine({ at, side, action, fields, policy, detail }) {
  const known = (fields ?? []).map((name) => ({ start: "Time", end: "Time", time_zone: "Time" })[name] ?? FIELD_WORDS[name]);
  const names = [...new Set(known.filter(Boolean))].join(", ").toLowerCase();
  const more = [names, policy, detail].filter(Boolean).join(" · ");
  const who = { crm: "CRM", google: "Google", tandem: "Tandem" }[side] ?? side;
  const text = element("span", "", `${who}: ${action}`);
  if (more) text.append(element("small", "", more));
  return element("li", "", "", element("time", "", clockOf(at)), text);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  place("form-save").disabled = true;
  const answer = await attempt(() => act("save", opened ? { id: opened.id, form: readOver(opened.form) } : { form: readForm() }));
  place("form-save").disabled = false;
  if (answer?.faults) showFaults(answer.faults);
  else if (answer) closeTask();
});
place("form-delete").addEventListener("click", async () => {
  const { id, title } = opened;
  if (await attempt(() => act("remove", { id }), `“${title}” is deleted.`)) closeTask();
});
place("form-back").addEventListener("click", closeTask);
place("form-cancel").addEventListener("click", closeTask);
place("history").addEventListener("toggle", () => {
  if (place("history").open) drawHistory();
});
form.addEventListener("keydown", (press) => {
  if (press.key === "Escape") closeTask();
});
