/**
 * The conversation as a pure value: what is known of it after each frame. No socket, no page, no clock.
 *
 * `take` returns a new value; an event that was seen before changes nothing, and an event after a hole is not
 * taken until the server has filled the hole (`hasHole`).
 */

/** Frames that are not events of the conversation, though some of them carry a `seq`. */
const PASSING = new Set(["welcome", "ack", "done", "queue", "typing", "receipt", "beat", "error", "bye"]);

/** Refusals after which the same frame is sent again by itself. */
const PASSES_BY_ITSELF = new Set(["slow_down", "unavailable"]);

/** Nothing is known yet. */
export function emptyConversation() {
  return Object.freeze({
    reference: null, resume: null, resumed: false, top: 0, promised: 0, entries: [], outgoing: [],
    state: "assistant", owner: null, version: 0, topic: null, urgent: [], everUrgent: false,
    typing: null, queue: null, readTo: 0, asking: null, open: null, limits: {}, greeting: null,
    welcomed: false, answered: false, waited: false,
  });
}

/** Whether a frame is a numbered event of the conversation. */
export function isEvent(frame) {
  return Number.isInteger(frame.seq) && !PASSING.has(frame.type);
}

/** Whether something is missing before this frame, so that `hello` has to be said again. */
export function hasHole(conversation, frame) {
  if (frame.type === "beat") return Number.isInteger(frame.top) && frame.top > conversation.top;
  return isEvent(frame) && frame.seq > conversation.top + 1;
}

/** The conversation after a frame of the server. `mend` takes an event in spite of a hole before it. */
export function take(conversation, frame, { mend = false } = {}) {
  if (isEvent(frame)) {
    if (frame.seq <= conversation.top) return conversation;
    if (hasHole(conversation, frame) && !mend) return conversation;
    const next = EVENTS[frame.type]?.(conversation, frame) ?? conversation;
    return { ...next, top: frame.seq };
  }
  return PASSING_FRAMES[frame.type]?.(conversation, frame) ?? conversation;
}

/** The parent has sent words (or a choice, shown by its label) in a frame that is not yet acknowledged. */
export function written(conversation, { id, text, at, frame }) {
  return { ...conversation, outgoing: [...conversation.outgoing, { id, text, at, frame, fate: "sending" }] };
}

/** What became of a message that is on its way: `sending`, `held` (goes again by itself), `failed`. */
export function fated(conversation, id, fate, code = null) {
  return withOutgoing(conversation, id, (message) => ({ ...message, fate, code }));
}

/** Everything to show, oldest first: events, then what is on its way. */
export function lines(conversation) {
  const answeredAt = conversation.entries.findLast((entry) => entry.from === "parent")?.seq ?? 0;
  const shown = conversation.entries.map((entry) => ({
    ...entry,
    live: Boolean(entry.choices?.length) && entry.seq > answeredAt && conversation.outgoing.length === 0,
  }));
  return [...shown, ...conversation.outgoing.map((message) => ({ ...message, kind: "outgoing", key: `m${message.id}` }))];
}

