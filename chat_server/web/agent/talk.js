/** One conversation as an agent knows it, as a pure value: what was said, the card, and what is on its way. */

const EVENTS = new Set(["message", "urgent", "state", "preferred", "rated", "hidden"]);

/** Refusals after which the same frame goes again by itself. */
const PASSES_BY_ITSELF = new Set(["slow_down", "unavailable"]);

export function newTalk(ref) {
  return Object.freeze({
    ref, card: null, entries: [], outgoing: [], top: 0, version: 0, state: null, parentReadTo: 0, parentTyping: false,
    readTo: 0, lost: null, connected: null,
  });
}

/** The conversation after a frame about it. */
export function takeTalk(talk, frame) {
  if (EVENTS.has(frame.type)) return takeEvent(talk, frame);
  switch (frame.type) {
    case "conversation":
      return { ...talk, card: frame, version: Math.max(talk.version, frame.version), state: frame.state, lost: frame.mine ? null : talk.lost };
    case "typing":
      return frame.who === "parent" ? { ...talk, parentTyping: frame.on } : talk;
    case "receipt":
      return frame.who === "parent" ? { ...talk, parentReadTo: Math.max(talk.parentReadTo, frame.seq) } : talk;
    case "connected":
      return { ...talk, connected: frame.on };
    case "revoked":
      return { ...talk, lost: { reason: frame.reason, watching: frame.watching }, parentTyping: false };
    case "ack":
      return acked({ ...talk, version: Math.max(talk.version, frame.version) }, frame);
    case "error":
      return withOutgoing(talk, frame.re, (one) => ({
        ...one, code: frame.code, reason: frame.message,
        fate: PASSES_BY_ITSELF.has(frame.code) && frame.retry_after_ms !== undefined ? "held" : "failed",
      }));
    default:
      return talk;
  }
}

/** The agent has sent words, or a card, in a frame that is not yet acknowledged. */
export function wrote(talk, { id, text, at, frame }) {
  return { ...talk, outgoing: [...talk.outgoing.filter((one) => one.id !== id), { id, text, at, frame, fate: "sending" }] };
}

export function unwrote(talk, id) {
  return { ...talk, outgoing: talk.outgoing.filter((one) => one.id !== id) };
}

export function fated(talk, id, fate, reason = null) {
  return withOutgoing(talk, id, (one) => ({ ...one, fate, reason: reason ?? one.reason }));
}

export function read(talk, seq) {
  return seq > talk.readTo ? { ...talk, readTo: seq } : talk;
}

/** How many of the parent's messages were not read. */
export function unread(talk) {
  return talk.entries.filter((entry) => entry.type === "message" && entry.from === "parent" && entry.seq > talk.readTo).length;
}

/** Where reading goes on after a reload that kept no mark: what an agent answered was read. */
export function answeredTo(talk) {
  return talk.entries.findLast((entry) => entry.type === "message" && entry.from === "agent")?.seq ?? 0;
}

function takeEvent(talk, frame) {
  if (frame.seq <= talk.top) return talk;
  const next = { ...talk, top: frame.seq, entries: [...talk.entries, frame] };
  if (frame.type === "message" && frame.from === "parent") next.parentTyping = false;
  if (frame.type === "message" && frame.from === "agent") next.outgoing = talk.outgoing.filter((one) => one.seq !== frame.seq);
  if (frame.type === "state") Object.assign(next, { version: Math.max(talk.version, frame.version), state: frame.state });
  return next;
}

function acked(talk, frame) {
  if (frame.seq <= talk.top) return unwrote(talk, frame.re);
  return withOutgoing(talk, frame.re, (one) => ({ ...one, fate: "sent", seq: frame.seq }));
}

function withOutgoing(talk, id, change) {
  if (!talk.outgoing.some((one) => one.id === id)) return talk;
  return { ...talk, outgoing: talk.outgoing.map((one) => (one.id === id ? change(one) : one)) };
}
