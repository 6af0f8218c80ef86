/**
 * Everything that an agent does and hears, over one link. Holds the desk and the conversations as values; tells
 * `change` when something changed, `news` when something came that an agent may want to hear of, `signed-out`.
 */

import { newId } from "../widget/ids.js";
import { agentCall, OFFLINE, Problem } from "./api.js";
import { EMPTY_DESK, takeDesk, whereIs } from "./desk.js";
import { DeskLink } from "./desk-link.js";
import { marks } from "./kept.js";
import { answeredTo, fated, newTalk, read, takeTalk, unread, unwrote, wrote } from "./talk.js";

const TYPING_AGAIN_AFTER = 3_000;
const STOP_TYPING_AFTER = 5_000;
const THEY_STOPPED_AFTER = 8_000;
/** When the sign-in still holds and only a ticket was not taken. */
const TICKET_AGAIN_AFTER = 2_000;

export class DeskClient extends EventTarget {
  desk = EMPTY_DESK;
  status = { phase: "idle" };
  me = null;
  limits = { text_max: 8_000, note_max: 2_000 };
  outcomes = [];
  shown = null; // the reference of the conversation on screen
  #talks = new Map();
  #watched = new Set();
  #caughtUp = new Set();
  #theyType = new Map(); // reference -> timer
  #seen = new Map(); // reference -> up to where the parent was told that it was read
  #acts = new Map(); // id -> {resolve, reject, type, ref}
  #frames = new Map(); // id -> reference, of what is being said
  #typing = { ref: null, at: 0, timer: null };
  #ahead = 0; // milliseconds by which the service's clock is ahead of ours
  #hadDesk = false;
  #told = false;

  constructor({ me }) {
    super();
    this.me = me;
    this.link = new DeskLink({
      onFrame: (frame) => this.#hear(frame),
      onStatus: (status) => this.#statusChanged(status),
      onOverdue: (id) => this.#change(id, (talk) => fated(talk, id, "overdue")),
    });
  }

  get now() {
    return Date.now() + this.#ahead;
  }

  get isSupervisor() {
    return this.me.role === "supervisor";
  }

  talk(ref) {
    return this.#talks.get(ref) ?? null;
  }

  where(ref) {
    return whereIs(this.desk, ref);
  }

  unread(ref) {
    const talk = this.talk(ref);
    return talk ? unread(talk) : 0;
  }

  get allUnread() {
    return this.desk.own.reduce((sum, one) => sum + this.unread(one.conversation), 0);
  }

  start() {
    this.link.connect();
  }

  stop() {
    this.link.close();
    this.#fail("offline", OFFLINE);
  }

  // ------------------------------------------------------------------ looking

  /** Show a conversation: open it, and leave the one before unless it is the agent's own. */
  show(ref) {
    if (ref === this.shown) return;
    const before = this.shown;
    this.shown = ref;
    if (before) this.#leaveUnlessOwn(before);
    if (ref) this.#watch(ref);
    this.#tell();
  }

