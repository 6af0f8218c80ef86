/** Keys. Single letters work only outside of fields, and can be switched off; F6 works everywhere. */

import { el } from "../widget/dom.js";
import { dialog } from "./dialog.js";
import { choices } from "./kept.js";

const PANES = ["rail", "talk", "side"];
const FIELD = "input, textarea, select, [contenteditable]";

export class Shortcuts {
  constructor(desk) {
    this.desk = desk;
    const { side } = desk;
    const tab = (name) => () => {
      desk.pane("side");
      side.pick(name, { focus: true });
    };
    this.keys = [
      ["?", "This list", () => this.list()],
      ["t", "Take the next parent who waits", () => desk.rail.takeNext()],
      ["j", "Next of your conversations", () => this.#step(1)],
      ["k", "The one before", () => this.#step(-1)],
      ["u", "Next of yours with something new", () => this.#step(1, (ref) => desk.client.unread(ref) > 0)],
      ["r", "Write a reply", () => desk.pane("talk", { focus: true })],
      ["q", "To the lists", () => desk.pane("rail", { focus: true })],
      ["b", "Briefing", tab("briefing")],
      ["n", "Private notes", tab("notes")],
      ["c", "Replies kept ready", tab("canned")],
      ["d", "Directory", tab("directory")],
      ["e", "Estimate", tab("estimate")],
    ];
  }

  wire(signal) {
    document.addEventListener("keydown", (event) => this.#hear(event), { signal });
  }

  list() {
    const on = choices.read().shortcuts;
    return dialog({
      title: "Shortcuts",
      content: [
        el("p", {}, on ? "Letters work while you are not writing in a field. Switch them off under Settings." : "Single keys are switched off. Switch them on under Settings."),
        el("dl", { class: "keys" }, ...[
          ...this.keys.map(([key, what]) => [key, what]), ["F6", "Next pane: lists, conversation, tools (also while writing)"],
          ["Enter", "Send what you wrote"], ["Shift + Enter", "A new line"], ["Escape", "Leave the box; what you wrote stays"],
        ].map(([key, what]) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, what)))),
      ],
    });
  }

  #hear(event) {
    if (document.querySelector("dialog[open]") || event.defaultPrevented) return;
    if (event.key === "F6" && !this.desk.panes.hidden) {
      event.preventDefault();
      this.#nextPane(event.shiftKey ? -1 : 1);
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest?.(FIELD) || !choices.read().shortcuts) return;
    const found = this.keys.find(([key]) => key === event.key);
    if (!found) return;
    event.preventDefault();
    found[2]();
  }

  #nextPane(step) {
    const { desk } = this;
    const at = PANES.findIndex((name) => desk.querySelector(`.pane-${name}`).contains(document.activeElement));
    const to = PANES[(at + step + PANES.length) % PANES.length];
    desk.pane(to, { focus: true });
  }

  /** The next own conversation in the order of the list, from the one on screen. */
  #step(by, fits = () => true) {
    const refs = this.desk.client.desk.own.map((one) => one.conversation);
    const at = refs.indexOf(this.desk.client.shown);
    const order = refs.map((_, n) => refs[(((at < 0 && by < 0 ? 0 : at) + by * (n + 1)) % refs.length + refs.length) % refs.length]);
    const to = order.find(fits);
    if (to) this.desk.open(to);
  }
}
