/** A button that opens a short list of acts. Escape, a click elsewhere, or leaving it closes the list. */

import { button, el, freshId, Part } from "../widget/dom.js";

export class Menu extends Part {
  /** `items` are buttons; `attributes` are those of the button that opens the list. */
  constructor(label, items, attributes = {}) {
    super();
    const id = freshId("menu");
    this.opener = button(label, { sign: "minimise", "aria-expanded": "false", "aria-controls": id, ...attributes });
    this.items = el("div", { class: "menu-items", id, hidden: true }, ...items);
    this.append(this.opener, this.items);
  }

  wire(signal) {
    const on = { signal };
    this.opener.addEventListener("click", () => this.open(this.items.hidden), on);
    this.items.addEventListener("click", () => this.open(false), on);
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.items.hidden) return;
      event.preventDefault();
      event.stopPropagation();
      this.open(false);
      this.opener.focus();
    }, on);
    this.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.contains(relatedTarget)) this.open(false);
    }, on);
    document.addEventListener("pointerdown", ({ target }) => {
      if (!this.contains(target)) this.open(false);
    }, on);
  }

  open(wanted) {
    this.items.hidden = !wanted;
    this.opener.setAttribute("aria-expanded", String(wanted));
  }
}
