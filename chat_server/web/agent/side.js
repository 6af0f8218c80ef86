/** The right side: what helps with the conversation on screen, one tab each. */

import { button, el, freshId, Part } from "../widget/dom.js";
import { Briefing } from "./briefing.js";
import { Canned } from "./canned.js";
import { Directory } from "./directory.js";
import { Estimator } from "./estimator.js";
import { put } from "./keyed.js";
import { Notes } from "./notes.js";

export class Side extends Part {
  constructor(client, words) {
    super();
    this.client = client;
    this.back = button("Back to the conversation", { class: "small-button not-wide", sign: "back" });
    this.tabs = [
      ["briefing", "Briefing", new Briefing(client)], ["notes", "Notes", new Notes(client)], ["canned", "Replies", new Canned(client)],
      ["directory", "Directory", new Directory(client, words)], ["estimate", "Estimate", new Estimator(client, words)],
    ].map(([name, label, panel]) => this.#tab(name, label, panel));
    this.list = el("div", { class: "tabs", role: "tablist", "aria-label": "Beside the conversation" }, ...this.tabs.map((one) => one.tab));
    this.nothing = el("p", { class: "quiet side-nothing" }, "The briefing, notes and tools stand here when a conversation is open.");
    this.whole = el("div", { class: "side-whole" }, this.list, ...this.tabs.map((one) => one.node));
    this.append(this.back, this.nothing, this.whole);
    this.pick("briefing");
  }

  wire(signal) {
    this.back.addEventListener("click", () => this.ask("pane", "talk"), { signal });
    this.list.addEventListener("click", (event) => {
      const found = this.tabs.find((one) => one.tab.contains(event.target));
      if (found) this.pick(found.name);
    }, { signal });
    this.list.addEventListener("keydown", (event) => this.#move(event), { signal });
  }

  pick(name, { focus = false } = {}) {
    for (const one of this.tabs) {
      const chosen = one.name === name;
      one.tab.setAttribute("aria-selected", String(chosen));
      one.tab.tabIndex = chosen ? 0 : -1;
      one.node.hidden = !chosen;
      if (chosen && focus) (one.panel.first ?? one.tab).focus();
    }
    this.picked = name;
    this.show();
  }

  show() {
    const ref = this.client.shown;
    const talk = ref && this.client.talk(ref);
    this.nothing.hidden = Boolean(talk);
    this.whole.hidden = !talk;
    if (!talk) return;
    const notes = talk.card?.notes.length ?? 0;
    put(this.tabs[1].tab.firstChild, notes ? `Notes (${notes})` : "Notes");
    this.tabs.find((one) => one.name === this.picked)?.panel.show(talk);
  }

  #tab(name, label, panel) {
    const id = freshId("tab");
    const tab = el("button", { type: "button", role: "tab", id, "aria-controls": `${id}-panel` }, el("span", {}, label));
    const node = el("div", { role: "tabpanel", id: `${id}-panel`, "aria-labelledby": id, class: "tab-panel" }, panel);
    return { name, tab, panel, node };
  }

  #move(event) {
    const at = this.tabs.findIndex((one) => one.name === this.picked);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: this.tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = this.tabs[(to + this.tabs.length) % this.tabs.length];
    this.pick(next.name);
    next.tab.focus();
  }
}
