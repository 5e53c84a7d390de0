// The demo's page: reads the state, hands it to the parts, and keeps it fresh. Start here.

import { button, element, place, toast } from "./dom.js";
import { drawLog } from "./log.js";
import { followTask, openedId, openTask } from "./panel.js";
import { showPreview } from "./preview.js";
import { act, listen, readState } from "./server.js";
import { drawTasks } from "./tasks.js";
import { drawSettings, drawTroubles, showReview } from "./trouble.js";

const CALENDAR = "/calendar/u/";
let state = null;
let reading = null;
let again = false;
let drawnNotices = "";

/** Reads once however often it is asked while reading, and once more at the end. */
async function refresh() {
  if (reading) {
    again = true;
    return reading;
  }
  reading = (async () => {
    try {
      draw(await readState());
    } catch {
      connected(false);
    }
    reading = null;
    if (again) {
      again = false;
      await refresh();
    }
  })();
  return reading;
}

function draw(read) {
  const first = state === null;
  state = read;
  if (first) showCalendar(state.person.email);
  drawStanding();
  drawNotices();
  drawTasks(state, { open: (task) => openTask(task, state), finish });
  followTask(state);
  const news = drawLog(state.log, openById);
  if (news && document.body.dataset.tab !== "log") place("log-news").hidden = false;
  drawTroubles(state, openedId);
  drawSettings(state.connection);
}

const standing = () => (["pending", undefined].includes(state.connection?.status) ? "none" : state.connection.status);

function drawStanding() {
  const counted = (name) => state.tasks.filter((task) => task.state === name && task.fields.status !== "cancelled").length;
  const [tone, text] = {
    none: ["plain", "Not connected"],
    needs_reconnect: ["bad", "Access was taken back"],
    needs_review: ["warn", "Waiting for your decision"],
    paused: ["plain", "Paused"],
    ready: ["plain", "Connected, not started"],
  }[standing()] ?? active(counted("conflict"), counted("error"), counted("pending"), counted("synced"));
  place("standing").dataset.tone = tone;
  place("standing-text").textContent = text;
  place("tools").hidden = standing() === "none";
}

function active(conflicts, errors, pending, synced) {
  if (errors) return ["bad", `${errors} with an error`];
  if (conflicts) return ["warn", conflicts === 1 ? "1 conflict to settle" : `${conflicts} conflicts to settle`];
  if (pending) return ["plain", `${pending} on the way`];
  return ["good", `In step: ${synced} ${synced === 1 ? "task" : "tasks"}`];
}

function drawNotices() {
  const shown = notices();
  const now = JSON.stringify(shown.map(([tone, strong, text]) => [tone, strong, text]));
  if (now === drawnNotices) return;
  drawnNotices = now;
  place("notices").replaceChildren(...shown.map(([tone, strong, text, ...buttons]) => {
    const notice = element("div", "notice", "", element("p", "", "", element("strong", "", strong), ` ${text}`), ...buttons);
    notice.dataset.tone = tone;
    return notice;
  }));
}

function notices() {
  const found = [];
  const { name } = state.person;
  if (state.trouble_with_tandem) found.push(["bad", "The CRM cannot work with Tandem.", `${state.trouble_with_tandem}. It tries again by itself.`]);
  if (standing() === "none") {
    found.push(["good", `${name}’s tasks stand in the CRM alone.`, "Connect her Google Calendar, and both are kept in step.", button("Look first", "", () => connect("look")), button(`Connect ${name}’s calendar`, "strong", () => connect())]);
  }
  if (standing() === "ready") {
    found.push(["good", `${name}’s calendar is connected, and nothing is written yet.`, "See what the first sync will do, and start it.", button("Show me", "strong", showPreview)]);
  }
  if (standing() === "needs_reconnect") {
    found.push(["bad", "Google no longer lets Tandem in.", "What you change meanwhile waits, and nothing is lost.", button("Connect again", "strong", () => connect())]);
  }
  if (standing() === "needs_review") {
    found.push(["warn", "Many events went at once.", "That looks like an accident, so Tandem changed nothing.", button("Look at the list", "", showReview)]);
  }
  if (state.trouble.losing) {
    found.push(["warn", "Google’s notifications are being lost.", "Edits in the calendar arrive late, with the next look.", button("Sync now", "", sync), button("Let them through", "", () => press("trouble", { kind: "hear" }))]);
  }
  return found;
}

async function press(name, body, done) {
  try {
    await act(name, body);
    if (done) toast(done);
  } catch (fault) {
    toast(fault.message);
  }
  refresh();
}

const sync = () => press("sync", {}, "Tandem looks at the calendar now.");
const finish = (task) => press("finish", { id: task.id });

async function connect(how = "connect") {
  try {
    const { url } = await act(how);
    location.assign(url);
  } catch (fault) {
    toast(fault.message);
  }
}

function openById(id) {
  const task = state.tasks.find((each) => each.id === id);
  if (!task) {
    toast("This task is gone.");
    return;
  }
  showTab("crm");
  openTask(task, state);
}

function newTask() {
  const day = state.week > state.today ? state.week : state.today;
  openTask(null, state, { start_date: day, start_time: "13:00", end_date: day, end_time: "14:00" });
}

function showCalendar(account) {
  for (const choice of document.querySelectorAll("[data-calendar]")) {
    choice.setAttribute("aria-pressed", String(choice.dataset.calendar === account));
    if (choice.dataset.calendar === account) place("calendar").title = `${choice.textContent}’s calendar in the simulated Google Calendar`;
  }
  const query = new URLSearchParams({ embed: "1", day: state.week > state.today ? state.week : state.today });
  place("calendar").src = `${CALENDAR}${encodeURIComponent(account)}?${query}`;
}

function showTab(name) {
  document.body.dataset.tab = name;
  for (const tab of document.querySelectorAll(".tabs button")) tab.setAttribute("aria-pressed", String(tab.dataset.tab === name));
  if (name === "log") place("log-news").hidden = true;
}

function connected(up) {
  if (up) {
    refresh();
    return;
  }
  place("standing").dataset.tone = "bad";
  place("standing-text").textContent = "The server does not answer; trying again…";
}

place("new-task").addEventListener("click", newTask);
place("sync").addEventListener("click", sync);
for (const choice of document.querySelectorAll("[data-calendar]")) choice.addEventListener("click", () => showCalendar(choice.dataset.calendar));
for (const tab of document.querySelectorAll(".tabs button")) tab.addEventListener("click", () => showTab(tab.dataset.tab));
listen(refresh, connected);
await refresh();
