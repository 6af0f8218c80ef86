/**
 * "What if": other nights, income or children at home beside the first figure, for comparison. The service works the sum
 * out and keeps nothing of it; the conversation does not hear of it.
 */

import { button, el, freshId } from "./dom.js";

const STEPS = { year: 1000, month: 100, four_weeks: 100, week: 25 };
const NIGHTS = 26;
const MOST = { nights: 366, children: 20, income: 1e9 };

/** The rows and the answer as one element that opens; nothing where no number can change the figure. */
export function whatIf(estimate, words) {
  if (!estimate.input || estimate.input.nil_reason) return "";
  const say = (key, blanks) => words.say(`estimate.${key}`, blanks);
  const status = el("p", { role: "status" });
  const input = structuredClone(estimate.input);
  let latest = 0;

  async function compare() {
    const mine = ++latest;
    const text = await workOut(input).then((found) => difference(estimate, found, words), () => say("what_if.failed"));
    if (mine === latest) status.textContent = text;
  }

  function row(label, value, step, most, set) {
    const id = freshId("what-if");
    const field = el("input", { id, type: "number", inputmode: "decimal", min: 0, max: most, step: "any" });
    field.value = value;
    const take = () => {
      const good = field.value && field.checkValidity();
      field.setAttribute("aria-invalid", !good);
      if (good) {
        set(field.valueAsNumber);
        compare();
      } else status.textContent = say("what_if.wrong", { label, most });
    };
    const by = (change, sign, name) => {
      const one = button(sign, { "aria-label": `${label}: ${name}` });
      one.addEventListener("click", () => {
        field.value = Math.min(most, Math.max(0, (field.valueAsNumber || 0) + change));
        take();
      });
      return one;
    };
    field.addEventListener("change", take);
    return el("div", { class: "what-if" }, el("label", { for: id }, label), by(-step, "−", say("what_if.less")), field, by(step, "+", say("what_if.more")));
  }

  const money = input.income ?? { amount: "", period: "year" };
  return el("details", {}, el("summary", {}, say("what_if.title")), el("div", {},
    el("p", {}, say("what_if.note")), status,
    ...nightGroups(input).map(({ children, home }, _, { length }) =>
      row(say(length > 1 ? "what_if.nights_of" : "what_if.nights", { children: children.length, home }), between(children[0].nights_per_year, children[0].nights_per_year_up_to),
        NIGHTS, MOST.nights, (nights) => children.forEach((child) => {
          child.nights_per_year = Math.round(nights);
          delete child.nights_per_year_up_to;
        }))),
    row(say(`what_if.income.${money.period}`), money.amount && between(money.amount, money.up_to), STEPS[money.period], MOST.income, (amount) => {
      input.income = { amount: amount.toFixed(2), period: money.period };
      input.historic_income = null;
    }),
    row(say("what_if.others"), input.other_children_at_home ?? 0, 1, MOST.children, (number) => { input.other_children_at_home = Math.round(number); })));
}

/** Ask the service that this file came from. */
async function workOut(input) {
  const answer = await fetch(new URL("/api/estimate", import.meta.url), {
    method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" }, body: JSON.stringify(input),
  });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

function difference(first, found, words) {
  const pence = Math.round(found.weekly * 100) - Math.round(first.weekly * 100);
  return words.say(`estimate.what_if.${pence ? (pence > 0 ? "is_more" : "is_less") : "is_same"}`, {
    weekly: words.money(found.weekly), first: words.money(first.weekly), by: words.money((Math.abs(pence) / 100).toFixed(2)),
  });
}

/** The children who stay the same nights, home by home. */
function nightGroups(input) {
  const groups = new Map();
  for (const { name: home, children } of input.receiving_parents) {
    for (const child of children) {
      const key = `${home} ${child.nights_per_year} ${child.nights_per_year_up_to}`;
      if (!groups.has(key)) groups.set(key, { home, children: [] });
      groups.get(key).children.push(child);
    }
  }
  return [...groups.values()];
}

/** The middle of a range, as the steps use it; a number alone as it is. */
const between = (low, high) => (high == null ? Number(low ?? 0) : Math.floor((Number(low) + Number(high)) / 2));
