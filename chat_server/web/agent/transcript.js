/** What was said, drawn once and kept up. Who speaks is said in words and by a sign; markup is text. */

import { button, el, freshId, icon, link, paragraphs, Part } from "../widget/dom.js";
import { EstimateCard } from "../widget/estimate-card.js";
import { organisationList } from "../widget/organisation-card.js";
import { keep } from "./keyed.js";
import { clock, DANGER, STATE, topicLabel } from "./labels.js";

const NEAR_THE_END = 80;
const SIGN = { parent: "chat", assistant: "assistant", agent: "person", service: "queue" };

export class Transcript extends Part {
  #ref = null;
  #stays = true; // at the end, also when the room changes

  constructor(client, words) {
    super();
    Object.assign(this, { client, words });
    this.list = el("div", { class: "log", role: "log", "aria-label": "Conversation", tabindex: "0", "aria-relevant": "additions" });
    this.lower = button("New messages", { class: "to-end", sign: "minimise", hidden: true });
    this.append(this.list, this.lower);
  }

  wire(signal) {
    this.lower.addEventListener("click", () => this.toEnd(), { signal });
    this.list.addEventListener("scroll", () => {
      this.#stays = this.#atEnd();
      if (this.#stays) this.#news(false);
    }, { signal, passive: true });
    const sizes = new ResizeObserver(() => this.#stays && this.toEnd());
    sizes.observe(this.list);
    signal.addEventListener("abort", () => sizes.disconnect());
  }

  show(talk) {
    const other = talk.ref !== this.#ref;
    if (other) this.#begin(talk.ref);
    const wasAtEnd = other || this.#stays;
    const added = keep(this.list, lines(talk), {
      key: (line) => line.key,
      make: (line) => this.#draw(line, talk),
      update: (node, line) => this.#fate(node, line, talk),
    });
    if (!added.length) return;
    if (wasAtEnd || added.at(-1).dataset.from === "agent") this.toEnd();
    else this.#news(true);
  }

  /** Go to a message, and let whoever cannot see it move hear which one it is. */
  goTo(seq) {
    const node = this.list.querySelector(`[data-seq="${seq}"]`);
    if (!node) return false;
    for (const one of this.list.querySelectorAll("[data-pointed]")) one.removeAttribute("data-pointed");
    node.dataset.pointed = "";
    node.setAttribute("tabindex", "-1");
    node.focus({ preventScroll: true });
    node.scrollIntoView({ block: "center" });
    return true;
  }

  toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
    this.#stays = true;
    this.#news(false);
  }

  #begin(ref) {
    this.#ref = ref;
    this.list.replaceChildren();
    this.list.setAttribute("aria-live", "off");
    setTimeout(() => this.list.removeAttribute("aria-live"), 300);
  }

  #news(there) {
    this.lower.hidden = !there;
  }

  #atEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.list;
    return scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
  }

  #draw(line, talk) {
    const node = (DRAW[line.type] ?? DRAW.other)(line, this.words, talk);
    node.dataset.from = line.from ?? "service";
    if (line.seq) node.dataset.seq = line.seq;
    return node;
  }

  /** What became of an own message; nothing else of a line ever changes. */
  #fate(node, line, talk) {
    const shown = node.querySelector(".fate");
    if (!shown) return;
    const fate = line.type === "outgoing" ? line.fate : line.seq <= talk.parentReadTo ? "seen" : "sent";
    const mark = `${fate} ${line.reason ?? ""}`;
    if (shown.dataset.mark === mark) return;
    shown.dataset.mark = mark;
    shown.dataset.fate = fate;
    shown.replaceChildren(fate === "failed" || fate === "overdue" ? icon("alert") : "", el("span", {}, FATE[fate], line.reason && fate === "failed" ? ` ${sentence(line.reason)}` : ""));
    if (fate !== "failed") return;
    for (const [label, what] of [["Try again", "again"], ["Take it back", "take-back"]]) {
      const one = button(label, { class: "small-button" });
      one.addEventListener("click", () => this.ask(what, line.id));
      shown.append(one);
    }
  }
}

