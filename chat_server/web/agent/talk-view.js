/** The middle: one conversation. Its head says who has it and what matters; below it the words, then where to write. */

import { button, el, icon, Part } from "../widget/dom.js";
import { put } from "./keyed.js";
import { dangerLabel, lasted, NATION, STATE, topicLabel } from "./labels.js";
import { Menu } from "./menu.js";
import { contactWarning } from "./rail.js";
import { ReplyForm } from "./reply-form.js";
import { giveBack, liftDanger, markDanger, passOn, release, wrapUp } from "./talk-dialogs.js";
import { Transcript } from "./transcript.js";

const NO_LONGER = "This conversation is not yours any more.";
const LOST = {
  transferred: `${NO_LONGER} A colleague has accepted it.`, claimed: `${NO_LONGER} A colleague took it.`, taken: `${NO_LONGER} A colleague took it.`,
  lease_lost: `${NO_LONGER} The connection was lost for too long, and it went back to the head of the queue.`,
  released: "You gave it back. It is at the head of the queue.", returned: "You gave it back. The automatic assistant answers again.",
  recorded: "It is closed, and the outcome is recorded.", wrapped: "The talk is over.", ended: "The parent ended the conversation.",
  erased: "The parent erased the conversation.", wrap_up_expired: "It is closed. The time to record an outcome was over.",
  reopened: "The parent came back, and the assistant answers.",
};

export class TalkView extends Part {
  ref = null;

  constructor(client, words) {
    super();
    this.client = client;
    this.back = button("Back to the desk", { class: "small-button only-narrow", sign: "back" });
    this.tools = button("Briefing and tools", { class: "small-button not-wide" });
    this.heading = el("h2", { tabindex: "-1" });
    this.where = el("p", { class: "talk-where" });
    this.actions = el("div", { class: "talk-actions", role: "group", "aria-label": "Decide about this conversation" });
    this.bands = el("div", { class: "bands" });
    this.transcript = new Transcript(client, words);
    this.doing = el("p", { class: "doing", "aria-live": "polite" });
    this.form = new ReplyForm(client);
    this.foot = el("div", { class: "talk-foot" });
    this.empty = el("div", { class: "nothing" },
      el("h2", {}, "No conversation is open"),
      el("p", {}, "Take the next parent who waits, or choose a conversation to look at. Opening one is recorded."));
    this.whole = el("div", { class: "talk", hidden: true },
      el("header", { class: "talk-head" }, el("div", { class: "talk-nav" }, this.back, this.tools), el("div", { class: "talk-title" }, this.heading, this.where), this.actions),
      this.bands, this.transcript, this.doing, this.form, this.foot);
    this.append(this.empty, this.whole);
    this.#makeActions();
  }

