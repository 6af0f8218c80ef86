/** Organisations that can help. Each is shown as the parent would see it, and up to six go out together. */

import { button, el, Part } from "../widget/dom.js";
import { OrganisationCard } from "../widget/organisation-card.js";
import { agentCall } from "./api.js";
import { check, field, inWords, select } from "./dialog.js";
import { NATION } from "./labels.js";

const MOST = 6;
const WAIT = 250;

export class Directory extends Part {
  #chosen = new Map(); // id -> name
  #asked = 0;

  constructor(client, words) {
    super();
    Object.assign(this, { client, words });
    this.search = el("input", { type: "search", autocomplete: "off", maxlength: "200" });
    this.first = this.search;
    this.nation = select([["", "Any nation"], ...Object.entries(NATION)]);
    this.list = el("ul", { class: "found" });
    this.said = el("p", { class: "quiet", role: "status" });
    this.text = el("textarea", { rows: "2" });
    this.send = button("Send cards", { class: "main-button", sign: "send" });
    this.chosen = el("p", { class: "quiet", role: "status" });
    this.foot = el("div", { class: "send-box" }, this.chosen, field("Your words with the cards (if you like)", this.text), this.send);
    this.append(field("Search organisations", this.search), field("Nation", this.nation), this.said, this.list, this.foot);
  }

  wire(signal) {
    const later = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#find(), WAIT);
    };
    this.search.addEventListener("input", later, { signal });
    this.nation.addEventListener("change", () => this.#find(), { signal });
    this.send.addEventListener("click", () => this.#send(), { signal });
  }

  show({ card, ref }) {
    this.own = this.client.isOwn(ref);
    if (ref !== this.ref && card) {
      this.ref = ref;
      this.spoken = card.lang;
      this.nation.value = card.nation ?? "";
      this.#chosen.clear();
      this.text.value = "";
      this.#find();
    }
    this.#showChosen();
  }

  async #find() {
    const asked = ++this.#asked;
    try {
      const { organisations } = await agentCall("GET", "/directory", { query: { words: this.search.value, nation: this.nation.value, lang: this.spoken } });
      if (asked !== this.#asked) return;
      this.list.replaceChildren(...organisations.map((one) => this.#row(one)));
      this.said.textContent = organisations.length ? `Found: ${organisations.length}` : "Nothing in the directory has all these words.";
    } catch (problem) {
      if (asked === this.#asked) this.said.textContent = inWords(problem);
    }
  }

  #row(organisation) {
    const { id, name } = organisation;
    const { input, row } = check(`Choose ${name}`, this.#chosen.has(id));
    input.addEventListener("change", () => {
      if (input.checked && this.#chosen.size >= MOST) input.checked = false;
      else if (input.checked) this.#chosen.set(id, name);
      else this.#chosen.delete(id);
      this.#showChosen();
    });
    return el("li", {}, row, new OrganisationCard(organisation, this.words));
  }

  #showChosen() {
    const count = this.#chosen.size;
    const names = [...this.#chosen.values()].join(", ");
    const said = !this.own ? "Cards can be sent once the conversation is yours." : count ? `Chosen (${count} of ${MOST}): ${names}` : "Choose one or more to send.";
    if (this.chosen.textContent !== said) this.chosen.textContent = said;
    this.send.setAttribute("aria-disabled", String(!this.own || !count));
  }

  #send() {
    if (this.send.getAttribute("aria-disabled") === "true") return;
    this.client.sendOrganisations(this.ref, [...this.#chosen.keys()], this.text.value.trim(), [...this.#chosen.values()]);
    this.#chosen.clear();
    this.text.value = "";
    for (const input of this.list.querySelectorAll("input:checked")) input.checked = false;
    this.#showChosen();
    this.ask("pane", "talk");
  }
}