const FATE = {
  sending: "Sending", held: "Waiting to be sent. It goes by itself.", overdue: "Not confirmed yet. It is sent again by itself.",
  sent: "Sent", seen: "Seen by the parent", failed: "Not sent.",
};

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

function lines(talk) {
  return [
    ...talk.entries.map((entry) => ({ ...entry, key: `s${entry.seq}` })),
    ...talk.outgoing.map((one) => ({ ...one, type: "outgoing", from: "agent", key: `m${one.id}` })),
  ];
}

const speaker = (from, name, at) => el("p", { class: "speaker" }, icon(SIGN[from] ?? "queue"), el("strong", {}, name), at ? el("time", { datetime: at }, clock(at)) : "");

const NAME = { parent: "Parent", assistant: "Automatic assistant", service: "Service notice" };

const DRAW = {
  message(line, words) {
    const { from } = line;
    const name = from === "agent" ? `${line.name ?? "Agent"} (agent)` : NAME[from];
    return el("article", { class: "line" },
      speaker(from, name, line.at),
      el("div", { class: "bubble", lang: line.lang && line.lang !== "en" ? line.lang : null },
        line.choice ? el("p", { class: "chose" }, "Chose: ", el("span", {}, line.text)) : paragraphs(line.text, { links: from !== "parent" }),
        sources(line)),
      line.estimate ? new EstimateCard(line.estimate, words) : "",
      organisationList(line.organisations, words),
      line.choices?.length ? el("p", { class: "offered" }, `Could choose: ${line.choices.map((one) => one.label).join(" · ")}`) : "",
      line.cut ? el("p", { class: "offered" }, "The message was longer; the first part was kept.") : "",
      from === "agent" ? el("p", { class: "fate" }) : "");
  },

  outgoing: (line) => el("article", { class: "line" }, speaker("agent", "You", line.at), el("div", { class: "bubble" }, paragraphs(line.text)), el("div", { class: "fate" })),

  urgent(line, words) {
    const id = freshId("help");
    return el("article", { class: "line danger-line", "aria-labelledby": id },
      el("p", { class: "speaker", id }, icon("alert"), el("strong", {}, `Emergency help was shown: ${(DANGER[line.kind] ?? line.kind).toLowerCase()}`), el("time", { datetime: line.at }, clock(line.at))),
      el("details", {}, el("summary", {}, "What the parent was shown"), paragraphs(line.text), organisationList(line.organisations, words)));
  },

  state: (line) => change(line, stateInWords(line)),
  hidden: (line) => change(line, "The parent left the page quickly"),
  preferred: (line) => change(line, "The parent changed a preference"),
  rated: (line) => change(line, "The parent rated the chat"),
  other: (line) => change(line, line.type),
};

const change = (line, text) => el("p", { class: "change" }, el("span", {}, `${text}, ${clock(line.at)}`));

const REASON = {
  lease_lost: "the agent was lost", released: "given back to the queue", returned: "given back to the assistant", ended: "the parent ended it",
  danger: "possible danger", transferred: "transferred", wrap_up_expired: "the time to wrap up was over", reopened: "the parent came back",
  danger_lifted: "a danger mark was taken off", claimed: null, wrapped: null, recorded: "the outcome is recorded",
};

function stateInWords({ state, owner, reason, topic }) {
  if (reason === "danger_lifted") return "A danger mark was taken off";
  const why = reason in REASON ? REASON[reason] : reason?.includes(".") ? topicLabel(reason).toLowerCase() : null;
  const what = state === "agent" ? `${owner} has the conversation` : state === "queued" && topic ? `${STATE.queued}: ${topicLabel(topic).toLowerCase()}` : STATE[state];
  return why ? `${what} (${why})` : what;
}

function sources({ sources: named }) {
  if (!named?.length) return "";
  return el("details", { class: "sources" }, el("summary", {}, "Sources"),
    el("ul", {}, ...named.map(({ title, url, as_of: asOf }) => el("li", {}, link(url, title), asOf ? ` (${asOf})` : ""))));
}
