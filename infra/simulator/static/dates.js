// Days and wall-clock times as text, in the account's zone; never the browser's zone.

const MINUTE = 60_000;
const DAY = 86_400_000;

export const addDays = (day, count) => new Date(Date.parse(day) + count * DAY).toISOString().slice(0, 10);
export const daysBetween = (first, last) => Math.round((Date.parse(last) - Date.parse(first)) / DAY);
export const weekday = (day) => (new Date(day).getUTCDay() + 6) % 7;
export const monday = (day) => addDays(day, -weekday(day));

/** Minutes since midnight of "…T09:30:00+01:00". */
export const minutesOf = (text) => Number(text.slice(11, 13)) * 60 + Number(text.slice(14, 16));
export const dayOf = (text) => text.slice(0, 10);

export function clock(minutes) {
  const whole = ((minutes % 1440) + 1440) % 1440;
  return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
}

/** A wall-clock moment, minutes after a day's midnight, as "YYYY-MM-DDTHH:MM:00". */
export function wall(day, minutes) {
  const moment = new Date(Date.parse(day) + minutes * MINUTE);
  return moment.toISOString().slice(0, 19);
}

const format = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
const MONTH = format({ month: "long", year: "numeric" });
const SHORT = format({ month: "short" });
const NAME = format({ weekday: "short" });
const LONG = format({ weekday: "long", day: "numeric", month: "long" });

export const dayName = (day) => NAME.format(new Date(day));
export const longDay = (day) => LONG.format(new Date(day));

export function monthTitle(first, last) {
  const [from, to] = [new Date(first), new Date(last)];
  if (from.getUTCMonth() === to.getUTCMonth()) return MONTH.format(from);
  const year = from.getUTCFullYear() === to.getUTCFullYear() ? "" : ` ${from.getUTCFullYear()}`;
  return `${SHORT.format(from)}${year} – ${SHORT.format(to)} ${to.getUTCFullYear()}`;
}
