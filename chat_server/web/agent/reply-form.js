/**
 * Where an agent writes. The draft of each conversation is kept for this tab. Words that are better not said are
 * pointed out before they are sent; the agent decides.
 */

import { button, el, freshId, Part } from "../widget/dom.js";
import { agentCall } from "./api.js";
import { drafts } from "./kept.js";
import { put } from "./keyed.js";

const LONG_BEFORE = 500;
const CHECK_PATIENCE = 1_500;

export class ReplyForm extends Part {
  ref = null;
  #warned = null; // the text about which a warning stands

  constructor(client) {
    super();
    this.client = client;
    const id = freshId("reply");
    this.box = el("textarea", { id, rows: "3", autocomplete: "off", "aria-describedby": `${id}-hint ${id}-say` });
    this.count = el("p", { class: "hint count" });
    this.say = el("div", { class: "advice", id: `${id}-say`, role: "status" });
    this.sendButton = button("Send", { class: "main-button", type: "submit", sign: "send" });
    this.anyway = button("Send as it is", { class: "small-button", hidden: true });
    this.form = el("form", { class: "reply", novalidate: true },
      el("label", { for: id }, "Reply to the parent"),
      this.say,
      this.anyway,
      this.box,
      el("div", { class: "reply-foot" },
        el("p", { class: "hint", id: `${id}-hint` }, "Enter sends, Shift and Enter starts a new line, Escape leaves the box."), this.count, this.sendButton));
    this.append(this.form);
  }

  get text() {
    return this.box.value;
  }

  set text(text) {
    this.box.value = text;
    this.#changed();
  }

  wire(signal) {
    const on = { signal };
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    }, on);
    this.anyway.addEventListener("click", () => this.#send(this.text.trim()), on);
    this.box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    }, on);
    this.box.addEventListener("input", () => {
      this.#changed();
      this.client.typing(this.ref, this.text.trim() !== "");
    }, on);
    this.box.addEventListener("blur", () => this.client.typing(this.ref, false), on);
  }

  /** Show the draft of this conversation. */
  show(ref) {
    if (ref === this.ref) return;
    this.ref = ref;
    this.#advise();
    this.text = drafts.read(ref);
  }

  /** Put words where the agent writes, after what is there. */
  insert(text) {
    this.text = [this.text.trimEnd(), text].filter(Boolean).join("\n\n");
    this.box.focus();
    this.box.setSelectionRange(this.text.length, this.text.length);
  }

  async #submit() {
    const text = this.text.trim();
    const { ref } = this;
    const most = this.client.limits.text_max;
    if (!text) {
      this.#advise("Write a reply first, then send it.");
      this.box.focus();
      return;
    }
    if ([...text].length > most) {
      this.#advise(`One message has at most ${most.toLocaleString("en-GB")} characters. Please send it in parts.`);
      return;
    }
    if (this.checking || text === this.#warned) {
      if (!this.checking) this.#send(text);
      return;
    }
    this.checking = true;
    const found = await agentCall("POST", "/words", { body: { text }, patience: CHECK_PATIENCE }).then((said) => said.found, () => []);
    this.checking = false;
    if (ref !== this.ref || text !== this.text.trim()) return; // the agent went on writing, or elsewhere: nothing is sent unseen
    if (found.length) this.#warn(text, found);
    else this.#send(text);
  }

  #send(text) {
    if (!text) return;
    this.text = "";
    this.#advise();
    this.client.say(this.ref, text);
    this.box.focus();
  }

  #warn(text, found) {
    this.#warned = text;
    const once = [...new Map(found.map((one) => [one.words.toLowerCase(), one])).values()];
    this.say.replaceChildren(
      el("p", {}, "Not sent yet. Some words may be better said another way:"),
      el("ul", {}, ...once.map(({ words, use, why }) => el("li", {}, el("strong", {}, `“${words}”`), `: ${use}. ${why}`))),
      el("p", {}, "Change them, or press Enter again to send it as it is."));
    this.anyway.hidden = false;
    this.box.focus();
  }

  #advise(text = "") {
    this.#warned = null;
    this.anyway.hidden = true;
    if (this.say.textContent !== text) this.say.replaceChildren(text ? el("p", {}, text) : "");
  }

  #changed() {
    drafts.write(this.ref, this.text);
    if (this.#warned !== null || this.say.textContent) this.#advise();
    const left = this.client.limits.text_max - [...this.text].length;
    put(this.count, left < LONG_BEFORE ? `Characters left: ${left}` : "");
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight + 2}px`;
  }
}
