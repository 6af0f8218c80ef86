/**
 * What a parent can do in a conversation, over one link. Holds the conversation's value and tells listeners when it
 * changed (`change`), and when words have to go back into the box (`returned`).
 */

import { ChatLink } from "./chat-link.js";
import { emptyConversation, fated, hasHole, take, written } from "./conversation.js";
import { newId } from "./ids.js";
import { keepsake } from "./keepsake.js";

const STOP_TYPING_AFTER = 5_000;
const TYPING_AGAIN_AFTER = 3_000;
const SHOW_REPLAY_AFTER = 400;
const TELL_SEEN_AFTER = 300;

export class ChatClient extends EventTarget {
  conversation = emptyConversation();
  status = { phase: "idle" };
  #answers = new Map(); // id -> {resolve, reject} of an action that is not a message
  #hole = null; // {top, welcomed}: the place for which hello was said again
  #late = null;
  #typing = { on: false, at: 0, timer: null };
  #seen = 0;
  #seeing = null;
  #parted = false; // the parent ended it: a reload begins anew

  constructor({ origin, lang = "en", nation = null, Socket = WebSocket }) {
    super();
    Object.assign(this, { origin, lang, nation });
    const kept = keepsake.read();
    this.resume = kept.resume ?? null;
    this.link = new ChatLink({
      address: `${origin.replace(/^http/, "ws")}/ws/chat`,
      Socket,
      hello: () => this.#hello(),
      onFrame: (frame) => this.#hear(frame),
      onStatus: (status) => this.#statusChanged(status),
      onOverdue: (id) => this.#overdue(id),
    });
  }

  /** Whether events from before are still being replayed. */
  get catchingUp() {
    return this.conversation.welcomed && this.conversation.top < this.conversation.promised;
  }

  start() {
    if (this.status.phase === "idle") this.link.connect();
  }

  /** A new conversation; the old one stays as it is at the service. What did not arrive goes back into the box. */
  restart() {
    const unsent = this.conversation.outgoing.map((message) => message.text).join("\n\n");
    this.link.close();
    this.#forget();
    this.conversation = emptyConversation();
    if (unsent) this.#return(unsent);
    this.link.connect();
  }

  /** Write more in a conversation that was ended: it goes on under the same reference. */
  goOn() {
    this.#parted = false;
    this.link.connect();
  }

  // ------------------------------------------------------------------ what a parent does

  say(text) {
    this.typing(false);
    if (this.#parted) {
      this.#parted = false;
      this.keep(this.panelOpen);
    }
    this.#post(text, { type: "say", text });
  }

  choose(of, choice) {
    this.#post(choice.label, { type: "choose", of, choice: choice.id });
  }

  /** Try a message again that did not arrive: the same id, so that it can never be taken twice. */
  again(id) {
    const message = this.conversation.outgoing.find((one) => one.id === id);
    if (!message) return;
    this.#replace(fated(this.conversation, id, "sending"));
    this.link.send(message.frame);
  }

  /** Take a message that did not arrive back, to change it. */
  takeBack(id) {
    const message = this.conversation.outgoing.find((one) => one.id === id);
    if (!message) return;
    this.link.forget(id);
    this.#drop(id);
    this.#return(message.text);
  }

  askForPerson() {
    return this.#act({ type: "human" });
  }

  /** Remember a `nation` or a `safe_contact`. */
  prefer(fields) {
    if (fields.nation) this.nation = fields.nation;
    return this.#act({ type: "prefer", ...fields });
  }

  /** Go on in another language; the first words are asked for again while nothing else was said. */
  async speak(lang) {
    this.lang = lang;
    if (this.status.phase === "idle") return;
    try {
      await this.#act({ type: "prefer", lang });
      if (!this.conversation.entries.some((entry) => entry.from === "parent")) this.link.greet();
    } catch {
      /* the interface has changed; the service is told again with the next hello */
    }
  }

  rate(answers) {
    return this.#act({ type: "rate", answers });
  }

  async end() {
    await this.#act({ type: "end" });
    keepsake.clear();
    this.#parted = true;
  }

  async erase() {
    await this.#act({ type: "erase" });
    this.#erased();
  }

  /** The quick exit, in the time that a page has which is going away: twice, by two ways, under one id. */
  hide() {
    const frame = { type: "hide", id: newId() };
    const { reference, resume } = this.conversation;
    this.link.tell(frame);
    if (reference && resume) this.#put(frame).catch(() => {});
    this.link.close();
    this.#forget();
    this.conversation = emptyConversation();
  }

