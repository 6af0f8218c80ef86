/**
 * An estimate: the figure of the statutory formula and, with the same weight, that parents may agree any amount.
 * Steps, assumptions, what could change it and "what if" open underneath. Where fear or control was mentioned, the safe
 * way stands first, and nothing speaks of agreeing. Needs an estimate and the interface's words, and nothing of the chat.
 */

import { el, Part } from "./dom.js";
import { whatIf } from "./what-if.js";

export class EstimateCard extends Part {
  constructor(estimate, words) {
    super();
    this.className = "estimate";
    const say = (key, blanks) => words.say(`estimate.${key}`, blanks);
    const money = (amount) => words.money(amount);
    const lang = (estimate.lang ?? "en") === words.lang ? null : (estimate.lang ?? "en");
    const opens = (title, items, list = "ul") => items?.length
      ? el("details", {}, el("summary", {}, title), el(list, { lang }, ...items.map((item) => el("li", {}, item))))
      : "";
    const { range, fees, homes = [] } = estimate;
    this.append(
      estimate.safety ? el("p", { class: "estimate-safety", lang }, estimate.safety) : "",
      el("div", { class: "estimate-pair" },
        this.#side(say("formula"), [money(estimate.weekly), say("a_week")],
          range ? say("range", { low: money(range.low), high: money(range.high) }) : estimate.rate_name, range ? null : lang),
        this.#side(say(estimate.safety ? "safe" : "agree"), estimate.safety ? [] : [say("any_amount")], estimate.options, lang)),
      el("ul", { class: "amounts" },
        estimate.monthly ? el("li", {}, say("monthly", { amount: money(estimate.monthly) })) : "",
        estimate.annual ? el("li", {}, say("annual", { amount: money(estimate.annual) })) : "",
        ...(homes.length > 1 ? homes.map((home) => el("li", {}, say("home", { name: home.name, amount: money(home.weekly) }))) : [])),
      opens(say("steps"), estimate.steps?.map((step) => step.text), "ol"),
      opens(say("assumptions"), estimate.assumptions),
      opens(say("could_change"), estimate.could_change),
      whatIf(estimate, words),
      fees && fees.paying_total !== estimate.weekly
        ? el("details", {}, el("summary", {}, say("fees")), el("p", {}, say("fees_text", {
            paying: money(fees.paying_total), receiving: money(fees.receiving_total),
          })))
        : "",
      el("p", { class: "small" }, say("as_of", { date: words.date(estimate.as_of) })),
    );
  }

  #side(title, [figure, unit], note, lang) {
    return el("div", { class: "estimate-side" },
      el("h3", {}, title),
      figure ? el("p", { class: "figure" }, el("strong", {}, figure), unit ? ` ${unit}` : "") : "",
      el("p", { lang }, note));
  }
}
