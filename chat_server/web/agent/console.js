/** The desk as a page: the bar, the three panes, what is said to the agent, and who may look at what. */

import { button, el, icon, Part } from "../widget/dom.js";
import { agentCall } from "./api.js";
import { Bell } from "./bell.js";
import { inWords, select } from "./dialog.js";
import { askChoices, askPassword } from "./choices.js";
import { askCodes } from "./codes.js";
import { put } from "./keyed.js";
import { clearTab, lastShown } from "./kept.js";
import { STATUS } from "./labels.js";
import { Menu } from "./menu.js";
import { Rail } from "./rail.js";
import { Shortcuts } from "./shortcuts.js";
import { Side } from "./side.js";
import { Board, Records } from "./supervisor.js";
import { TalkView } from "./talk-view.js";

const NAME = "Your desk";
const REFRESH_EVERY = 5_000;
const SAY_FOR = 12_000;

export class AgentConsole extends Part {
  #restored = false;
  #saidAt = 0;
  #writeSoon = null; // just taken: the focus goes to the box as soon as it is there

  constructor({ client, words, leave }) {
    super();
    Object.assign(this, { client, leave });
    this.rail = new Rail(client);
    this.talk = new TalkView(client, words);
    this.side = new Side(client, words);
    this.bell = new Bell(client, (text) => this.announce(text));
    this.shortcuts = new Shortcuts(this);
    this.status = el("p", { class: "unseen", role: "status" });
    this.banner = el("div", { class: "banner", role: "alert" });
    this.notice = el("div", { class: "notice", role: "status" });
    this.panes = el("main", { class: "panes" },
      el("nav", { class: "pane-rail", "aria-label": "Conversations" }, this.rail), el("section", { class: "pane-talk", "aria-label": "Conversation on screen" }, this.talk),
      el("aside", { class: "pane-side", "aria-label": "Briefing and tools" }, this.side));
    this.append(this.#bar(), this.banner, this.notice, this.panes, this.status);
    if (client.isSupervisor) this.#supervise(words);
    this.pane("rail");
  }

  wire(signal) {
    const on = { signal };
    const { client } = this;
    client.addEventListener("change", () => this.show(), on);
    client.addEventListener("news", ({ detail }) => this.#hear(detail), on);
    client.addEventListener("refused", ({ detail }) => {
      this.pane("rail", { focus: true });
      this.say(inWords(detail));
    }, on);
    client.addEventListener("signed-out", () => this.leave("You were signed out: elsewhere, by a new password, or after 12 hours. Sign in again. Your drafts are kept."), on);
    const asks = {
      open: (ref) => this.open(ref), take: (ref) => this.take(ref, "claim"), accept: (ref) => this.take(ref, "accept"),
      decline: (ref) => this.#act(() => client.act("decline", ref)), pane: (name) => this.pane(name, { focus: true }),
      insert: (text) => this.#insert(text), "go-to": (seq) => this.#goTo(seq),
    };
    for (const [name, run] of Object.entries(asks)) this.addEventListener(`chat-${name}`, ({ detail }) => run(detail), on);
    document.addEventListener("visibilitychange", () => this.show(), on);
    addEventListener("focus", () => this.show(), on);
    addEventListener("online", () => client.link.retryNow(), on);
    const timer = setInterval(() => this.show(), REFRESH_EVERY);
    signal.addEventListener("abort", () => clearInterval(timer));
    this.shortcuts.wire(signal);
    client.start();
    this.show();
  }

  // ------------------------------------------------------------------ showing

  show() {
    const { client } = this;
    this.#restore();
    if (client.shown && this.talk.isLookedAt() && document.hasFocus()) client.markRead(client.shown);
    this.#showBar();
    this.#showBanner();
    this.rail.show();
    this.talk.show();
    this.side.show();
    if (this.#writeSoon && client.isOwn(this.#writeSoon)) {
      if (client.shown === this.#writeSoon) this.talk.form.box.focus();
      this.#writeSoon = null;
    }
    if (this.board && !this.board.hidden) this.board.show();
    const unread = client.allUnread;
    const title = `${unread ? `(${unread}) ` : ""}${NAME}`;
    if (document.title !== title) document.title = title;
    if (this.notice.textContent && Date.now() - this.#saidAt > SAY_FOR) this.notice.textContent = "";
  }

  /** Which pane is on screen where there is room for one only. */
  pane(name, { focus = false } = {}) {
    this.dataset.pane = name;
    if (!focus) return;
    if (name === "rail") (this.rail.querySelector("[aria-current], .row-main") ?? this.rail).focus();
    if (name === "talk") (this.client.isOwn(this.client.shown) ? this.talk.form.box : this.talk.heading).focus();
    if (name === "side") this.side.tabs.find((one) => one.name === this.side.picked).tab.focus();
  }

  open(ref, { focus = true } = {}) {
    this.view("desk");
    this.client.show(ref);
    lastShown.write(ref);
    this.pane("talk");
    this.show();
    if (focus) this.talk.heading.focus({ preventScroll: true });
  }

  /** Claim what waits, or accept what is offered; the late one is told who was quicker. */
  async take(ref, how) {
    await this.#act(async () => {
      await this.client.change(how, ref);
      this.open(ref, { focus: false });
      this.announce("The conversation is yours.");
      this.#writeSoon = ref;
      this.show();
    });
  }

  /** Words on screen for a while, and to those who listen. */
  say(text) {
    this.#saidAt = Date.now();
    this.notice.replaceChildren(el("p", {}, text));
  }

  /** Words for those who listen. */
  announce(text) {
    this.status.textContent = "";
    setTimeout(() => put(this.status, text), 50);
  }

  view(name) {
    this.panes.hidden = name !== "desk";
    for (const [key, { node, tab }] of Object.entries(this.views ?? {})) {
      node.hidden = key !== name;
      if (key === name) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
    if (name === "records") this.records.show();
    if (name !== "desk") this.show();
  }

  // ------------------------------------------------------------------ how it is done

  #bar() {
    const { client } = this;
    this.state = select(Object.entries(STATUS), client.me.status, { "aria-label": "Your status" });
    this.places = select(Array.from({ length: 11 }, (_, n) => [String(n), n === 1 ? "1 place" : `${n} places`]), String(client.me.places), { "aria-label": "How many conversations you take at once" });
    this.state.addEventListener("change", () => client.presence({ status: this.state.value }));
    this.places.addEventListener("change", () => client.presence({ places: Number(this.places.value) }));
    const item = (label, run, sign = null) => {
      const one = button(label, { sign });
      one.addEventListener("click", run);
      return one;
    };
    const menu = new Menu(client.me.name, [
      item("Settings", () => askChoices(this)), item("Shortcuts", () => this.shortcuts.list()), item("New password", () => askPassword()), item("Codes of an app", () => askCodes(this)),
      item("Sign out", () => this.#signOut(), "leave"),
    ], { class: "bar-button" });
    this.views = {};
    this.viewList = el("nav", { class: "views", "aria-label": "Views", hidden: true });
    return el("header", { class: "bar" }, el("h1", {}, NAME), this.viewList,
      el("div", { class: "bar-me" }, this.state, this.places, menu));
  }

  #supervise(words) {
    this.board = new Board(this.client, this);
    this.records = new Records(this.client);
    this.append(this.board, this.records);
    for (const [name, label, node] of [["desk", "Desk", this.panes], ["board", "Board", this.board], ["records", "Records", this.records]]) {
      const tab = button(label, { class: "bar-button" });
      tab.addEventListener("click", () => this.view(name));
      this.viewList.append(tab);
      this.views[name] = { node, tab };
    }
    this.viewList.hidden = false;
    this.view("desk");
  }

  #showBar() {
    const { status, places } = this.client.me;
    if (document.activeElement !== this.state) this.state.value = status;
    if (document.activeElement !== this.places) this.places.value = String(places);
    this.dataset.status = status;
  }

  #showBanner() {
    const { phase, restarting, code } = this.client.status;
    const text = phase === "lost"
      ? `${restarting ? "The service is restarting." : "The connection is lost."} Connecting again. What you wrote is kept; your conversations stay yours for 45 seconds.`
      : phase === "gone" && code !== 4500 ? GONE[code] ?? "The desk stopped because of a fault. Load the page again." : "";
    if (this.banner.dataset.text === text) return;
    if (this.banner.dataset.text && !text) this.announce("Connected again.");
    this.banner.dataset.text = text;
    const now = button("Try now", { class: "small-button" });
    now.addEventListener("click", () => this.client.link.retryNow());
    this.banner.replaceChildren(...(text ? [icon("lost"), el("p", {}, text), phase === "lost" ? now : ""] : []));
  }

