/** A question in front of the page: a heading, fields, one act. It says in words when the act was refused. */

import { button, el, freshId } from "../widget/dom.js";

/**
 * Ask, and act on the answer. `act(form)` may return a promise; when it fails the dialogue stays open with the reason.
 * `submit` null makes a dialogue that only shows something. Resolves when it is closed.
 */
export function dialog({ title, content = [], submit = null, danger = false, wide = false, act = () => {} }) {
  const id = freshId("dialog");
  const wrong = el("p", { class: "wrong", role: "alert" });
  const close = button(submit === null ? "Close" : "Cancel");
  const go = submit === null ? null : button(submit, { type: "submit", class: danger ? "main-button danger" : "main-button" });
  const form = el("form", { method: "dialog", novalidate: true },
    el("h2", { id, tabindex: "-1" }, title), ...content, wrong, el("div", { class: "dialog-foot" }, go, close));
  const node = el("dialog", { "aria-labelledby": id, class: wide ? "wide" : null }, form);
  close.addEventListener("click", () => node.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!go || go.getAttribute("aria-disabled") === "true") return;
    go.setAttribute("aria-disabled", "true");
    wrong.textContent = "";
    try {
      const again = await act(form);
      if (again !== false) node.close();
    } catch (problem) {
      wrong.textContent = inWords(problem);
    }
    go.removeAttribute("aria-disabled");
  });
  document.body.append(node);
  const from = document.activeElement;
  node.showModal();
  return new Promise((resolve) => {
    node.addEventListener("close", () => {
      node.remove();
      if (from?.isConnected && from.checkVisibility()) from.focus();
      else document.querySelector('main:not([hidden]) [tabindex="-1"]')?.focus();
      resolve();
    });
  });
}

/** Why something was refused, as a sentence. */
export function inWords(problem) {
  const said = {
    taken: `${problem.message}. You were a moment too late.`,
    stale: "The conversation has changed in the meantime. Look again, then decide.",
    not_found: "It is not here any more: somebody else has it, or it has ended.",
  }[problem.code] ?? problem.message ?? "That did not work.";
  return `${said[0].toUpperCase()}${said.slice(1)}${/[.!?]$/.test(said) ? "" : "."}`;
}

/** A field with its label, and a hint where one helps. */
export function field(label, input, hint = null) {
  input.id ||= freshId("field");
  if (hint) input.setAttribute("aria-describedby", `${input.id}-hint`);
  return el("div", { class: "field" }, el("label", { for: input.id }, label), hint ? el("p", { class: "hint", id: `${input.id}-hint` }, hint) : "", input);
}

/** One choice of several; `options` are pairs of value and label. `option` makes another for its `list`. */
export function radios(legend, name, options, chosen = null) {
  const group = freshId(name);
  const option = (value, label) => {
    const input = el("input", { type: "radio", name: group, value, id: freshId("radio"), checked: value === chosen });
    return el("div", { class: "radio" }, input, el("label", { for: input.id }, label));
  };
  const list = el("div", {}, ...options.map(([value, label]) => option(value, label)));
  return Object.assign(el("fieldset", {}, el("legend", {}, legend), list), { list, option });
}

export const picked = (fieldset) => fieldset.querySelector("input:checked")?.value ?? null;

export function select(options, chosen = null, attributes = {}) {
  return el("select", attributes, ...options.map(([value, label]) => el("option", { value, selected: value === chosen }, label)));
}

export function check(label, checked = false) {
  const input = el("input", { type: "checkbox", id: freshId("check"), checked });
  const row = el("div", { class: "check" }, input, el("label", { for: input.id }, label));
  return { input, row };
}
