/** Private notes of a conversation. They reach no parent: not their screen, not their copy. */

import { button, el, Part } from "../widget/dom.js";
import { field, inWords } from "./dialog.js";
import { keep } from "./keyed.js";
import { notes as kept } from "./kept.js";
import { clock } from "./labels.js";

export class Notes extends Part {
  ref = null;

  constructor(client) {
    super();
    this.client = client;
    this.list = el("ul", { class: "notes" });
    this.none = el("p", { class: "quiet" }, "No notes yet.");
    this.box = el("textarea", { rows: "3", maxlength: client.limits.note_max });
    this.first = this.box;
    this.wrong = el("p", { class: "wrong", role: "alert" });
    this.form = el("form", { class: "note-form" }, field("New private note", this.box, "For colleagues. The parent never sees it."), this.wrong,
      button("Keep the note", { type: "submit", class: "small-button" }));
    this.append(el("p", { class: "private" }, "Private: the parent never sees these."), this.list, this.none, this.form);
  }

  wire(signal) {
    this.box.addEventListener("input", () => kept.write(this.ref, this.box.value), { signal });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#add();
    }, { signal });
  }

  show({ card, ref }) {
    if (ref !== this.ref) {
      this.ref = ref;
      this.list.replaceChildren();
      this.box.value = kept.read(ref);
      this.wrong.textContent = "";
    }
    keep(this.list, card?.notes ?? [], {
      key: (note) => note.note,
      make: ({ at, by, text }) => el("li", {}, el("p", { class: "note-by" }, el("strong", {}, by), " ", el("time", { datetime: at }, clock(at))), el("p", { class: "note-text" }, text)),
    });
    this.none.hidden = Boolean(card?.notes.length);
  }

  async #add() {
    const { ref } = this;
    const text = this.box.value;
    if (!text.trim() || this.adding) return;
    this.adding = true;
    this.wrong.textContent = "";
    try {
      await this.client.act("note", ref, { text });
      kept.write(ref, "");
      if (ref === this.ref && this.box.value === text) this.box.value = "";
    } catch (problem) {
      this.wrong.textContent = inWords(problem);
    }
    this.adding = false;
  }
}
