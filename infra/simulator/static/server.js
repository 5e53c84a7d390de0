// What the page asks of the simulator, and how it hears of changes.

const { week, act, stream } = document.body.dataset;

async function answered(response) {
  const document = await response.json();
  if (!response.ok) throw new Error(document.error?.message ?? "The simulator refused.");
  return document;
}

export async function readWeek(first, end) {
  return answered(await fetch(`${week}?${new URLSearchParams({ start: first, end })}`));
}

/** One action of the person, by its name in the control API. */
export async function perform(action, body) {
  const address = act.replace(/-$/, action);
  const headers = { "Content-Type": "application/json" };
  return answered(await fetch(address, { method: "POST", headers, body: JSON.stringify(body) }));
}

export function listen(changed, connected) {
  const source = new EventSource(stream);
  source.addEventListener("version", (message) => changed(Number(message.data)));
  source.addEventListener("open", () => connected(true));
  source.addEventListener("error", () => connected(false));
}
