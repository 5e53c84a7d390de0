// What the page asks of the demo CRM's server, and how it hears of news.

async function answered(response) {
  const said = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(said.detail ?? `The server answered ${response.status}.`);
  return said;
}

const get = async (path) => answered(await fetch(path, { headers: { Accept: "application/json" } }));

export const readState = () => get("/demo/state");
export const readHistory = async (id) => (await get(`/demo/history?${new URLSearchParams({ id })}`)).data;
export const readDates = async (id) => (await get(`/demo/dates?${new URLSearchParams({ id })}`)).data;
export const readHeld = async () => (await get("/demo/held")).run;

/** One deed of a person on the page; throws with a sentence when it could not be done. */
export async function act(name, body = {}) {
  const headers = { "Content-Type": "application/json" };
  return answered(await fetch(`/demo/do/${name}`, { method: "POST", headers, body: JSON.stringify(body) }));
}

/** `changed` is called whenever there is something new to read, `connected` when the line goes up or down. */
export function listen(changed, connected) {
  const source = new EventSource("/demo/news");
  source.addEventListener("version", changed);
  source.addEventListener("open", () => connected(true));
  source.addEventListener("error", () => connected(false));
}
