// The buttons that make trouble, the settings to try, and the list that the brake holds.

import { element, place, toast } from "./dom.js";
import { act, readHeld } from "./server.js";

const TROUBLES = {
  both: ["Edit both sides at once", "The CRM and Anna rename one task in the same moment. You decide."],
  lose: ["Lose notifications", "Anna moves an event and nobody tells Tandem. “Sync now” finds it."],
  hear: ["Let notifications through again", "What was lost comes with the next look."],
  expire: ["Expire the sync token", "Google forgets where Tandem stopped reading, so it must read everything again."],
  revoke: ["Revoke access", "Anna takes her permission back. Edits wait until she connects again."],
  twenty: ["Delete twenty events", "It looks like an accident, so Tandem stops and asks."],
  restart: ["Kill the process", "Anna moves an event, and Tandem dies before it has looked, as by kill -9. It starts again and goes on."],
};

const SETTINGS = {
  conflict: ["When both sides change the same field", { manual: "ask me", crm_wins: "the CRM wins", google_wins: "Google wins", latest_wins: "the latest wins" }],
  on_google_delete: ["When an event is deleted in Google", { cancel_task: "cancel the task", unlink: "keep the task, unlinked", recreate: "make the event again" }],
  on_done: ["When a task is done", { keep: "leave its event", check: "put ✓ before its title", color: "change its colour", free: "show it as free", delete: "delete its event" }],
  import_external: ["Events made in Google", { all: "become tasks", marked: "become tasks when marked #crm", off: "stay in Google" }],
};

let drawn = "";

export function drawTroubles({ trouble, connection }, openedId) {
  const usable = ["active", "needs_review"].includes(connection?.status);
  const wanted = trouble.offered.filter((kind) => (trouble.losing ? kind !== "lose" : kind !== "hear"));
  const now = JSON.stringify([wanted, usable, trouble.busy]);
  if (now === drawn) return;
  drawn = now;
  place("troubles").replaceChildren(...wanted.map((kind) => {
    const [title, says] = TROUBLES[kind];
    const press = element("button", "", "", element("b", "", title), element("small", "", says));
    press.type = "button";
    press.dataset.kind = kind;
    press.disabled = trouble.busy || !(usable || kind === "hear");
    press.addEventListener("click", () => make(kind, openedId()));
    return element("li", "", "", press);
  }));
}

async function make(kind, id) {
  place("trouble").hidePopover();
  try {
    await act("trouble", { kind, id });
  } catch (fault) {
    toast(fault.message);
  }
}

export function drawSettings(connection) {
  if (!connection || place("choices").contains(document.activeElement)) return;
  place("choices").replaceChildren(...Object.entries(SETTINGS).map(([name, [title, choices]]) => {
    const select = element("select", "", "", ...Object.entries(choices).map(([value, word]) => new Option(word, value)));
    select.name = name;
    select.value = connection.settings[name];
    select.addEventListener("change", () => act("settings", { settings: { [name]: select.value } }).catch((fault) => toast(fault.message)));
    return element("label", "", title, select);
  }));
}

export async function showReview() {
  const dialog = place("review");
  place("review-fault").hidden = true;
  place("held").replaceChildren();
  place("review-text").textContent = "Tandem has changed nothing on either side.";
  dialog.showModal();
  try {
    drawHeld(await readHeld());
  } catch (fault) {
    place("review-text").textContent = fault.message;
  }
}

function drawHeld(run) {
  if (!run) return;
  const { items, total } = run;
  place("review-text").textContent = `${total ?? items.length} events went from Google at once. Tandem has changed nothing on either side; these tasks would be cancelled:`;
  place("held").replaceChildren(...items.map((item) =>
    element("li", "", item.title ?? "Untitled", element("span", "", { delete: "event is gone", create: "would be new" }[item.action] ?? item.action))));
}

async function decide(decision) {
  try {
    await act("review", { decision });
    place("review").close();
  } catch (fault) {
    place("review-fault").textContent = fault.message;
    place("review-fault").hidden = false;
  }
}

place("review-close").addEventListener("click", () => place("review").close());
place("review-confirm").addEventListener("click", () => decide("confirm"));
place("review-discard").addEventListener("click", () => decide("discard"));
