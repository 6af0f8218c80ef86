/** Starts the page: the sign-in, or the desk of who is signed in. */

import { EstimateCard } from "../widget/estimate-card.js";
import { OrganisationCard } from "../widget/organisation-card.js";
import { loadWords } from "../widget/words.js";
import { agentCall } from "./api.js";
import { Briefing } from "./briefing.js";
import { Canned } from "./canned.js";
import { AgentConsole } from "./console.js";
import { DeskClient } from "./desk-client.js";
import { Directory } from "./directory.js";
import { Estimator } from "./estimator.js";
import { belongTo } from "./kept.js";
import { Menu } from "./menu.js";
import { Notes } from "./notes.js";
import { Rail } from "./rail.js";
import { ReplyForm } from "./reply-form.js";
import { Side } from "./side.js";
import { SignIn } from "./sign-in.js";
import { Board, Records } from "./supervisor.js";
import { TalkView } from "./talk-view.js";
import { Transcript } from "./transcript.js";

const ELEMENTS = {
  "options-chat-organisation": OrganisationCard, "options-chat-estimate": EstimateCard,
  "desk-sign-in": SignIn, "desk-console": AgentConsole, "desk-rail": Rail, "desk-talk": TalkView, "desk-transcript": Transcript,
  "desk-reply": ReplyForm, "desk-menu": Menu, "desk-side": Side, "desk-briefing": Briefing, "desk-notes": Notes, "desk-canned": Canned,
  "desk-directory": Directory, "desk-estimator": Estimator, "desk-board": Board, "desk-records": Records,
};

for (const [name, element] of Object.entries(ELEMENTS)) customElements.define(name, element);

const place = document.getElementById("desk");
let client = null;

function signIn(why = "") {
  client?.stop();
  client = null;
  for (const open of document.querySelectorAll("dialog")) open.remove();
  document.title = "Sign in";
  place.replaceChildren(new SignIn({ why, done: (me) => desk(me) }));
}

async function desk(me) {
  const words = await loadWords("", "en");
  belongTo(me.agent);
  client = new DeskClient({ me });
  place.replaceChildren(new AgentConsole({ client, words, leave: signIn }));
}

/** Why the organisation's sign-in led back here; the address is tidied, so that a reload does not say it again. */
function whyRefused() {
  const code = new URLSearchParams(location.search).get("refused");
  if (!code) return "";
  history.replaceState(null, "", location.pathname);
  return REFUSED[code] ?? "Your organisation's sign-in did not work. Please try again.";
}

const REFUSED = {
  not_allowed: "Your organisation's account has no desk here. A supervisor can help.",
  expired: "Your organisation's sign-in took too long. Please try again.",
  unavailable: "Your organisation's sign-in cannot be reached now. Please try again, or use your password.",
};

async function start() {
  try {
    const { agent } = await agentCall("GET", "/me");
    await desk(agent);
  } catch (problem) {
    signIn(problem.code === "expired" ? whyRefused() : problem.message);
  }
}

start();
