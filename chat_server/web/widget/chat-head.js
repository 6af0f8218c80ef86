/** The top of the panel: who answers, the way out, the way to a person, language, menu. Always in view. */

import { button, el, icon, Part, signButton, telephone } from "./dom.js";
import { whoAnswers, whoInWords } from "./who.js";

export class ChatHead extends Part {
  constructor(words) {
    super();
    this.words = words;
    const other = words.lang === "cy" ? "en" : "cy";
    this.heading = el("h2", { id: "options-chat-title", tabindex: "-1" }, words.say("title"));
    this.language = el("button", { type: "button", class: "language", lang: other }, words.say("language.other"));
    this.menu = signButton(words.say("menu"), "menu");
    this.away = signButton(words.say("minimise"), "minimise");
    this.who = el("p", { class: "who" });
    this.leave = button(words.say("exit"), { class: "leave", sign: "leave" });
    this.person = button(words.say("person"), { class: "person", sign: "person" });
    this.danger = el("div", { class: "danger-bar", role: "group", "aria-label": words.say("danger.label"), hidden: true },
      el("p", {}, words.say("danger.now"), " ", telephone("999", { "aria-label": words.say("danger.call") })),
      this.help = button(words.say("danger.show"), { class: "small-button" }));
    this.append(
      el("div", { class: "head-row" }, this.heading, this.language, this.menu, this.away),
      this.who,
      el("div", { class: "head-actions" }, this.leave, this.person),
      this.danger);
  }

  wire(signal) {
    const asks = [[this.language, "language"], [this.menu, "menu"], [this.away, "away"], [this.leave, "leave"], [this.help, "show-help"]];
    for (const [one, what] of asks) one.addEventListener("click", () => this.ask(what), { signal });
    this.person.addEventListener("click", () => {
      if (this.person.getAttribute("aria-disabled") !== "true") this.ask("person");
    }, { signal });
  }

  /** Show who answers. Gives the sentence, so that a change of it can be announced. */
  show(conversation, status, { asking = false } = {}) {
    const who = whoAnswers(conversation, status);
    const sentence = whoInWords(who, this.words);
    if (this.said !== sentence) {
      this.said = sentence;
      this.who.dataset.who = who.key.split(".")[1];
      this.who.replaceChildren(icon(who.sign), el("span", {}, sentence));
    }
    this.person.hidden = conversation.state === "agent" || conversation.state === "erased" || status.phase === "gone";
    this.person.setAttribute("aria-disabled", String(asking));
    this.danger.hidden = conversation.urgent.length === 0;
    return sentence;
  }
}
