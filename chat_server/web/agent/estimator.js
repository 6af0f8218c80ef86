/** The statutory sum beside the conversation: worked out first for the agent alone, then sent if it was asked for. */

import { button, el, Part } from "../widget/dom.js";
import { EstimateCard } from "../widget/estimate-card.js";
import { call } from "./api.js";
import { check, field, inWords, select } from "./dialog.js";

const PERIODS = [["year", "a year"], ["month", "a month"], ["four_weeks", "every four weeks"], ["week", "a week"]];
const BENEFITS = [["", "Not said"], ["none", "None"], ["own_list", "On the flat rate list"], ["means_tested", "Means-tested"]];
const NIL = [["", "None of these"], ["child", "Under 16, or in non-advanced education"], ["prisoner", "In prison"], ["aged_16_17_on_benefit", "16 or 17, on a benefit"], ["youth_training", "In youth training"], ["care_home_on_benefit", "In a care home, on a benefit"]];
const COLLECTION = [["none", "Parents pay each other"], ["direct_pay", "Direct Pay"], ["collect_and_pay", "Collect and Pay"]];
const number = (attributes) => el("input", { type: "text", inputmode: "numeric", autocomplete: "off", ...attributes });

export class Estimator extends Part {
  constructor(client, words) {
    super();
    Object.assign(this, { client, words });
    this.income = new Money("Income of the paying parent, before tax", "Leave it empty if it is not known.");
    this.first = this.income.amount;
    this.pension = new Money("Pension contributions (if any)");
    this.homes = el("div", { class: "homes" });
    this.more = button("Add another receiving parent", { class: "small-button" });
    this.others = number();
    this.private = number();
    this.benefit = select(BENEFITS);
    this.partner = check("Partner has a means-tested benefit");
    this.partnerPays = check("That partner pays maintenance too");
    this.nil = select(NIL);
    this.collection = select(COLLECTION);
    this.historic = new Money("Income of the last tax year, as HMRC has it (if known)");
    this.wrong = el("p", { class: "wrong", role: "alert" });
    this.shown = el("div", { class: "estimate-shown" });
    this.send = button("Send as a card", { class: "main-button", sign: "send" });
    this.said = el("p", { class: "quiet" });
    this.form = el("form", { novalidate: true },
      this.income.node, this.homes, this.more,
      field("Other children at the paying parent’s home", this.others), field("Children supported by another arrangement", this.private),
      el("details", {}, el("summary", {}, "Pension, benefits, fees"), this.pension.node, this.historic.node,
        field("Benefit of the paying parent", this.benefit), this.partner.row, this.partnerPays.row, field("Special situation", this.nil), field("How it is paid", this.collection)),
      this.wrong, button("Work it out", { type: "submit", class: "small-button" }));
    this.append(el("p", { class: "hint" }, "Only when the parent asks. What you work out here, nobody else sees until you send it."), this.form,
      el("section", { "aria-label": "The estimate", "aria-live": "polite" }, this.shown), this.said, this.send);
    this.#addHome();
    this.send.hidden = true;
  }

  wire(signal) {
    this.more.addEventListener("click", () => this.#addHome().focus(), { signal });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#work();
    }, { signal });
    this.form.addEventListener("input", () => this.#forget(), { signal });
    this.send.addEventListener("click", () => this.#send(), { signal });
  }

  show({ ref }) {
    if (this.ref !== undefined && ref !== this.ref) this.#clear(); // nobody's figures stay for another family
    this.ref = ref;
    this.own = this.client.isOwn(ref);
    this.said.textContent = this.household && !this.own ? "It can be sent once the conversation is yours." : "";
    this.send.hidden = !this.household || !this.own;
  }

  #clear() {
    this.form.reset();
    this.homes.replaceChildren();
    this.#addHome();
    this.#forget();
  }