  wire(signal) {
    const on = { signal };
    this.back.addEventListener("click", () => this.ask("pane", "rail"), on);
    this.tools.addEventListener("click", () => this.ask("pane", "side"), on);
    this.addEventListener("chat-again", ({ detail }) => this.client.again(this.ref, detail), on);
    this.addEventListener("chat-take-back", ({ detail }) => this.form.insert(this.client.takeBack(this.ref, detail)), on);
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.target !== this.form.box) return;
      event.preventDefault();
      this.transcript.list.focus();
    }, on);
  }

  show() {
    const hadFocus = this.contains(document.activeElement);
    this.#show();
    if (hadFocus && !document.activeElement?.checkVisibility()) this.heading.focus();
  }

  #show() {
    const { client } = this;
    const ref = client.shown;
    const talk = ref && client.talk(ref);
    this.empty.hidden = Boolean(talk);
    this.whole.hidden = !talk;
    this.ref = ref;
    if (!talk) return;
    const own = client.isOwn(ref);
    put(this.heading, topicLabel(talk.card?.topic ?? client.where(ref)?.entry.topic));
    put(this.where, this.#whereInWords(talk, own));
    this.#showActions(talk, own);
    this.#showBands(talk);
    this.transcript.show(talk);
    put(this.doing, own && talk.parentTyping ? "The parent is writing…" : "");
    this.form.hidden = !own;
    if (own) this.form.show(ref);
    this.#showFoot(talk, own);
  }

  /** Whether this conversation is what the agent looks at now. */
  isLookedAt() {
    return document.visibilityState === "visible" && this.checkVisibility() && !this.whole.hidden;
  }

  #whereInWords({ ref, card, connected, parentTyping }, own) {
    if (!card) return `${ref} · opening`;
    const state = card.state === "agent" ? (own ? "Yours" : `${card.owner} has it`) : STATE[card.state];
    const waited = card.queued_at && `since ${lasted(this.client.now - Date.parse(card.queued_at))}`;
    const parent = card.parent === "left" ? "the parent left the page" : connected === null ? null : connected ? "the parent is connected" : "the parent is not connected now";
    return [ref, state, waited, card.nation && NATION[card.nation], card.lang === "cy" && "writes Welsh", parent, card.part > 1 && `part ${card.part}`, !own && parentTyping && "writing"]
      .filter(Boolean).join(" · ");
  }

  #makeActions() {
    const make = (label, act, attributes = {}) => {
      const one = button(label, { class: "small-button", ...attributes });
      one.addEventListener("click", act);
      return one;
    };
    const { client } = this;
    this.does = {
      wrap: make("Wrap up", () => wrapUp(client, this.ref)),
      transfer: make("Transfer", () => passOn(client, this.ref, "transfer")),
      give: make("Return to assistant", () => giveBack(client, this.ref)),
      release: make("Back to queue", () => release(client, this.ref)),
      mark: make("Mark danger", () => markDanger(client, this.ref)),
      lift: make("Take mark off", () => liftDanger(client, this.ref)),
    };
    const { wrap, transfer, ...others } = this.does;
    this.actions.append(wrap, transfer, new Menu("More", Object.values(others), { class: "small-button" }));
  }

  #showActions({ card }, own) {
    const urgent = Boolean(card?.urgent.length);
    this.actions.hidden = !own;
    this.does.lift.hidden = !urgent;
  }

  #showBands(talk) {
    const { card, lost } = talk;
    const bands = [];
    if (lost) bands.push(["lost", el("p", {}, el("strong", {}, LOST[lost.reason] ?? NO_LONGER))]);
    if (card?.urgent.length) bands.push(["danger", el("p", {}, icon("alert"), el("strong", {}, dangerLabel(card.urgent)))]);
    if (card?.safe_contact) bands.push(["contact", contactBand(card.safe_contact)]);
    else if (card && this.client.where(talk.ref)?.section === "call_backs") bands.push(["contact", el("p", {}, icon("phone"), el("strong", {}, "No safe contact was given."))]);
    if (card?.offer) bands.push(["offer", this.#offerBand(talk.ref, card.offer)]);
    const mark = JSON.stringify([lost, card?.urgent, card?.safe_contact, card?.offer, this.client.where(talk.ref)?.section === "call_backs", talk.ref]);
    if (this.bands.dataset.mark === mark) return;
    this.bands.dataset.mark = mark;
    this.bands.replaceChildren(...bands.map(([kind, content]) => el("div", { class: "band", "data-kind": kind }, content)));
  }

  #offerBand(ref, { from, to }) {
    const mine = to.agent === this.client.me.agent;
    const act = (label, what) => {
      const one = button(label, { class: "small-button" });
      one.addEventListener("click", () => this.ask(what, ref));
      return one;
    };
    return el("div", { class: "band-row" },
      el("p", {}, mine ? `${from.name} offers this conversation to you.` : `Offered to ${to.name}. Not yet accepted.`),
      mine ? act("Accept", "accept") : "", mine || from.agent === this.client.me.agent ? act(mine ? "Decline" : "Take the offer back", "decline") : "");
  }

  /** What can be done where the agent does not write: take it, record its outcome. */
  #showFoot(talk, own) {
    const { ref } = talk;
    const place = this.client.where(ref);
    const offered = place?.section === "offers" && place.entry.to.agent === this.client.me.agent;
    const what = own ? "own" : place?.section === "own" ? "wrap" : talk.card?.state === "queued" || talk.card?.state === "message_left" ? "take" : offered ? "offer" : "none";
    const mark = `${ref} ${what}`;
    if (this.foot.dataset.mark === mark) return;
    this.foot.dataset.mark = mark;
    const act = (label, run) => {
      const one = button(label, { class: "main-button" });
      one.addEventListener("click", run);
      return one;
    };
    const content = {
      own: [], none: [],
      wrap: [el("p", {}, "The talk is over. Record what became of it within ten minutes."), act("Record the outcome", () => wrapUp(this.client, ref))],
      take: [el("p", {}, "You are looking. The parent does not know, and nobody answers yet."), act("Take this conversation", () => this.ask("take", ref))],
      offer: [act("Accept this conversation", () => this.ask("accept", ref))],
    }[what];
    this.foot.replaceChildren(...content);
    this.foot.hidden = content.length === 0;
  }
}

/** How the parent may be reached, so that nobody dials before reading it. */
function contactBand(contact) {
  const { how, when, ask_for: askFor } = contact;
  const warning = contactWarning(contact);
  return el("div", {}, el("p", {}, icon("phone"), el("strong", {}, "Safe contact. ", warning ? el("span", { class: "warn" }, `${warning}. `) : "A voicemail is allowed. ")),
    el("dl", {}, ...[["How", how], ["When", when], ["Ask for", askFor]].filter(([, text]) => text).map(([name, text]) => el("div", {}, el("dt", {}, name), el("dd", {}, text)))));
}
