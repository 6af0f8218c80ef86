/** Replies that are kept ready: the team's and one's own. They go into the box, where they can be changed. */

import { button, el, Part } from "../widget/dom.js";
import { agentCall } from "./api.js";
import { dialog, field, inWords, select } from "./dialog.js";
import { keep } from "./keyed.js";

export class Canned extends Part {
  #all = null;
  #lang = null;

  constructor(client) {
    super();
    this.client = client;
    this.search = el("input", { type: "search", autocomplete: "off" });
    this.first = this.search;
    this.list = el("ul", { class: "canned" });
    this.said = el("p", { class: "quiet", role: "status" });
    this.add = button("Keep a reply of your own", { class: "small-button" });
    this.append(field("Search replies", this.search), this.said, this.list, this.add);
  }

  wire(signal) {
    this.search.addEventListener("input", () => this.#show(), { signal });
    this.add.addEventListener("click", () => this.#ask(), { signal });
  }

  show({ card, ref }) {
    this.ref = ref;
    const lang = card?.lang ?? "en";
    if (this.#lang === lang && this.own === this.client.isOwn(ref)) return;
    this.own = this.client.isOwn(ref);
    if (this.#lang === lang) this.#show();
    else this.#load(lang);
  }

  async #load(lang) {
    this.#lang = lang;
    try {
      this.#all = (await agentCall("GET", "/canned", { query: { lang } })).canned;
      this.#show();
    } catch (problem) {
      this.#lang = null;
      this.said.textContent = inWords(problem);
    }
  }

  #show() {
    const wanted = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = (this.#all ?? []).filter((one) => wanted.every((word) => `${one.title} ${one.text}`.toLowerCase().includes(word)));
    keep(this.list, found, { key: (one) => one.canned, make: (one) => this.#row(one), update: (node) => { node.use.hidden = !this.own; } });
    this.said.textContent = found.length ? "" : "No reply has all these words.";
    if (!this.own) this.said.textContent = "Replies can be used once the conversation is yours.";
  }

  #row(one) {
    const use = button("Use", { class: "small-button", "aria-label": `Use: ${one.title}` });
    use.addEventListener("click", () => this.ask("insert", one.text));
    const drop = one.mine ? button("Delete", { class: "small-button", "aria-label": `Delete: ${one.title}` }) : null;
    drop?.addEventListener("click", () => this.#drop(one));
    const node = el("li", {},
      el("div", { class: "canned-title" }, el("p", {}, el("strong", {}, one.title), el("span", { class: "tag" }, one.mine ? " · your own" : " · team")), el("div", { class: "row-actions" }, use, drop)),
      el("p", { class: "canned-text" }, one.text));
    node.use = use;
    return node;
  }

  #ask() {
    const title = el("input", { type: "text", maxlength: "120", autocomplete: "off" });
    const text = el("textarea", { rows: "5", maxlength: "2000" });
    const lang = select([["en", "English"], ["cy", "Welsh"]], this.#lang ?? "en");
    return dialog({
      title: "Keep a reply of your own", submit: "Keep it", content: [field("Name", title), field("Words", text), field("Language", lang)],
      act: async () => {
        if (!title.value.trim() || !text.value.trim()) throw new Error("Fill in a name and the words");
        await agentCall("POST", "/canned", { body: { title: title.value.trim(), text: text.value.trim(), lang: lang.value } });
        await this.#load(this.#lang ?? "en");
      },
    });
  }

  #drop(one) {
    return dialog({
      title: "Delete this reply", submit: "Delete it", danger: true, content: [el("p", {}, one.title)],
      act: async () => {
        await agentCall("DELETE", `/canned/${one.canned}`);
        await this.#load(this.#lang);
      },
    });
  }
}
