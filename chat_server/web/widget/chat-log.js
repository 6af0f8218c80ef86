/**
 * The conversation on screen. Draws what changed and leaves the rest, so that only new messages are announced and
 * nobody loses their place or their focus.
 */

import { el, Part, signButton } from "./dom.js";
import { choices, fate, view } from "./message-view.js";

const NEAR_THE_END = 80;
const ABOVE = 12;

export class ChatLog extends Part {
  #drawn = new Map(); // key -> {mark, node}
  lines = [];

  constructor(words) {
    super();
    this.words = words;
    this.className = "log-frame";
    this.list = el("div", { class: "log", role: "log", "aria-label": words.say("log"), "aria-relevant": "additions", tabindex: "0" });
    this.lower = signButton(words.say("log.end"), "minimise", { class: "log-end", hidden: true });
    this.append(this.list, this.lower);
  }

  wire(signal) {
    this.lower.addEventListener("click", () => this.toEnd(), { signal });
    this.list.addEventListener("scroll", () => this.#offerEnd(), { signal, passive: true });
    this.list.addEventListener("focusout", () => this.#clearUsed(), { signal });
  }

  /** Draw the lines. `quiet`: they are old, and nobody needs to hear them again. */
  show(lines, { readTo = 0, quiet = false } = {}) {
    const wasAtEnd = this.#atEnd();
    const own = lines.at(-1)?.kind === "outgoing" && !this.#drawn.has(lines.at(-1).key);
    if (quiet) this.list.setAttribute("aria-live", "off");
    const added = this.#draw(lines, readTo);
    if (quiet) requestAnimationFrame(() => requestAnimationFrame(() => this.list.removeAttribute("aria-live")));
    this.lines = lines;
    if (quiet) this.settle();
    else if (added && (wasAtEnd || own)) this.#startAt(added);
    else if (added) this.#offerEnd(true);
    else if (wasAtEnd) this.toEnd();
    return added !== null;
  }

  clear() {
    this.#drawn.clear();
    this.lines = [];
    this.list.replaceChildren();
    this.lower.hidden = true;
  }

  /** Go to where a parent who comes back wants to read on: what came after their last words. */
  settle() {
    const at = this.lines.findLastIndex((entry) => entry.kind === "outgoing" || entry.from === "parent");
    const next = this.lines[at + 1] ?? this.lines.at(-1);
    if (next) this.#startAt(this.#drawn.get(next.key).node);
  }

  toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
    this.#offerEnd();
  }

  /** Scroll on to this line, and no further than its beginning, nor past urgent help that was not yet answered. */
  #startAt(node) {
    const urgent = [...this.list.querySelectorAll('[data-from="parent"], .urgent')].at(-1);
    const first = urgent?.matches(".urgent") ? Math.min(urgent.offsetTop, node?.offsetTop ?? Infinity) : (node?.offsetTop ?? 0);
    this.list.scrollTop = Math.max(0, first - this.list.offsetTop - ABOVE);
    this.#offerEnd();
  }

  /** A way to the end for those who are not there, marked when something new came. */
  #offerEnd(news = this.lower.hasAttribute("data-news")) {
    this.lower.hidden = this.#atEnd();
    const marked = news && !this.lower.hidden;
    this.lower.toggleAttribute("data-news", marked);
    const label = this.words.say(marked ? "log.new" : "log.end");
    if (this.lower.title === label) return;
    this.lower.title = label;
    this.lower.setAttribute("aria-label", label);
  }

  #atEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.list;
    return scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
  }

  #draw(lines, readTo) {
    const context = { words: this.words, readTo, ask: (what, detail) => this.ask(what, detail) };
    const keys = new Set(lines.map((entry) => entry.key));
    for (const [key, { node }] of this.#drawn) {
      if (keys.has(key)) continue;
      node.remove();
      this.#drawn.delete(key);
    }
    let added = null;
    let before = null;
    for (const entry of lines) {
      const mark = this.#mark(entry, readTo);
      const known = this.#drawn.get(entry.key);
      const node = known?.node ?? view(entry, context);
      if (!known) added ??= node;
      else if (known.mark !== mark) this.#update(node, entry, context);
      this.#drawn.set(entry.key, { mark, node });
      const place = before ? before.nextSibling : this.list.firstChild;
      if (place !== node) this.list.insertBefore(node, place);
      before = node;
    }
    return added;
  }

  /** What can change in a line after it was drawn. */
  #mark(entry, readTo) {
    return [entry.live, entry.fate, entry.code, entry.cut, entry.from === "parent" && readTo >= entry.seq].join();
  }

  /** Change only the choices and the fate of a line: what was read out once is not touched. */
  #update(node, entry, context) {
    const focused = this.getRootNode().activeElement;
    const offered = node.querySelector(".choices");
    if (offered && !entry.live && offered.contains(focused)) this.#keepUsed(offered, focused);
    else if (offered && !entry.live) offered.remove();
    else if (!offered && entry.live && entry.kind !== "greeting") node.append(choices(entry, context));
    const shown = node.querySelector(".fate");
    if (!shown) return;
    const held = shown.contains(focused);
    shown.replaceWith(fate(entry, context));
    if (held) this.list.focus({ preventScroll: true });
  }

  /** The choice that was taken keeps the focus until the parent moves on. */
  #keepUsed(offered, taken) {
    offered.dataset.used = "";
    for (const one of offered.children) {
      one.hidden = one !== taken;
      one.setAttribute("aria-disabled", "true");
    }
  }

  #clearUsed() {
    for (const used of this.list.querySelectorAll(".choices[data-used]")) used.remove();
  }
}
