/** A page of its own inside the panel: a heading, a way back, content. The way out of the chat stays in reach. */

import { el, freshId, Part, signButton } from "./dom.js";

export class Sheet extends Part {
  constructor(title, words, ...content) {
    super();
    const id = freshId("sheet");
    this.className = "sheet";
    this.setAttribute("role", "region");
    this.setAttribute("aria-labelledby", id);
    this.back = signButton(words.say("back"), "back");
    this.heading = el("h2", { id, tabindex: "-1" }, title);
    this.body = el("div", { class: "sheet-body" }, ...content);
    this.append(el("div", { class: "sheet-head" }, this.back, this.heading), this.body);
  }

  wire(signal) {
    this.back.addEventListener("click", () => this.ask("back"), { signal });
  }
}

/** A field with its label, and a hint where one helps. */
export function field(label, input, hint) {
  input.id ||= freshId("field");
  const described = hint ? el("p", { class: "hint", id: `${input.id}-hint` }, hint) : "";
  if (hint) input.setAttribute("aria-describedby", `${input.id}-hint`);
  return el("div", { class: "field" }, el("label", { for: input.id }, label), described, input);
}

/** One choice of several; `options` are pairs of value and label. */
export function radios(legend, name, options, { chosen = null, hint = null, inline = false } = {}) {
  const group = freshId(name);
  return el("fieldset", { class: inline ? "scale" : null, "data-name": name },
    el("legend", {}, legend),
    hint ? el("p", { class: "hint" }, hint) : "",
    el("div", { class: "radios" }, ...options.map(([value, label]) => {
      const input = el("input", { type: "radio", name: group, value, id: freshId("radio"), checked: value === chosen });
      return el("div", { class: "radio" }, input, el("label", { for: input.id }, label));
    })));
}

/** The value that was picked in a group of `radios`, or null. */
export const picked = (fieldset) => fieldset.querySelector("input:checked")?.value ?? null;

/**
 * A form that acts once at a time and says how it went. `act` returns a promise; while it is open the button stays
 * where it is, focusable, and does nothing.
 */
export class ActionForm extends Part {
  constructor(words, { fields, submit, done, act, className = "" }) {
    super();
    Object.assign(this, { words, act, done });
    this.submit = el("button", { type: "submit", class: `main-button ${className}`.trim() }, submit);
    this.outcome = el("p", { class: "outcome", role: "status" });
    this.form = el("form", { novalidate: true, autocomplete: "off" }, ...fields, this.submit, this.outcome);
    this.append(this.form);
  }

  wire(signal) {
    this.form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (this.submit.getAttribute("aria-disabled") === "true") return;
      this.submit.setAttribute("aria-disabled", "true");
      this.#say("working");
      try {
        const said = await this.act();
        this.#say(said ?? this.done, "done");
      } catch (error) {
        const key = `error.${error.code}`;
        this.#say(this.words.has(key) ? key : "error.other", "failed");
      }
      this.submit.removeAttribute("aria-disabled");
    }, { signal });
  }

  #say(key, how = "working") {
    this.outcome.dataset.how = how;
    this.outcome.textContent = this.words.say(key);
  }
}
