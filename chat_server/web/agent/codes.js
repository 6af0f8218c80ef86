/** Codes of an app beside the password: switching them on, with a first code, and off. */

import { el } from "../widget/dom.js";
import { agentCall } from "./api.js";
import { dialog, field } from "./dialog.js";

const password = () => el("input", { type: "password", autocomplete: "current-password" });
const code = () => el("input", { type: "text", autocomplete: "one-time-code", maxlength: "100", spellcheck: "false" });

export async function askCodes(desk) {
  let state;
  try {
    state = await agentCall("GET", "/totp");
  } catch (problem) {
    desk.say(problem.message);
    return;
  }
  if (state.on) await switchOff(state.recovery_codes_left);
  else await switchOn();
}

async function switchOn() {
  const own = password();
  let made = null;
  await dialog({
    title: "Codes of an app", submit: "Go on",
    content: [el("p", {}, "An app on your phone then makes a code for each sign-in, asked for after the password."), field("Password now", own)],
    act: async () => {
      made = await agentCall("POST", "/totp", { body: { password: own.value } });
    },
  });
  if (!made) return;
  const first = code();
  let kept = null;
  await dialog({
    title: "Tell your app", submit: "Switch codes on",
    content: [
      el("p", {}, "Read the picture with your app, or type this into it:"), el("p", {}, el("kbd", {}, made.secret)),
      el("img", { src: made.picture, alt: "The same as a picture for your app", class: "code-picture" }), field("The code that it shows", first),
    ],
    act: async () => {
      kept = (await agentCall("PUT", "/totp", { body: { code: first.value.trim() } })).recovery_codes;
    },
  });
  if (!kept) return;
  await dialog({
    title: "Recovery codes",
    content: [
      el("p", {}, "Keep these where only you find them. Each lets you in once without the phone. They are shown this once."),
      el("ul", { class: "recovery" }, ...kept.map((one) => el("li", {}, el("kbd", {}, one)))),
    ],
  });
}

function switchOff(left) {
  const own = password();
  const last = code();
  return dialog({
    title: "Codes of an app", submit: "Switch codes off", danger: true,
    content: [el("p", {}, `Codes are on. Recovery codes left: ${left}.`), field("Password now", own), field("A code of the app, or a recovery code", last)],
    act: () => agentCall("POST", "/totp/off", { body: { password: own.value, code: last.value.trim() } }),
  });
}
