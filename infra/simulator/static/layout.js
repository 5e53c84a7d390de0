// Where events go: side by side when they overlap, in rows when they last days. Pure.

import { addDays, dayOf, daysBetween, minutesOf } from "./dates.js";

const SHORTEST = 22;

/** Split timed events into one piece per day shown: {event, day, from, to, first, last}, minutes since midnight. */
export function pieces(events, days) {
  const found = [];
  for (const event of events) {
    const [start, end] = [dayOf(event.start.dateTime), dayOf(event.end.dateTime)];
    for (const day of days) {
      if (day < start || day > end) continue;
      const from = day === start ? minutesOf(event.start.dateTime) : 0;
      const to = day === end ? minutesOf(event.end.dateTime) : 1440;
      if (to === 0 && day !== start) continue;
      found.push({ event, day, from, to: Math.max(to, from), first: day === start, last: day === end });
    }
  }
  return found;
}

/** Give each piece of one day its column: {column, columns, span}. */
export function columns(dayPieces) {
  const sorted = [...dayPieces].sort((one, other) => one.from - other.from || other.to - one.to);
  let cluster = [];
  let until = -1;
  const settle = () => {
    const count = Math.max(0, ...cluster.map((piece) => piece.column + 1));
    for (const piece of cluster) {
      piece.columns = count;
      piece.span = 1;
      const free = (column) => cluster.every((other) => other.column !== column || apart(piece, other));
      while (piece.column + piece.span < count && free(piece.column + piece.span)) piece.span += 1;
    }
  };
  for (const piece of sorted) {
    if (piece.from >= until) {
      settle();
      cluster = [];
      until = -1;
    }
    piece.column = 0;
    while (cluster.some((other) => other.column === piece.column && !apart(piece, other))) piece.column += 1;
    cluster.push(piece);
    until = Math.max(until, bottom(piece));
  }
  settle();
  return sorted;
}

const bottom = (piece) => Math.max(piece.to, piece.from + SHORTEST);
const apart = (one, other) => one.from >= bottom(other) || other.from >= bottom(one);

/** Give each all-day event its columns and row: {event, from, to, row}; `to` is exclusive, counted in days shown. */
export function rows(events, days) {
  const end = addDays(days.at(-1), 1);
  const placed = [];
  const spans = events
    .filter((event) => event.start.date < end && event.end.date > days[0])
    .map((event) => ({
      event,
      from: Math.max(0, daysBetween(days[0], event.start.date)),
      to: Math.min(days.length, Math.max(1, daysBetween(days[0], event.end.date))),
    }))
    .sort((one, other) => one.from - other.from || other.to - one.to);
  for (const span of spans) {
    span.row = 0;
    while (placed.some((other) => other.row === span.row && span.from < other.to && other.from < span.to)) span.row += 1;
    placed.push(span);
  }
  return placed;
}
