/**
 * The widget on a page: the floating button and the panel. It puts the parts together, hears what they ask for and
 * shows the conversation; it knows neither frames nor sockets.
 */

import { ChatFoot } from "./chat-foot.js";
import { ChatForm } from "./chat-form.js";
import { ChatHead } from "./chat-head.js";
import { ChatLog } from "./chat-log.js";
import { lines } from "./conversation.js";
import { button, el, Part } from "./dom.js";
import { leavePage, NEUTRAL_PAGE, onThreeShifts } from "./leave.js";
import { menuSheet, SHEETS } from "./sheets.js";

const SHEETS_OF_STYLE = ["shared/tokens", "widget/widget", "widget/log", "widget/cards", "widget/forms"];
const FULL_SCREEN = "(max-width: 40em), (max-height: 30em)";
const STILL_WORKING_AFTER = 4_000;
const AGENT_WRITES_FOR = 8_000;
const TOLD_FOR = 10_000;

export class ChatWidget extends Part {
  #fresh = true; // nothing was drawn yet
  #rebuilt = false; // what is drawn was drawn before, in the other language
  #unread = 0;
  #asking = false;
  #trouble = null;
  #still = { since: null, over: false, timer: null };
  #announced = {};
  #telling = null;

  /** `words` of the first language, `client` of the conversation, `otherWords()` to fetch the other language. */
  constructor({ words, client, otherWords, exitUrl = NEUTRAL_PAGE }) {
    super();
    Object.assign(this, { words, client, otherWords, exitUrl });
    const root = this.attachShadow({ mode: "open" });
    this.launcher = button("", { class: "launcher", sign: "chat", "aria-haspopup": "dialog", "aria-expanded": "false" });
    this.panel = el("dialog", { class: "panel", "aria-labelledby": "options-chat-title" });
    this.status = el("p", { class: "unseen", role: "status" });
    this.hidden = true;
    const styles = SHEETS_OF_STYLE.map((name) => el("link", { rel: "stylesheet", href: `${client.origin}/web/${name}.css` }));
    this.styled = Promise.all(styles.map((style) => new Promise((ready) => {
      style.addEventListener("load", ready);
      style.addEventListener("error", ready);
    })));
    root.append(...styles, this.launcher, this.panel, this.status);
    this.#build();
  }

  get isOpen() {
    return this.panel.open;
  }

