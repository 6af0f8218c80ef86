/** One line of the conversation as an element: a message, urgent help, a change of who answers. */

import { button, el, icon, link, paragraphs } from "./dom.js";
import { EstimateCard } from "./estimate-card.js";
import { organisationList } from "./organisation-card.js";

/** The line as an element. `context` has `words`, `readTo`, and `ask(what, detail)`. */
export function view(entry, context) {
  const draw = entry.kind === "urgent" ? urgent : entry.kind === "change" ? change : entry.kind === "greeting" ? greeting : message;
  return draw(entry, context);
}

/** Who speaks, in words: nobody has to tell it from a side or a colour. */
function speaker(entry, words) {
  const from = entry.kind === "outgoing" ? "parent" : (entry.from ?? "assistant");
  if (from === "agent") return words.say("from.agent", { name: entry.name ?? words.say("from.someone") });
  return words.say(`from.${from}`);
}

function foreign(entry, words) {
  return entry.lang && entry.lang !== words.lang ? entry.lang : null;
}

function message(entry, context) {
  const { words } = context;
  const from = entry.kind === "outgoing" ? "parent" : (entry.from ?? "assistant");
  return el("div", { class: "line", "data-from": from, "data-fate": entry.fate },
    el("p", { class: "speaker" }, speaker(entry, words), entry.at ? el("time", { datetime: entry.at }, words.time(entry.at)) : ""),
    el("div", { class: "bubble", lang: foreign(entry, words) },
      paragraphs(entry.text, { links: from !== "parent" }),
      sources(entry, words)),
    entry.estimate ? new EstimateCard(entry.estimate, words) : "",
    organisationList(entry.organisations, words),
    choices(entry, context),
    from === "parent" ? fate(entry, context) : "");
}

function greeting(entry, context) {
  const { words, ask } = context;
  return el("div", { class: "line", "data-from": "assistant" },
    el("p", { class: "speaker" }, words.say("from.assistant")),
    el("div", { class: "bubble", lang: foreign(entry, words) }, paragraphs(entry.text)),
    entry.live && entry.choices?.length
      ? choiceList(words, foreign(entry, words), entry.choices.map((choice) => [choice.label, () => ask("say", choice.label)]))
      : "");
}

function urgent(entry, { words }) {
  return el("div", { class: "line urgent", "data-from": "service", "data-kind": entry.danger },
    el("h3", {}, icon("alert"), words.say("urgent.title")),
    el("div", { lang: foreign(entry, words) }, paragraphs(entry.text)),
    organisationList(entry.organisations, words));
}

function change(entry, { words }) {
  const key = entry.state === "agent" ? "change.agent" : `change.${entry.state}`;
  return el("p", { class: "change" }, el("span", {}, words.say(key, { name: entry.owner ?? "" })));
}

function sources(entry, words) {
  const named = (entry.sources ?? []).map(({ title, url, as_of: asOf }) =>
    el("span", {}, link(url, title), asOf ? ` (${words.date(asOf)})` : ""));
  if (!named.length) return "";
  return el("details", { class: "sources" }, el("summary", {}, words.say("sources")), el("ul", {}, ...named.map((one) => el("li", {}, one))));
}

/** The choices that a message offers, while they can still be taken; else null. */
export function choices(entry, { words, ask }) {
  if (!entry.live) return null;
  return choiceList(words, foreign(entry, words), entry.choices.map((choice) => [choice.label, () => ask("choose", { of: entry.seq, choice })]));
}

function choiceList(words, lang, pairs) {
  const buttons = pairs.map(([label, pick]) => {
    const one = button(label, { class: "choice", lang });
    one.addEventListener("click", () => {
      if (one.getAttribute("aria-disabled") !== "true") pick();
    });
    return one;
  });
  return el("div", { class: "choices", role: "group", "aria-label": words.say("choices") }, ...buttons);
}

/** What became of the parent's own message, and what can be done about it. Not announced: the status line does that. */
export function fate(entry, { words, readTo, ask }) {
  const what = entry.kind === "outgoing" ? entry.fate : readTo >= entry.seq ? "seen" : "sent";
  const line = el("p", {}, what === "failed" ? icon("alert") : "", words.say(`fate.${what}`));
  const row = el("div", { class: "fate", "aria-live": "off", "data-fate": what }, line);
  if (entry.cut) line.append(". ", words.say("fate.cut"));
  if (what !== "failed") return row;
  const reason = `fate.failed.${entry.code}`;
  if (words.has(reason)) line.append(" ", words.say(reason));
  else if (entry.reason) line.append(" ", entry.reason);
  if (entry.code === "too_long") return row;
  const act = (key, what) => {
    const one = button(words.say(key), { class: "small-button" });
    one.addEventListener("click", () => ask(what, entry.id));
    return one;
  };
  row.append(act("fate.again", "again"), act("fate.change", "take-back"));
  return row;
}
