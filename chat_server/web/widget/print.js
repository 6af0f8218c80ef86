/** The parent's copy on paper: for the time of printing, the page is the conversation with its reference and times. */

import { el } from "./dom.js";
import { lines } from "./conversation.js";

export async function printConversation(client, words) {
  const style = el("link", { rel: "stylesheet", href: `${client.origin}/web/widget/print.css` });
  await new Promise((ready) => {
    style.addEventListener("load", ready);
    style.addEventListener("error", ready);
    document.head.append(style);
  });
  const paper = el("div", { class: "options-chat-paper", lang: words.lang },
    el("h1", {}, words.say("title")),
    el("p", {}, words.say("copy.reference"), " ", client.conversation.reference),
    ...lines(client.conversation).filter((entry) => entry.text).map((entry) => el("section", {},
      el("h2", {}, speaker(entry, words), " ", entry.at ? new Date(entry.at).toLocaleString("en-GB") : ""),
      el("p", {}, entry.text),
      ...(entry.estimate ? onPaper(entry.estimate, words) : []),
      ...(entry.organisations ?? []).map((one) => el("p", {}, [one.name, one.phone, one.text, one.website, one.hours].filter(Boolean).join(" · "))))));
  document.body.append(paper);
  const tidy = () => {
    paper.remove();
    style.remove();
  };
  window.addEventListener("afterprint", tidy, { once: true });
  window.print();
}

/** The estimate with every step: safety first where it was called for, and what else is open beside the figure. */
function onPaper(estimate, words) {
  const say = (key) => words.say(`estimate.${key}`);
  const part = (key, lines) => (lines?.length ? [el("h3", {}, say(key)), ...lines.map((line) => el("p", {}, line))] : []);
  return [
    el("p", {}, estimate.safety ?? ""),
    el("p", {}, `${say("formula")}: ${words.money(estimate.weekly)} ${say("a_week")}`),
    el("p", {}, estimate.options ?? ""),
    ...part("steps", estimate.steps?.map((step) => step.text)),
    ...part("assumptions", estimate.assumptions),
    ...part("could_change", estimate.could_change),
  ];
}

function speaker(entry, words) {
  if (entry.kind === "urgent") return words.say("urgent.title");
  const from = entry.kind === "outgoing" ? "parent" : entry.from;
  return words.say(`from.${from}`, { name: entry.name ?? words.say("from.someone") });
}