  /** Everything up to here stands before the parent's eyes; told once for what comes together. */
  seen() {
    this.#seeing ??= setTimeout(() => {
      this.#seeing = null;
      if (this.conversation.top <= this.#seen || !this.link.open) return;
      this.#seen = this.conversation.top;
      this.link.tell({ type: "seen", seq: this.#seen });
    }, TELL_SEEN_AFTER);
  }

  /** Tell a person who answers that the parent is writing. The assistant has no use for it. */
  typing(on) {
    clearTimeout(this.#typing.timer);
    if (on && this.conversation.state !== "agent") return;
    if (on) this.#typing.timer = setTimeout(() => this.typing(false), STOP_TYPING_AFTER);
    const due = on ? !this.#typing.on || Date.now() - this.#typing.at > TYPING_AGAIN_AFTER : this.#typing.on;
    if (!due) return;
    Object.assign(this.#typing, { on, at: Date.now() });
    this.link.tell({ type: "typing", on });
  }

  /** The parent's copy as a file: `txt`, `html` or `pdf`. */
  async copy(format) {
    const { reference, resume } = this.conversation;
    const answer = await fetch(`${this.origin}/api/conversations/${reference}/copy?format=${format}`, {
      headers: { Authorization: `Bearer ${resume}` }, credentials: "omit", cache: "no-store",
    });
    if (!answer.ok) throw new Error(`copy refused: ${answer.status}`);
    return { file: await answer.blob(), name: `chat-${reference}.${format}` };
  }

  /** Remember for a reload that the panel is open, or not. */
  keep(open) {
    this.panelOpen = open;
    const { resume, reference } = this.conversation;
    if (resume && !this.#parted) keepsake.write({ resume, conversation: reference, open });
  }

  // ------------------------------------------------------------------ what the service says

  #hello() {
    const resume = this.conversation.resume ?? this.resume;
    return {
      ...(resume ? { resume, last_seq: this.conversation.top } : {}),
      lang: this.lang,
      ...(this.nation ? { nation: this.nation } : {}),
      via: "widget",
    };
  }

  #hear(frame) {
    if (frame.type === "welcome" && this.#hole) this.#hole.welcomed = true;
    if (hasHole(this.conversation, frame) && !this.#mayMend()) return;
    if (frame.type === "ack") this.#acknowledged(frame);
    if (frame.type === "error") this.#refused(frame);
    this.#replace(take(this.conversation, frame, { mend: true }));
    if (frame.type === "welcome") this.keep(this.panelOpen ?? true);
    if (frame.type === "state" && frame.state === "erased") this.#erased();
  }

  /** A hole is asked for once; what the service then sends is all there is, hole or no hole. */
  #mayMend() {
    if (this.#hole?.top === this.conversation.top) return this.#hole.welcomed;
    this.#hole = { top: this.conversation.top, welcomed: false };
    this.link.greet();
    return false;
  }

  #acknowledged(frame) {
    this.#answers.get(frame.re)?.resolve(frame);
    this.#answers.delete(frame.re);
    if (!Number.isInteger(frame.cut)) return;
    const message = this.conversation.outgoing.find((one) => one.id === frame.re);
    const rest = message ? [...message.text].slice(frame.cut).join("").trim() : "";
    if (rest) this.#return(rest);
  }

  #refused(frame) {
    const passes = frame.retry_after_ms !== undefined && ["slow_down", "unavailable"].includes(frame.code);
    if (!passes) {
      this.#answers.get(frame.re)?.reject(Object.assign(new Error(frame.message), { code: frame.code }));
      this.#answers.delete(frame.re);
    }
    if (frame.code === "too_long") {
      const message = this.conversation.outgoing.find((one) => one.id === frame.re);
      if (message) this.#return(message.text);
    }
  }

  /** Nobody has acknowledged it. It goes on being sent; the parent is told and may do otherwise. */
  #overdue(id) {
    this.#answers.get(id)?.reject(Object.assign(new Error("no answer"), { code: "unavailable" }));
    this.#answers.delete(id);
    this.#replace(fated(this.conversation, id, "failed", "silent"));
  }

  #statusChanged(status) {
    this.status = status;
    if (status.phase === "lost") this.conversation = { ...this.conversation, typing: null };
    if (status.phase === "gone" && status.reason === "erased") {
      this.#erased();
      return;
    }
    if (status.phase === "gone") {
      for (const answer of this.#answers.values()) answer.reject(Object.assign(new Error(status.reason), { code: status.reason }));
      this.#answers.clear();
      for (const { id } of this.conversation.outgoing) this.conversation = fated(this.conversation, id, "failed", "gone");
      if (status.reason === "unknown" || status.reason === "ended") keepsake.clear();
    }
    this.#changed();
  }

  #post(text, body) {
    const frame = { ...body, id: newId() };
    this.#replace(written(this.conversation, { id: frame.id, text, at: new Date().toISOString(), frame }));
    this.link.send(frame);
  }

  /** Something durable that is no message: over the socket, or without it where the service has closed it for good. */
  #act(frame) {
    const id = newId();
    if (this.status.phase === "gone") return this.#put({ id, ...frame });
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.link.send({ id, ...frame });
    });
  }

  /** Do it by an HTTP call, which a page that is going away may still make. */
  async #put({ id, ...body }) {
    const { reference, resume } = this.conversation;
    const answer = await fetch(`${this.origin}/api/conversations/${reference}/actions/${id}`, {
      method: "PUT", keepalive: true, credentials: "omit",
      headers: { Authorization: `Bearer ${resume}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.ok) return;
    const { code, detail } = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(detail), { code });
  }

  #erased() {
    this.link.close();
    this.#forget();
    this.conversation = { ...emptyConversation(), state: "erased" };
    this.#changed();
  }

  #forget() {
    keepsake.clear();
    this.resume = null;
    this.#parted = false;
    this.#seen = 0;
    this.#hole = null;
  }

  #drop(id) {
    this.#replace({ ...this.conversation, outgoing: this.conversation.outgoing.filter((one) => one.id !== id) });
  }

  #return(text) {
    this.dispatchEvent(new CustomEvent("returned", { detail: text }));
  }

  #replace(conversation) {
    if (conversation === this.conversation) return;
    this.conversation = conversation;
    this.#changed();
  }

  /** A replay is shown in one go; should it stay incomplete, what came is shown all the same. */
  #changed() {
    clearTimeout(this.#late);
    if (this.catchingUp) this.#late = setTimeout(() => this.dispatchEvent(new Event("change")), SHOW_REPLAY_AFTER);
    else this.dispatchEvent(new Event("change"));
  }
}
