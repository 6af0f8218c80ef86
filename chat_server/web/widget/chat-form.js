/** Where a parent writes. Knows nothing of the network: it asks, and what was typed stays until it is taken. */

import { button, el, freshId, Part } from "./dom.js";

const LONG_BEFORE = 200;

export class ChatForm extends Part {
  constructor(words, limit = 2_000) {
    super();
    this.words = words;
    this.limit = limit;
    const id = freshId("message");
    this.box = el("textarea", { id, rows: "1", autocomplete: "off", enterkeyhint: "send", "aria-describedby": `${id}-hint ${id}-count` });
    this.wrong = el("p", { class: "wrong", id: `${id}-wrong`, hidden: true });
    this.count = el("p", { class: "count", id: `${id}-count`, hidden: true });
    this.send = button(words.say("form.send"), { class: "send", type: "submit", sign: "send" });
    this.form = el("form", { class: "form", novalidate: true },
      el("label", { for: id }, words.say("form.label")),
      this.wrong,
      el("div", { class: "form-row" }, this.box, this.send),
      el("p", { class: "hint", id: `${id}-hint` }, words.say("form.hint")),
      this.count);
    this.append(this.form);
  }

  get text() {
    return this.box.value;
  }

  set text(text) {
    this.box.value = text;
    this.#grow();
    this.#counted();
  }

  /** Words that could not be sent go back in front of what has been typed since. */
  giveBack(text) {
    this.text = [text.trim(), this.text.trim()].filter(Boolean).join("\n\n");
  }

  wire(signal) {
    const on = { signal };
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    }, on);
    this.box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    }, on);
    this.box.addEventListener("input", () => {
      this.#grow();
      this.#counted();
      this.#complain(null);
      this.ask("typing", this.text.trim() !== "");
    }, on);
    this.box.addEventListener("blur", () => this.ask("typing", false), on);
  }

  #submit() {
    const text = this.text.trim();
    if (!text) {
      this.#complain("form.empty");
      return;
    }
    this.#complain(null);
    this.text = "";
    this.ask("say", text);
  }

  #complain(key) {
    this.wrong.hidden = key === null;
    this.wrong.textContent = key === null ? "" : this.words.say(key);
    this.box.setAttribute("aria-invalid", String(key !== null));
    const described = this.box.getAttribute("aria-describedby").replace(` ${this.wrong.id}`, "");
    this.box.setAttribute("aria-describedby", key === null ? described : `${described} ${this.wrong.id}`);
    if (key === null) return;
    this.box.focus();
    this.ask("status", this.words.say(key));
  }

  /** Say how much room is left, near the end of it and beyond. */
  #counted() {
    const left = this.limit - [...this.text].length;
    this.count.hidden = left > LONG_BEFORE;
    if (this.count.hidden) return;
    this.count.textContent = left >= 0
      ? this.words.say("form.left", { left })
      : this.words.say("form.over", { limit: this.limit.toLocaleString("en-GB"), over: -left });
    clearTimeout(this.counting);
    this.counting = setTimeout(() => this.ask("status", this.count.textContent), 1_000);
  }

  #grow() {
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight + 2}px`;
  }
}