const EVENTS = {
  message(conversation, frame) {
    const own = frame.from === "parent";
    const entry = { ...frame, kind: "message", key: own && frame.id ? `m${frame.id}` : `s${frame.seq}` };
    const name = frame.name ?? (conversation.state === "agent" ? conversation.owner : null);
    if (frame.from === "agent") entry.name = name;
    const kept = own && conversation.outgoing.find((message) => message.id === frame.id || message.seq === frame.seq);
    return {
      ...conversation,
      entries: [...conversation.entries, entry],
      outgoing: kept ? conversation.outgoing.filter((message) => message !== kept) : conversation.outgoing,
      asking: own ? conversation.asking : (frame.asking ?? null),
      answered: conversation.answered || frame.from === "assistant" || frame.from === "agent",
      typing: frame.from === "agent" ? null : conversation.typing,
    };
  },

  urgent(conversation, frame) {
    return {
      ...conversation,
      entries: [...conversation.entries, { ...frame, kind: "urgent", danger: frame.kind, key: `s${frame.seq}` }],
      urgent: [...new Set([...conversation.urgent, frame.kind])],
      everUrgent: true,
    };
  },

  state(conversation, frame) {
    const owner = frame.owner ?? null;
    const urgent = Array.isArray(frame.urgent) ? frame.urgent : conversation.urgent;
    const next = {
      ...conversation,
      state: frame.state, owner, urgent, version: frame.version ?? conversation.version,
      topic: frame.topic ?? conversation.topic, everUrgent: conversation.everUrgent || urgent.length > 0,
      queue: frame.state === "queued" ? conversation.queue : null, typing: null,
      waited: conversation.waited || frame.state === "queued",
    };
    const changed = frame.state !== conversation.state || owner !== conversation.owner;
    if (!changed || !isTold(conversation.state, frame.state)) return next;
    const entry = { kind: "change", key: `s${frame.seq}`, seq: frame.seq, at: frame.at, state: frame.state, owner };
    return { ...next, entries: [...conversation.entries, entry] };
  },
};

/** Changes of owner that get a line of their own; waiting and messages left are told by the service's notices. */
function isTold(before, now) {
  return now === "agent" || now === "closed" || (now === "assistant" && before === "agent");
}

const PASSING_FRAMES = {
  welcome(conversation, frame) {
    return {
      ...conversation,
      reference: frame.conversation, resume: frame.resume ?? conversation.resume, resumed: Boolean(frame.resumed),
      promised: frame.top ?? 0, state: frame.state ?? conversation.state,
      owner: frame.owner ?? OWNER_OF_STATE[frame.state] ?? conversation.owner,
      urgent: frame.urgent ?? conversation.urgent, everUrgent: conversation.everUrgent || Boolean(frame.urgent?.length),
      version: frame.version ?? conversation.version, limits: frame.limits ?? {}, open: frame.open ?? null,
      greeting: frame.greeting ?? conversation.greeting, typing: null, welcomed: true,
    };
  },

  ack(conversation, frame) {
    const cut = Number.isInteger(frame.cut);
    const acked = withOutgoing(conversation, frame.re, (message) => ({ ...message, fate: "sent", seq: frame.seq, cut }));
    if (!(frame.seq <= conversation.top)) return acked;
    return { ...acked, outgoing: acked.outgoing.filter((message) => message.id !== frame.re) };
  },

  error(conversation, frame) {
    if (!frame.re) return conversation;
    const held = PASSES_BY_ITSELF.has(frame.code) && frame.retry_after_ms !== undefined;
    return withOutgoing(conversation, frame.re, (message) => ({
      ...message, fate: held ? "held" : "failed", code: frame.code, reason: frame.message,
    }));
  },

  done: (conversation) => (conversation.typing?.who === "assistant" ? { ...conversation, typing: null } : conversation),
  queue: (conversation, frame) => ({ ...conversation, queue: { position: frame.position ?? null, wait: waitInWords(frame.wait) } }),

  receipt(conversation, frame) {
    if (frame.who === "parent") return conversation;
    return { ...conversation, readTo: Math.max(conversation.readTo, frame.seq ?? 0) };
  },

  typing(conversation, frame) {
    const who = frame.who ?? "assistant";
    if (who === "parent") return conversation;
    return { ...conversation, typing: frame.on === false ? null : { who } };
  },
};

/** Owners that follow from the state alone, for a welcome that names none. */
const OWNER_OF_STATE = { assistant: "assistant", queued: "queue" };

function waitInWords(wait) {
  return typeof wait === "string" ? wait : (wait?.words ?? null);
}

function withOutgoing(conversation, id, change) {
  if (!conversation.outgoing.some((message) => message.id === id)) return conversation;
  return {
    ...conversation,
    outgoing: conversation.outgoing.map((message) => (message.id === id ? change(message) : message)),
  };
}
