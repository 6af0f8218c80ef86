/** The page before the desk. Every refusal is said in words; nothing tells whether an account exists. */

import { button, el, Part } from "../widget/dom.js";
import { agentCall, inWords } from "./api.js";
import { field } from "./dialog.js";

export class SignIn extends Part {
  constructor({ why = "", done }) {
    super();
    this.done = done;
    this.email = el("input", { type: "email", name: "email", autocomplete: "username", required: true, spellcheck: "false", autocapitalize: "none" });
    this.password = el("input", { type: "password", name: "password", autocomplete: "current-password", required: true });
    this.code = el("input", { type: "text", name: "code", autocomplete: "one-time-code", maxlength: "100", spellcheck: "false", autocapitalize: "none" });
    this.codeField = field("Code of your app", this.code, "Six digits. Without the phone, a recovery code.");
    this.codeField.hidden = true;
    this.organisation = el("a", { href: "/api/agent/oidc/start", hidden: true }, "Sign in with your organisation’s account");
    this.wrong = el("p", { class: "wrong", role: "alert", id: "sign-in-wrong" }, why);
    for (const input of [this.email, this.password]) input.setAttribute("aria-describedby", this.wrong.id);
    this.code.setAttribute("aria-describedby", `${this.wrong.id} ${this.code.id}-hint`);
    this.go = button("Sign in", { type: "submit", class: "main-button" });
    this.form = el("form", { class: "panel", novalidate: true },
      el("h1", {}, "Sign in to your desk"), this.wrong,
      field("Email address", this.email), field("Password", this.password), this.codeField, this.go, this.organisation,
      el("p", { class: "hint" }, "No account, or the password is lost? A supervisor can help."));
    this.append(el("main", { class: "sign-in" }, el("p", { class: "brand" }, "Child Maintenance Options"), this.form));
  }

  wire(signal) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    }, { signal });
    this.email.focus();
    agentCall("GET", "/sign-in").then(({ organisation }) => { this.organisation.hidden = !organisation; }, () => {});
  }

  async #submit() {
    if (this.go.getAttribute("aria-disabled") === "true") return;
    const missing = [this.email, this.password].find((input) => !input.value.trim());
    if (missing) {
      this.#say(missing === this.email ? "Write your email address." : "Write your password.", missing);
      return;
    }
    this.go.setAttribute("aria-disabled", "true");
    this.#say("");
    try {
      const { agent } = await agentCall("POST", "/sign-in", { body: { email: this.email.value.trim(), password: this.password.value, code: this.code.value.trim() || null } });
      this.done(agent);
    } catch (problem) {
      if (problem.field === "code") this.#askCode();
      else this.#say(reason(problem), this.password);
    }
    this.go.removeAttribute("aria-disabled");
  }

  /** The password was right; whoever has an app for codes is asked for one. */
  #askCode() {
    const again = !this.codeField.hidden && this.code.value.trim();
    this.codeField.hidden = false;
    this.#say(again ? "That code was not right, or was used before. Wait for the next one." : "Write the code that your app shows.", this.code);
  }

  #say(text, input = null) {
    this.wrong.textContent = text;
    for (const one of [this.email, this.password, this.code]) one.setAttribute("aria-invalid", String(one === input));
    input?.focus();
    input?.select();
  }
}

function reason(problem) {
  if (problem.code === "not_allowed") return "The email address or the password is wrong.";
  if (problem.code === "slow_down") return `Too many tries. Wait ${inWords(problem.retryAfterMs ?? 60_000)}, then try again.`;
  return problem.message;
}