  #addHome() {
    const letter = String.fromCharCode(65 + this.homes.children.length);
    const name = el("input", { type: "text", maxlength: "40", value: letter, autocomplete: "off" });
    const children = number({ value: "1" });
    const nights = number();
    const equal = check("All care, not only nights, is equal");
    const node = el("fieldset", { class: "home" }, el("legend", {}, `Receiving parent ${letter}`),
      el("div", { class: "pair" }, field("Name on the card", name), field("Children", children)),
      field("Nights a year with the paying parent", nights, "One number for all children, or one for each: 104, 52."), equal.row);
    node.inputs = { name, children, nights, equal: equal.input };
    this.homes.append(node);
    return name;
  }

  #household() {
    const said = {
      income: this.income.value, receiving_parents: [...this.homes.children].map(homeInput), pension: this.pension.value, historic_income: this.historic.value,
      other_children_at_home: whole(this.others, "other_children_at_home"), privately_maintained_children: whole(this.private, "privately_maintained_children"),
      benefit: this.benefit.value || null, nil_reason: this.nil.value || null, collection: this.collection.value,
      partner_means_tested_benefit: this.partner.input.checked, partner_is_paying_parent: this.partnerPays.input.checked,
    };
    return Object.fromEntries(Object.entries(said).filter(([name, value]) => name === "income" || value !== null));
  }

  async #work() {
    this.#forget();
    try {
      const household = this.#household();
      const estimate = await call("POST", "/api/estimate", { body: household });
      this.household = household;
      this.shown.replaceChildren(new EstimateCard(estimate, this.words));
      this.show({ ref: this.ref });
    } catch (problem) {
      this.wrong.textContent = problem.field ? `${NAMES[problem.field.split(/[.[]/)[0]] ?? problem.field}: ${inWords(problem)}` : inWords(problem);
    }
  }

  #forget() {
    this.household = null;
    this.shown.replaceChildren();
    this.wrong.textContent = "";
    this.send.hidden = true;
  }

  #send() {
    if (!this.household || !this.own) return;
    this.client.sendEstimate(this.ref, this.household);
    this.#forget();
    this.ask("pane", "talk");
  }
}

const NAMES = {
  income: "Income", receiving_parents: "Receiving parents", pension: "Pension", historic_income: "Income of the last tax year",
  other_children_at_home: "Other children at home", privately_maintained_children: "Children supported by another arrangement",
};

/** An amount with its period; empty means not known. */
class Money {
  constructor(label, hint = null) {
    this.amount = el("input", { type: "text", inputmode: "decimal", autocomplete: "off" });
    this.period = select(PERIODS, "year", { "aria-label": `${label}: for which time` });
    this.node = el("div", { class: "money" }, field(label, this.amount, hint), this.period);
  }

  get value() {
    const amount = this.amount.value.replace(/[£,\s]/g, "");
    return amount ? { amount, period: this.period.value } : null;
  }
}

function whole(input, name) {
  const text = input.value.trim();
  if (!text) return null;
  if (!/^\d{1,3}$/.test(text)) throw new Error(`${NAMES[name] ?? name}: give a whole number`);
  return Number(text);
}

/** One number of nights stands for every child; several stand for one child each. */
function homeInput({ inputs }) {
  const count = whole(inputs.children, "receiving_parents");
  const nights = inputs.nights.value.split(/[,;\s]+/).filter(Boolean);
  if (!count) throw new Error("Receiving parents: how many children live there?");
  if (nights.some((one) => !/^\d{1,3}$/.test(one))) throw new Error("Nights a year: give whole numbers, such as 104");
  if (nights.length > 1 && nights.length !== count) throw new Error("Nights a year: one number for all children, or one for each");
  const children = Array.from({ length: Math.min(count, 21) }, (_, at) => ({
    ...(nights.length ? { nights_per_year: Number(nights[at] ?? nights[0]) } : {}), ...(inputs.equal.checked ? { equal_care: true } : {}),
  }));
  return { name: inputs.name.value.trim() || null, children };
}