  /** The agent has read what is on screen. */
  markRead(ref) {
    const talk = this.talk(ref);
    if (!talk?.top) return;
    if (this.isOwn(ref) && talk.top > (this.#seen.get(ref) ?? 0)) {
      this.#seen.set(ref, talk.top);
      this.link.tell({ type: "seen", conversation: ref, seq: talk.top });
    }
    if (talk.top <= talk.readTo) return;
    this.#talks.set(ref, read(talk, talk.top));
    marks.write(ref, talk.top);
    if (unread(talk)) this.#tell();
  }

  /** Whether the agent may speak here. */
  isOwn(ref) {
    return this.desk.own.some((one) => one.conversation === ref && one.state === "agent");
  }

  // ------------------------------------------------------------------ doing

  /** Do something and wait until it was taken or refused. Raises Problem. */
  act(type, ref, fields = {}) {
    const id = newId();
    const frame = { type, id, conversation: ref, ...fields };
    return new Promise((resolve, reject) => {
      if (this.status.phase === "gone") {
        reject(new Problem("offline", OFFLINE));
        return;
      }
      this.#acts.set(id, { resolve, reject, type, ref });
      this.link.send(frame);
    });
  }

  /** The same, for what compares the version that the agent last saw. */
  change(type, ref, fields = {}) {
    return this.act(type, ref, { version: this.#version(ref), ...fields });
  }

  presence(changed) {
    const { status, places } = { ...this.me, ...changed };
    this.me = { ...this.me, status, places };
    this.link.tell({ type: "presence", status, places });
    this.#tell();
  }

  say(ref, text) {
    this.#send(ref, text, { type: "say", text });
    this.typing(ref, false);
  }

  sendEstimate(ref, household) {
    this.#send(ref, "An estimate", { type: "send_estimate", household });
  }

  sendOrganisations(ref, organisations, text, names) {
    this.#send(ref, text || names.join(", "), { type: "send_organisations", organisations, ...(text ? { text } : {}) });
  }

  again(ref, id) {
    const failed = this.talk(ref)?.outgoing.find((one) => one.id === id);
    if (!failed) return;
    this.#send(ref, failed.text, failed.frame, id);
  }

  /** Take back what could not be sent; its words. */
  takeBack(ref, id) {
    const failed = this.talk(ref)?.outgoing.find((one) => one.id === id);
    this.link.forget(id);
    this.#frames.delete(id);
    this.#update(ref, (talk) => unwrote(talk, id));
    return failed?.frame.type === "say" ? failed.text : "";
  }

  typing(ref, on) {
    const now = Date.now();
    clearTimeout(this.#typing.timer);
    if (!on) {
      if (this.#typing.ref) this.link.tell({ type: "typing", conversation: this.#typing.ref, on: false });
      this.#typing = { ref: null, at: 0, timer: null };
      return;
    }
    if (this.#typing.ref && this.#typing.ref !== ref) this.typing(this.#typing.ref, false);
    if (this.#typing.ref !== ref || now - this.#typing.at > TYPING_AGAIN_AFTER) {
      this.link.tell({ type: "typing", conversation: ref, on: true });
      this.#typing.at = now;
    }
    this.#typing.ref = ref;
    this.#typing.timer = setTimeout(() => this.typing(ref, false), STOP_TYPING_AFTER);
  }

  // ------------------------------------------------------------------ how it is done

  #send(ref, text, frame, again = null) {
    const id = again ?? newId();
    const whole = { ...frame, id, conversation: ref };
    this.#frames.set(id, ref);
    this.#update(ref, (talk) => wrote(talk, { id, text, at: new Date(this.now).toISOString(), frame: whole }));
    this.link.send(whole);
  }

  #version(ref) {
    const entry = this.where(ref)?.entry;
    return Math.max(this.talk(ref)?.version ?? 0, entry?.version ?? 0, 1);
  }

  #watch(ref) {
    if (this.#watched.has(ref) || this.status.phase !== "open") return;
    this.#watched.add(ref);
    this.#ensure(ref);
    this.link.tell({ type: "watch", conversation: ref, last_seq: this.talk(ref).top });
  }

  #leaveUnlessOwn(ref) {
    if (this.desk.own.some((one) => one.conversation === ref)) return;
    if (this.#watched.delete(ref)) this.link.tell({ type: "unwatch", conversation: ref });
    if (!this.talk(ref)?.outgoing.length) this.#forget(ref);
  }

  #forget(ref) {
    this.#talks.delete(ref);
    this.#caughtUp.delete(ref);
  }

  #ensure(ref) {
    if (!this.#talks.has(ref)) this.#talks.set(ref, read(newTalk(ref), Number(marks.read(ref)) || 0));
  }

  #update(ref, change) {
    this.#ensure(ref);
    this.#talks.set(ref, change(this.talk(ref)));
    this.#tell();
  }

  #change(id, change) {
    const ref = this.#frames.get(id);
    if (ref) this.#update(ref, change);
  }

  #hear(frame) {
    switch (frame.type) {
      case "welcome":
        this.me = { ...this.me, ...frame.agent };
        Object.assign(this, { limits: frame.limits, outcomes: frame.outcomes });
        break;
      case "desk":
      case "desk_event":
        this.#hearDesk(frame);
        break;
      case "ack":
      case "error":
        this.#hearAnswer(frame);
        break;
      default:
        if (frame.conversation && typeof frame.conversation === "string") this.#hearTalk(frame);
    }
    this.#tell();
  }