  wire(signal) {
    const on = { signal };
    this.styled.then(() => { this.hidden = false; });
    this.launcher.addEventListener("click", () => this.open(), on);
    this.panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.#back();
    }, on);
    this.panel.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#back();
    }, on);
    this.panel.addEventListener("close", () => { if (!this.isOpen) this.#closed(); }, on);
    for (const [what, act] of Object.entries(this.#acts)) {
      this.shadowRoot.addEventListener(`chat-${what}`, ({ detail }) => act(detail), on);
    }
    this.client.addEventListener("change", () => this.#show(), on);
    this.client.addEventListener("returned", ({ detail }) => this.#giveBack(detail), on);
    document.addEventListener("visibilitychange", () => this.#looked(), on);
    window.addEventListener("online", () => this.client.link.retryNow(), on);
    document.addEventListener("click", (event) => this.#pageClick(event), on);
    matchMedia(FULL_SCREEN).addEventListener("change", () => this.#refit(), on);
    window.visualViewport?.addEventListener("resize", () => this.#measure(), on);
    onThreeShifts({ signal, left: () => this.leave(), pressed: (left) => this.#tell(this.words.say(`exit.shift_${left}`)) });
  }

  /** Open the panel. The focus follows only when a parent asked for it. */
  open({ focus = true } = {}) {
    if (this.isOpen) return;
    this.cameFrom = this.shadowRoot.activeElement ?? document.activeElement;
    if (matchMedia(FULL_SCREEN).matches) this.panel.showModal();
    else if (focus) this.panel.show();
    else this.panel.open = true;
    this.panel.append(this.status);
    this.launcher.hidden = true;
    this.launcher.setAttribute("aria-expanded", "true");
    this.#unread = 0;
    this.#measure();
    this.client.start();
    this.client.keep(true);
    this.#show();
    this.log.settle();
    if (focus) (this.panel.matches(":modal") ? this.head.heading : this.form.box).focus();
  }

  /** Put the panel away; the conversation goes on. */
  close() {
    if (this.isOpen) this.panel.close();
  }

  leave() {
    leavePage({ to: this.exitUrl, title: this.words.say("exit.title"), farewell: () => this.client.hide() });
  }

  // ------------------------------------------------------------------ putting together

  #build() {
    const { words } = this;
    const written = this.form?.text ?? "";
    this.lang = words.lang;
    this.launcher.lastChild.textContent = words.say("launcher");
    this.head = new ChatHead(words);
    this.log = new ChatLog(words);
    this.foot = new ChatFoot(words, this.client.origin);
    this.form = new ChatForm(words, this.client.conversation.limits.text_kept);
    this.talk = el("div", { class: "talk" }, this.log, this.foot, this.form);
    this.panel.replaceChildren(this.head, this.talk);
    if (this.isOpen) this.panel.append(this.status);
    this.sheet = null;
    this.form.text = written;
    this.#fresh = true;
    this.#announced = {};
  }

  #acts = {
    say: (text) => this.client.say(text),
    choose: ({ of, choice }) => this.client.choose(of, choice),
    again: (id) => this.client.again(id),
    "take-back": (id) => {
      this.client.takeBack(id);
      this.form.box.focus();
    },
    typing: (on) => this.client.typing(on),
    status: (sentence) => this.#tell(sentence),
    person: () => this.#askForPerson(),
    leave: () => this.leave(),
    away: () => this.close(),
    menu: () => this.#openSheet("menu"),
    back: () => this.#back(),
    language: () => this.#switchLanguage(),
    "show-help": () => this.#showHelp(),
    "notice-now": () => this.client.link.retryNow(),
    "notice-go-on": () => {
      this.client.goOn();
      this.form.hidden = false;
      this.form.box.focus();
    },
    "notice-copy": () => this.#openSheet("copy"),
    "notice-rate": () => this.#openSheet("rate"),
    "notice-reload": () => location.reload(),
    "notice-restart": () => this.#restart(),
  };

  // ------------------------------------------------------------------ showing

  #show() {
    const { conversation, status } = this.client;
    const before = this.#fresh;
    const shown = [...this.#greeting(conversation), ...lines(conversation)];
    if (conversation.limits.text_kept) this.form.limit = conversation.limits.text_kept;
    const quiet = before && (conversation.resumed || this.#rebuilt);
    if (conversation.state === "erased") this.log.clear();
    const added = this.log.show(shown, { readTo: conversation.readTo, quiet });
    if (conversation.welcomed) this.#fresh = this.#rebuilt = false;
    const who = this.head.show(conversation, status, { asking: this.#asking });
    const writing = this.#showTyping(conversation);
    const notice = this.foot.showNotice(conversation, status, this.#trouble);
    this.form.hidden = status.phase === "gone" || conversation.state === "erased";
    this.#announce({ who: conversation.welcomed ? who : "", writing, notice, failed: this.#failures(conversation) });
    if (added && !before) this.#came(shown.at(-1));
    this.#looked();
  }

  /** The first words, which are no event: they stand before everything. Starters go once something was said. */
  #greeting({ greeting, entries, outgoing }) {
    if (!greeting) return [];
    const begun = outgoing.length > 0 || entries.some((entry) => entry.from === "parent");
    return [{ ...greeting, kind: "greeting", key: `greeting-${greeting.lang}`, live: !begun }];
  }

  #showTyping({ typing, entries, limits, owner }) {
    clearTimeout(this.#still.timer);
    if (!typing) {
      this.#still = { since: null, over: false, timer: null };
      return this.foot.showTyping(null);
    }
    const now = Date.now();
    this.#still.since ??= now;
    const ends = typing.who === "assistant" ? (limits.notice_after_ms ?? STILL_WORKING_AFTER) : AGENT_WRITES_FOR;
    const waited = now - this.#still.since;
    if (waited < ends) this.#still.timer = setTimeout(() => this.#show(), ends - waited);
    if (typing.who !== "assistant" && waited >= ends) return this.foot.showTyping(null);
    const saidByService = entries.at(-1)?.from === "service";
    return this.foot.showTyping(typing, waited >= ends && !saidByService, owner);
  }

  #failures({ outgoing }) {
    const failed = outgoing.filter((message) => message.fate === "failed").length;
    const held = outgoing.filter((message) => message.fate === "held").length;
    return failed ? this.words.say("status.failed") : held ? this.words.say("fate.held") : "";
  }

  /** Announce what changed, once; the first state of things is on screen and needs no announcement. */
  #announce(now) {
    const news = Object.entries(now).filter(([what, said]) => said && this.#announced[what] !== said && what in this.#announced);
    const mended = this.#announced.notice && !now.notice && this.client.status.phase === "open";
    this.#announced = now;
    if (mended) news.push(["mended", this.words.say("status.mended")]);
    if (news.length) this.#tell(news.map(([, said]) => said).join(" "));
  }

  /** Say it once; nobody who reads through the panel later meets it as if it were news. */
  #tell(sentence) {
    clearTimeout(this.#telling);
    this.status.textContent = sentence;
    this.#telling = setTimeout(() => { this.status.textContent = ""; }, TOLD_FOR);
  }

  /** Something new stands in the log: where the panel is away, the button says so. */
  #came(latest) {
    if (this.isOpen || latest?.kind === "outgoing" || latest?.from === "parent") return;
    this.#unread += 1;
    this.#tell(this.words.say("launcher.unread"));
    this.#showLauncher();
  }

  #showLauncher() {
    this.launcher.lastChild.textContent = this.words.say(this.#unread ? "launcher.unread" : this.client.conversation.welcomed ? "launcher.back" : "launcher");
    this.launcher.toggleAttribute("data-unread", this.#unread > 0);
  }

  #looked() {
    if (this.isOpen && document.visibilityState === "visible") this.client.seen();
  }

  // ------------------------------------------------------------------ acting

  async #askForPerson() {
    this.#asking = true;
    this.#trouble = null;
    this.#tell(this.words.say("person.asking"));
    this.#show();
    try {
      await this.client.askForPerson();
    } catch (error) {
      const key = `error.${error.code}`;
      this.#trouble = this.words.has(key) ? { key } : { text: error.message };
    }
    this.#asking = false;
    this.#show();
  }

  async #switchLanguage() {
    this.words = await this.otherWords(this.words.lang);
    this.#build();
    this.#rebuilt = true;
    this.client.speak(this.words.lang);
    this.#showLauncher();
    this.#show();
    this.head.language.focus();
  }

  #giveBack(text) {
    this.form.giveBack(text);
    this.#tell(this.words.say("form.returned"));
  }

  #restart() {
    this.#build();
    this.client.restart();
    this.#show();
    this.form.box.focus();
  }

  #openSheet(name) {
    const from = this.shadowRoot.activeElement;
    const context = { words: this.words, client: this.client, open: (next) => this.#openSheet(next), close: () => this.#closeSheets() };
    const sheet = name === "menu" ? menuSheet(context) : SHEETS[name](context);
    sheet.under = this.sheet;
    sheet.cameFrom = from;
    this.#put(sheet);
    sheet.heading.focus();
  }

  #put(sheet) {
    if (!this.sheet) this.readAt = this.log.list.scrollTop;
    this.sheet?.remove();
    this.sheet = sheet;
    this.talk.hidden = sheet !== null;
    if (sheet) this.talk.after(sheet);
    else this.log.list.scrollTop = this.readAt;
  }

  /** One step back: from a sheet to what was under it, from the conversation to the page. */
  #back() {
    if (!this.sheet) {
      this.close();
      return;
    }
    const { under, cameFrom } = this.sheet;
    this.#put(under);
    cameFrom?.focus();
  }

  #closeSheets() {
    this.#put(null);
    this.head.menu.focus();
  }

  #showHelp() {
    if (this.sheet) this.#closeSheets();
    const help = [...this.log.querySelectorAll(".urgent")].at(-1);
    help?.scrollIntoView({ block: "start" });
    help?.querySelector("a")?.focus({ preventScroll: true });
  }

  #closed() {
    this.shadowRoot.append(this.status);
    this.launcher.hidden = false;
    this.launcher.setAttribute("aria-expanded", "false");
    this.#showLauncher();
    this.client.keep(false);
    const back = this.cameFrom?.isConnected && this.cameFrom !== document.body ? this.cameFrom : this.launcher;
    back.focus();
  }

  /** The panel is modal where it covers the screen, and beside the page where it does not. */
  #refit() {
    const full = matchMedia(FULL_SCREEN).matches;
    if (!this.isOpen || full === this.panel.matches(":modal")) return;
    const focused = this.shadowRoot.activeElement;
    this.panel.close();
    if (full) this.panel.showModal();
    else this.panel.show();
    focused?.focus();
  }

  /** The height that an on-screen keyboard leaves. */
  #measure() {
    const height = window.visualViewport?.height;
    if (height) this.style.setProperty("--visible-height", `${Math.round(height)}px`);
  }

  /** Links on the page that open the chat or leave the page; without script they are plain links. */
  #pageClick(event) {
    const asked = event.target instanceof Element ? event.target.closest("[data-chat-open], [data-chat-leave]") : null;
    if (!asked) return;
    event.preventDefault();
    if (asked.hasAttribute("data-chat-leave")) this.leave();
    else this.open();
  }
}
