/** What to know before the first line, made only of what was said. Each line leads to its message. */

import { button, el, Part } from "../widget/dom.js";
import { DANGER, NATION, topicLabel } from "./labels.js";

const TITLE = {
  danger: "Possible danger", safe_contact: "Safe contact", worry: "Worry, in their words", topic: "Topic", nation: "Lives in",
  role: "Role, as stated", offered: "Already offered", refused: "Did not want", lang: "Language",
};

export class Briefing extends Part {
  constructor(client) {
    super();
    this.client = client;
    this.list = el("dl", { class: "briefing" });
    this.append(el("p", { class: "hint" }, "Only what was said, in the parent’s own words."), this.list);
  }

  show({ card, ref }) {
    const mark = JSON.stringify([ref, card?.briefing]);
    if (mark === this.mark) return;
    this.mark = mark;
    const groups = groupBy(card?.briefing ?? []);
    this.list.replaceChildren(...[...groups].map(([kind, lines]) => el("div", { "data-kind": kind }, el("dt", {}, TITLE[kind] ?? kind), ...lines.map((line) => this.#line(line)))));
    if (!groups.size) this.list.replaceChildren(el("div", {}, el("dt", {}, "Nothing was said yet")));
  }

  #line(line) {
    const to = line.seq === null ? "" : button("Go to it", { class: "link-button", "aria-label": `Go to the message: ${TITLE[line.kind] ?? line.kind}` });
    if (to) to.addEventListener("click", () => this.ask("go-to", line.seq));
    return el("dd", { "data-lifted": line.lifted || null }, ...inWords(line), to ? " " : "", to);
  }
}

function inWords(line) {
  const quoted = (text) => (text ? [el("q", {}, text)] : []);
  switch (line.kind) {
    case "danger":
      return [el("strong", {}, DANGER[line.danger] ?? line.danger), line.lifted ? " (mark taken off) " : " ", ...quoted(line.text)];
    case "safe_contact":
      return [el("span", {}, line.text), el("strong", { class: "warn" }, line.voicemail ? " Voicemail is allowed." : " No voicemail.")];
    case "topic":
      return [topicLabel(line.text)];
    case "nation":
      return [NATION[line.text] ?? line.text];
    case "lang":
      return [line.text === "cy" ? "Welsh" : line.text];
    case "offered":
      return [line.what === "estimate" ? `An estimate: ${line.text} a week` : line.text];
    default:
      return quoted(line.text);
  }
}

function groupBy(lines) {
  const groups = new Map();
  for (const line of lines) groups.set(line.kind, [...(groups.get(line.kind) ?? []), line]);
  return groups;
}