  /** After a reload: what was on screen, if it is still on the desk. */
  #restore() {
    if (this.#restored || this.client.status.phase !== "open" || !this.client.desk.agents.length) return;
    this.#restored = true;
    const last = lastShown.read();
    const { own } = this.client.desk;
    const ref = own.some((one) => one.conversation === last) ? last : own[0]?.conversation;
    if (ref) this.open(ref, { focus: false });
  }

  async #act(run) {
    try {
      await run();
    } catch (problem) {
      this.say(inWords(problem));
    }
  }

  #insert(text) {
    if (!this.client.isOwn(this.client.shown)) return;
    this.pane("talk");
    this.talk.form.insert(text);
  }

  #goTo(seq) {
    this.pane("talk");
    if (!this.talk.transcript.goTo(seq)) this.say("That message is not on screen.");
  }

  #hear(news) {
    if (news.kind === "revoked" && news.entry.conversation === this.client.shown) this.announce("This conversation is not yours any more.");
    this.bell.ring(news, { looking: news.entry.conversation === this.client.shown && this.talk.isLookedAt() && document.hasFocus() });
  }

  async #signOut() {
    await this.#act(async () => {
      const ended = await agentCall("POST", "/sign-out");
      clearTab();
      if (ended?.go) {
        location.assign(ended.go); // the organisation has a sign-out of its own
        return;
      }
      this.leave("You are signed out.");
    });
  }
}

const GONE = {
  4504: "Your desk is open in too many windows. Close some, then load this page again.",
  4503: "The desk cannot be used from this page.",
  4510: "This page is out of date. Load it again.",
};
