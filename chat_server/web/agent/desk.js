/** What stands on the desk, as a pure value that is kept up by its events. The orders are part of the protocol. */

const KEY = { queue: "conversation", own: "conversation", call_backs: "conversation", offers: "conversation", agents: "agent", held: "conversation" };

const flag = (value) => (Array.isArray(value) ? (value.length ? 0 : 1) : value ? 0 : 1);

const ORDER = {
  queue: (e) => [flag(e.urgent), flag(e.lost_agent), e.since, e.conversation],
  own: (e) => [e.since, e.conversation],
  call_backs: (e) => [flag(e.urgent), e.since, e.conversation],
  offers: (e) => [e.until, e.conversation],
  agents: (e) => [e.name, e.agent],
  held: (e) => [e.since, e.conversation],
};

export const EMPTY_DESK = Object.freeze(Object.fromEntries(Object.keys(KEY).map((name) => [name, []])));

/** The desk after a `desk` or a `desk_event`. */
export function takeDesk(desk, frame) {
  if (frame.type === "desk") return Object.fromEntries(Object.keys(KEY).map((name) => [name, frame[name] ?? []]));
  const after = { ...desk };
  for (const [name, key] of Object.entries(KEY)) {
    const put = frame.put?.[name] ?? [];
    const gone = new Set(frame.gone?.[name] ?? []);
    if (!put.length && !gone.size) continue;
    const entries = new Map(desk[name].filter((one) => !gone.has(one[key])).map((one) => [one[key], one]));
    for (const one of put) entries.set(one[key], one);
    after[name] = [...entries.values()].sort((a, b) => compare(ORDER[name](a), ORDER[name](b)));
  }
  return after;
}

/** Where a conversation stands, in any section: `{section, entry}`; null when it is not on this desk. */
export function whereIs(desk, ref) {
  for (const section of ["own", "offers", "queue", "call_backs", "held"]) {
    const entry = desk[section].find((one) => one.conversation === ref);
    if (entry) return { section, entry };
  }
  return null;
}

function compare(a, b) {
  for (let i = 0; i < a.length; i += 1) {
    if (a[i] < b[i]) return -1;
    if (a[i] > b[i]) return 1;
  }
  return 0;
}
