// Words and colours that several parts of the page show.

export const TINTS = { call: "#8B5CF6", email: "#3B82F6", meeting: "#EF4444", task: "#10B981", follow_up: "#F59E0B" };

/** Google's eleven, so that what is picked here is what the calendar shows. */
export const COLORS = {
  "#7986CB": "Lavender", "#33B679": "Sage", "#8E24AA": "Grape", "#E67C73": "Flamingo", "#F6BF26": "Banana",
  "#F4511E": "Tangerine", "#039BE5": "Peacock", "#616161": "Graphite", "#3F51B5": "Blueberry", "#0B8043": "Basil",
  "#D50000": "Tomato",
};

const OFF = {
  no_start: "No time", no_connection: "Not connected", not_selected: "Not selected", direction: "Other direction",
  hours: "Outside hours", private: "Private", window: "Too far away", paused: "Paused",
};

/** What the chip of a task says. */
export function stateWord(task) {
  if (task.fields.status === "cancelled") return "Cancelled";
  const words = { synced: "In step", pending: "On its way", conflict: "Conflict", error: "Error" };
  return words[task.state] ?? OFF[task.sync.reason] ?? "Only here";
}

export const FIELD_WORDS = {
  title: "Title", description: "Description", notes: "Notes", start: "Start", end: "End", location: "Place",
  priority: "Priority", status: "Status", attendees: "Guests", conference: "Google Meet", zoom_url: "Zoom link",
  private: "Private", busy: "Busy", url: "Link", meet_url: "Meet link", responses: "Answers", color: "Colour", reminders: "Reminders", contact: "Contact", deal: "Deal", type: "Type",
};

export const ANSWERS = { accepted: "comes", declined: "does not come", tentative: "may come", needsAction: "has not answered" };

const long = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
const short = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: "Europe/Berlin" });

export const dayWords = (day) => long.format(new Date(`${day}T00:00:00Z`));
export const clockOf = (moment) => new Date(moment).toLocaleTimeString("en-GB");

/** Sentences from the server, with the apostrophes of print. */
export const typeset = (text) => text.replaceAll("'", "’");

/** Any value of a field, for people. */
export function valueWords(value) {
  if (value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length)) return "nothing";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map(valueWords).join(", ");
  if (typeof value === "object") return value.email ?? value.name ?? Object.values(value).map(valueWords).join(" ");
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return short.format(new Date(/(Z|[+-]\d\d:\d\d)$/.test(value) ? value : `${value}Z`));
  return String(value);
}
