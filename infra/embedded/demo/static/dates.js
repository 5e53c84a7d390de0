// The next dates of a series in its open form: each can be moved or called off by itself.

import { button, element, place, toast } from "./dom.js";
import { act, readDates } from "./server.js";

let asked = 0;

/** Shows the next dates of a task that repeats, and nothing for one that does not. */
export async function drawDates(task) {
  const mine = (asked += 1);
  const box = place("dates");
  if (!task?.repeats) {
    box.hidden = true;
    return;
  }
  try {
    const dates = await readDates(task.id);
    if (mine !== asked) return;
    place("dates-lines").replaceChildren(...dates.map((date) => line(task, date)));
    box.hidden = !dates.length;
  } catch {
    box.hidden = true;
  }
}

function line(task, { start, title, when, own, cancelled }) {
  const named = title === task.title ? when : `${when}: ${title}`;
  const words = element("span", "", named);
  if (cancelled) words.append(element("small", "", "called off"));
  else if (own) words.append(element("small", "", "changed"));
  const made = element("li", cancelled ? "off" : "", "", words, ...(cancelled
    ? [press("Put back", `Put ${when} back`, "back")]
    : [press("+1 h", `${when} an hour later`, "later"), press("Call off", `Call ${when} off`, "cancel")]));
  return made;

  function press(word, name, kind) {
    const pressed = button(word, "", async () => {
      pressed.disabled = true;
      try {
        await act("date", { id: task.id, start, kind });
      } catch (fault) {
        toast(fault.message);
      }
      drawDates(task);
    });
    pressed.setAttribute("aria-label", name);
    return pressed;
  }
}
