// What the first sync would do, before it does: a list to read, and the button that starts it.

import { element, place } from "./dom.js";
import { act } from "./server.js";

const WORDS = {
  "google create": "new in Google", "google update": "changed in Google", "google delete": "deleted in Google",
  "crm create": "new in the CRM", "crm update": "changed in the CRM", "crm delete": "cancelled in the CRM",
};

export async function showPreview() {
  const dialog = place("preview");
  place("preview-fault").hidden = true;
  place("preview-lines").replaceChildren();
  place("preview-text").textContent = "Tandem is looking…";
  dialog.showModal();
  try {
    drawRun((await act("preview")).run);
  } catch (fault) {
    place("preview-text").textContent = fault.message;
  }
}

function drawRun({ totals, items }) {
  const parts = Object.entries(WORDS)
    .map(([key, word]) => [totals[key.split(" ")[0]]?.[key.split(" ")[1]] ?? 0, word])
    .filter(([number]) => number)
    .map(([number, word]) => `${number} ${word}`);
  place("preview-text").textContent = `${parts.join(", ") || "Nothing"}. Nothing is written yet, on either side.`;
  place("preview-lines").replaceChildren(...items.map((item) =>
    element("li", "", item.title ?? "Untitled", element("span", "", wordOf(item)))));
}

function wordOf({ side, action, reason }) {
  if (action === "duplicate") return "on both sides already?";
  return WORDS[`${side} ${action}`] ?? (reason === "no_start" ? "stays: no time" : "stays as it is");
}

place("preview-close").addEventListener("click", () => place("preview").close());
place("preview-start").addEventListener("click", async () => {
  try {
    await act("start");
    place("preview").close();
  } catch (fault) {
    place("preview-fault").textContent = fault.message;
    place("preview-fault").hidden = false;
  }
});