  #hearDesk(frame) {
    this.#ahead = Date.parse(frame.at) - Date.now();
    const before = this.desk;
    this.desk = takeDesk(before, frame);
    const mine = this.desk.agents.find((one) => one.agent === this.me.agent);
    if (mine) this.me = { ...this.me, status: mine.status, places: mine.places };
    if (frame.type === "desk") this.#watched.clear();
    for (const { conversation } of this.desk.own) this.#watch(conversation);
    if (this.shown && (this.where(this.shown) || this.isSupervisor)) this.#watch(this.shown);
    for (const ref of [...this.#talks.keys()]) if (ref !== this.shown) this.#leaveUnlessOwn(ref);
    if (this.#hadDesk) this.#newOnDesk(before);
    this.#hadDesk = true;
  }

  #newOnDesk(before) {
    for (const [section, kind] of [["queue", "waiting"], ["call_backs", "call_back"], ["offers", "offer"]]) {
      const known = new Set(before[section].map((one) => one.conversation));
      for (const entry of this.desk[section]) {
        if (known.has(entry.conversation) || entry.from?.agent === this.me.agent) continue;
        this.#news(kind, entry);
      }
    }
  }

  #hearTalk(frame) {
    const ref = frame.conversation;
    this.#ensure(ref);
    const fresh = this.#caughtUp.has(ref) && frame.type === "message" && frame.from === "parent" && frame.seq > this.talk(ref).top;
    let talk = takeTalk(this.talk(ref), frame);
    if (!talk.readTo) talk = read(talk, answeredTo(talk));
    this.#talks.set(ref, talk);
    if (talk.card && talk.top >= talk.card.top) this.#caughtUp.add(ref);
    if (frame.type === "typing" && talk.parentTyping) this.#stopTyping(ref);
    if (frame.type === "revoked" && !frame.watching) this.#watched.delete(ref);
    if (frame.type === "revoked") this.#news("revoked", { conversation: ref, reason: frame.reason });
    if (fresh && this.isOwn(ref)) this.#news("message", this.where(ref).entry);
  }

  /** A parent whose connection went never says that they stopped. */
  #stopTyping(ref) {
    clearTimeout(this.#theyType.get(ref));
    this.#theyType.set(ref, setTimeout(() => {
      const talk = this.talk(ref);
      if (talk?.parentTyping) this.#update(ref, (one) => ({ ...one, parentTyping: false }));
    }, THEY_STOPPED_AFTER));
  }

  #hearAnswer(frame) {
    const id = frame.re;
    if (!id) {
      this.#hearRefusal(frame);
      return;
    }
    const said = this.#frames.get(id);
    if (said) {
      this.#ensure(said);
      this.#talks.set(said, takeTalk(this.talk(said), frame));
      if (frame.type === "ack") this.#frames.delete(id);
    }
    const waiting = this.#acts.get(id);
    if (!waiting || (frame.type === "error" && frame.retry_after_ms !== undefined && frame.code !== "not_allowed")) return;
    this.#acts.delete(id);
    if (frame.type === "error") {
      waiting.reject(new Problem(frame.code, frame.message, frame));
      return;
    }
    if ((waiting.type === "claim" || waiting.type === "accept") && !frame.dup) this.#watched.add(waiting.ref);
    this.#ensure(waiting.ref);
    this.#talks.set(waiting.ref, takeTalk(this.talk(waiting.ref), frame));
    waiting.resolve(frame);
  }

  /** What was to be opened is gone: somebody was quicker, or it has ended. */
  #hearRefusal(frame) {
    if (frame.code !== "not_found" || !this.shown || this.talk(this.shown)?.card) return;
    this.#watched.delete(this.shown);
    this.#forget(this.shown);
    this.shown = null;
    this.dispatchEvent(new CustomEvent("refused", { detail: new Problem(frame.code, frame.message) }));
  }

  async #statusChanged(status) {
    this.status = status;
    this.#tell();
    if (status.phase !== "gone") return;
    this.#giveBackUnsent();
    if (status.code !== 4500) return;
    const { code } = await agentCall("GET", "/me").then(() => ({}), (problem) => problem);
    if (code === "expired") this.dispatchEvent(new Event("signed-out"));
    else setTimeout(() => this.status === status && this.link.connect(), TICKET_AGAIN_AFTER);
  }

  /** The link will not send these any more: they are shown as failed, and acts that wait are refused. */
  #giveBackUnsent() {
    for (const [id, ref] of this.#frames) this.#update(ref, (talk) => fated(talk, id, "failed", OFFLINE));
    this.#fail("offline", OFFLINE);
  }

  #fail(code, message) {
    for (const { reject } of this.#acts.values()) reject(new Problem(code, message));
    this.#acts.clear();
  }

  #news(kind, entry) {
    this.dispatchEvent(new CustomEvent("news", { detail: { kind, entry } }));
  }

  /** Once for all that changed at the same moment; not tied to frames, which a hidden page does not draw. */
  #tell() {
    if (this.#told) return;
    this.#told = true;
    setTimeout(() => {
      this.#told = false;
      this.dispatchEvent(new Event("change"));
    }, 0);
  }
}
